"""Options of the demand stages."""

from pydantic import BaseModel, ConfigDict, Field

from layers.constants import constants


def _activity(key: str) -> float:
    return constants("spatial.demand", "activity.csv").value(key)


class DemandOptions(BaseModel):
    """What a study may set about demand; numbers with a source stand in the constants files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    density_cell_m: float = Field(default=100.0, gt=0.0, description="Cell of the demand density raster [m]")
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
