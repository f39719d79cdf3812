"""Options of the demand stages."""

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from layers.constants import constants


def _activity(key: str) -> float:
    return constants("spatial.demand", "activity.csv").value(key)


def _district(key: str) -> float:
    return constants("spatial.demand", "districts.csv").value(key)


class DemandOptions(BaseModel):
    """What a study may set about demand; numbers with a source stand in the constants files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    density_cell_m: float = Field(
        default=100.0, ge=10.0, le=1000.0, description="Cell of the demand density raster [m]"
    )
    street_reach_m: FiniteFloat = Field(
        default_factory=lambda: _district("street.reach"),
        gt=0.0,
        description="Farthest street that a parcel's demand is counted on [m]",
    )
    cluster_heat_mwh_ha: FiniteFloat = Field(
        default_factory=lambda: _district("cluster.heat"),
        gt=0.0,
        description="Heating and hot water from which on a cell belongs to a cluster of heat [MWh/(ha a)]",
    )
    cluster_cold_mwh_ha: FiniteFloat = Field(
        default_factory=lambda: _district("cluster.cold"),
        gt=0.0,
        description="Cooling from which on a cell belongs to a cluster of cold [MWh/(ha a)]",
    )
    cluster_cells_min: int = Field(
        default_factory=lambda: int(_district("cluster.cells_min")),
        ge=1,
        description="Cells below which a cluster is dropped",
    )
    metered: dict[str, FiniteFloat] = Field(
        default_factory=dict,
        description="Useful demand of all buildings in the base year as metered [MWh], by heating, cooling, hot_water, "
        "electricity (lighting, equipment, fans, lifts) or cooking; all buildings are scaled alike, the heat of "
        "their devices is not",
    )
    band_draws: int = Field(default=24, ge=10, le=256, description="Draws that the bands of demand are taken from")
    band_seed: int = Field(default=1, ge=0, le=2**31 - 1, description="Seed of those draws")
    natural_ventilation: bool = Field(default=True, description="Open windows while it is cooler outside")
    industry_value_added_per_ha: float = Field(
        default_factory=lambda: _activity("industry.value_added_per_ha"),
        ge=0.0,
        description="Value added per industrial land [million CNY/ha]",
    )
    industry_gdp_share: float = Field(
        default_factory=lambda: _activity("industry.gdp_share"),
        gt=0.0,
        le=1.0,
        description="Highest share of industrial value added in the zone's product",
    )
    truck_km_per_teu: float = Field(
        default_factory=lambda: _activity("drive.truck.km_per_teu"),
        ge=0.0,
        description="Truck distance inside the zone per TEU that goes by road [km]",
    )
