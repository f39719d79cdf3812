"""What the design of district networks may be told, with sourced defaults."""

from collections.abc import Mapping
from typing import Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from layers.constants import constants

Network = Literal["heating", "cooling"]
NETWORKS: tuple[Network, ...] = ("heating", "cooling")


def _value(key: str) -> float:
    return constants("spatial.networks", "networks.csv").value(key)


def _money(key: str) -> float:
    return constants("resources", "finance.csv").value(key)


class CarrierOptions(BaseModel):
    """What differs between the heating and the cooling network; what a study leaves out keeps its default."""

    # the defaults differ by network, so NetworkOptions fills them in and no key is required of a study
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra=lambda schema: schema.pop("required", None)
    )

    density_min_kwh_m2: float = Field(
        ge=0.0, description="least useful demand per parcel land to be considered [kWh/m2]"
    )
    supply_c: float = Field(gt=0.0, lt=180.0, description="supply temperature [C]")
    return_c: float = Field(gt=0.0, lt=180.0, description="return temperature [C]")
    diversity_limit: float = Field(
        gt=0.0, le=1.0, description="peak of very many consumers over the sum of their peaks"
    )
    diversity_range: float = Field(ge=0.0, le=1.0, description="what is added to that limit for few consumers")
    hours_a: float = Field(ge=0.0, le=8760.0, description="hours a year the pipes are at temperature [h/a]")
    plant_cny_kw: float = Field(ge=0.0, description="plant, per capacity [CNY/kW]")
    plant_cop: float = Field(gt=0.0, description="heat or cold per electricity of the plant")
    price_cny_kwh: float = Field(ge=0.0, description="what a building pays or avoids for heat or cold [CNY/kWh]")

    @model_validator(mode="after")
    def _some_difference(self) -> Self:
        if self.supply_c == self.return_c:
            raise ValueError("supply and return temperature must differ")
        return self

    @property
    def difference_k(self) -> float:
        """Temperature difference between supply and return [K]."""
        return abs(self.supply_c - self.return_c)

    @classmethod
    def standard(cls, network: Network) -> "CarrierOptions":
        """Return the sourced defaults of one network."""
        return cls(
            density_min_kwh_m2=_value(f"density.{network}_min_kwh_m2"),
            supply_c=_value(f"{network}.supply_c"),
            return_c=_value(f"{network}.return_c"),
            diversity_limit=_value(f"{network}.diversity.limit"),
            diversity_range=_value(f"{network}.diversity.range"),
            hours_a=_value(f"{network}.hours_a"),
            plant_cny_kw=_value(f"{network}.plant_cny_kw"),
            plant_cop=_value(f"{network}.plant_cop"),
            price_cny_kwh=_money("price.heat" if network == "heating" else "price.cold"),
        )


class NetworkOptions(BaseModel):
    """Options of the district networks; defaults come from ``networks.csv`` and ``resources/finance.csv``.

    Examples
    --------
    >>> NetworkOptions().heating.difference_k
    30.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    snap_m: float = Field(
        default_factory=lambda: _value("streets.snap_m"), ge=0.0, description="street ends nearer than this are one [m]"
    )
    gap_m: float = Field(
        default_factory=lambda: _value("streets.gap_m"), ge=0.0, description="gaps up to this are bridged [m]"
    )
    frontage_m: float = Field(
        default_factory=lambda: _value("streets.frontage_m"), ge=0.0, description="farthest street of a parcel [m]"
    )
    heating: CarrierOptions = Field(
        default_factory=lambda: CarrierOptions.standard("heating"), description="the heating network"
    )
    cooling: CarrierOptions = Field(
        default_factory=lambda: CarrierOptions.standard("cooling"), description="the cooling network"
    )
    substation_floor_m2: float = Field(
        default_factory=lambda: _value("substation.floor_m2"),
        gt=0.0,
        description="floor area of one substation, which counts as one consumer in the diversity of peaks [m2]",
    )
    diversity_half_count: float = Field(
        default_factory=lambda: _value("diversity.half_count"), gt=0.0, description="consumers at half the diversity"
    )
    diversity_power: float = Field(
        default_factory=lambda: _value("diversity.power"), gt=0.0, description="steepness of the diversity curve"
    )
    hot_water_peak_factor: float = Field(
        default_factory=lambda: _value("hot_water.peak_factor"),
        ge=1.0,
        description="hot-water peak over its annual mean",
    )
    pa_per_m: float = Field(
        default_factory=lambda: _value("pipe.pa_per_m"), gt=0.0, description="highest pressure gradient [Pa/m]"
    )
    roughness_mm: float = Field(
        default_factory=lambda: _value("pipe.roughness_mm"), ge=0.0, description="roughness of the pipe wall [mm]"
    )
    insulation_series: Literal[1, 2, 3] = Field(
        default_factory=lambda: cast("Literal[1, 2, 3]", int(_value("pipe.series"))),
        description="insulation series of EN 253",
    )
    ground_c: float = Field(
        default_factory=lambda: _value("ground.temperature_c"), description="ground temperature at the pipe [C]"
    )
    fittings_share: float = Field(
        default_factory=lambda: _value("fittings.share"),
        ge=0.0,
        description="pressure lost in fittings, of the friction",
    )
    substation_pa: float = Field(
        default_factory=lambda: _value("substation.pressure_pa"), ge=0.0, description="pressure at a substation [Pa]"
    )
    head_max_pa: float = Field(
        default_factory=lambda: _value("pump.head_max_pa"), gt=0.0, description="highest pressure of the pump [Pa]"
    )
    station_m: float = Field(
        default_factory=lambda: _value("station.site_m"),
        ge=0.0,
        description="farthest utility parcel from the centre of demand that is taken for the station [m]",
    )
    pump_efficiency: float = Field(
        default_factory=lambda: _value("pump.efficiency"), gt=0.0, le=1.0, description="electricity to hydraulic work"
    )
    rate: float = Field(
        default_factory=lambda: _money("discount.financial"), ge=0.0, lt=1.0, description="real rate [1/a]"
    )
    pipe_life_a: float = Field(default_factory=lambda: _value("life.pipes_a"), gt=0.0, description="life of pipes [a]")
    plant_life_a: float = Field(default_factory=lambda: _value("life.plant_a"), gt=0.0, description="life of plant [a]")
    pipe_operation: float = Field(
        default_factory=lambda: _value("operation.pipes_share"),
        ge=0.0,
        description="upkeep of pipes, of investment [1/a]",
    )
    plant_operation: float = Field(
        default_factory=lambda: _value("operation.plant_share"),
        ge=0.0,
        description="upkeep of plant, of investment [1/a]",
    )
    substation_cny_kw: float = Field(
        default_factory=lambda: _value("substation.cny_kw"), ge=0.0, description="substation per capacity [CNY/kW]"
    )
    electricity_cny_kwh: float = Field(
        default_factory=lambda: _money("price.electricity.commercial"),
        ge=0.0,
        description="electricity price [CNY/kWh]",
    )

    @field_validator("heating", "cooling", mode="before")
    @classmethod
    def _filled(cls, given: object, info: ValidationInfo) -> object:
        if isinstance(given, Mapping):
            return {**CarrierOptions.standard(cast("Network", info.field_name)).model_dump(), **given}
        return given

    @model_validator(mode="after")
    def _some_reach(self) -> Self:
        if self.head_max_pa <= self.substation_pa:
            raise ValueError("head_max_pa must exceed substation_pa, or nobody is served")
        return self

    def carrier(self, network: Network) -> CarrierOptions:
        """Return the options of one network."""
        return self.heating if network == "heating" else self.cooling
