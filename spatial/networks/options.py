"""What the design of district networks may be told, with sourced defaults."""

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from layers.constants import constants
from layers.errors import Findings

Network = Literal["heating", "cooling"]
NETWORKS: tuple[Network, ...] = ("heating", "cooling")
Alternative = Literal["price", "split_units", "own_heat_pump", "gas_boiler"]


def _value(key: str) -> float:
    return constants("spatial.networks", "networks.csv").value(key)


def _money(key: str) -> float:
    return constants("resources", "finance.csv").value(key)


def _sourced(
    key: str,
    description: str,
    read: Callable[[str], float] = _value,
    *,
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
) -> float:
    """Return a field whose default is a sourced number; the bounds are those of `pydantic.Field`."""
    return Field(default_factory=lambda: read(key), description=description, gt=gt, ge=ge, lt=lt, le=le)


class CarrierOptions(BaseModel):
    """What differs between the heating and the cooling network; what a study leaves out keeps its default."""

    # the defaults differ by network, so NetworkOptions fills them in and no key is required of a study
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=lambda schema: schema.pop("required", None)
    )

    density_min_kwh_m2: float = Field(
        ge=0.0, description="least useful demand per parcel land to be considered [kWh/m2]"
    )
    supply_c: float = Field(gt=0.0, le=150.0, description="supply temperature [C]")
    return_c: float = Field(gt=0.0, le=150.0, description="return temperature [C]")
    diversity_limit: float = Field(
        gt=0.0, le=1.0, description="peak of very many consumers over the sum of their peaks"
    )
    diversity_range: float = Field(
        ge=0.0, le=1.0, description="what is added to that limit for few, raised so far that one has none"
    )
    hours_a: float = Field(ge=0.0, le=8760.0, description="hours a year the pipes are at temperature [h/a]")
    plant_cny_kw: float = Field(ge=0.0, description="plant, per capacity [CNY/kW]")
    plant_cop: float = Field(gt=0.0, description="heat or cold per electricity of the plant")
    price_cny_kwh: float = Field(ge=0.0, description="what a building pays or avoids for heat or cold [CNY/kWh]")
    alternative: Alternative = Field(
        default="price",
        description="what joining is worth: price_cny_kwh, or the cost of split_units, own_heat_pump or gas_boiler",
    )

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


class SiteOptions(BaseModel):
    """A further place where a plant may stand: an intake of sea water, waste heat, sewage works."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    parcel_id: str = Field(min_length=1, description="the parcel")
    network: Network = Field(description="the network it feeds")
    capacity_kw: float | None = Field(default=None, gt=0.0, description="largest plant [kW]; else that of the options")
    cop: float | None = Field(
        default=None, gt=0.0, description="heat or cold per electricity; else that of the network"
    )
    plant_cny_kw: float | None = Field(default=None, ge=0.0, description="plant [CNY/kW]; else that of the network")
    fixed_cny: float | None = Field(
        default=None, ge=0.0, description="what stands before any plant, as an intake [CNY]"
    )


class NetworkOptions(BaseModel):
    """Options of the district networks; defaults come from ``networks.csv`` and ``resources/finance.csv``.

    Examples
    --------
    >>> NetworkOptions().heating.difference_k
    30.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    first_year: int = Field(
        default_factory=lambda: int(_value("first_year")),
        ge=1900,
        le=2200,
        description="first year of the networks; no pipe is laid before it",
    )
    snap_m: float = _sourced("streets.snap_m", "street ends nearer than this are one [m]", ge=0.0)
    gap_m: float = _sourced("streets.gap_m", "gaps up to this are bridged [m]", ge=0.0)
    frontage_m: float = _sourced("streets.frontage_m", "farthest street of a parcel [m]", ge=0.0)
    heating: CarrierOptions = Field(
        default_factory=lambda: CarrierOptions.standard("heating"), description="the heating network"
    )
    cooling: CarrierOptions = Field(
        default_factory=lambda: CarrierOptions.standard("cooling"), description="the cooling network"
    )
    substation_floor_m2: float = _sourced(
        "substation.floor_m2",
        "floor area of one substation, which counts as one consumer in the diversity of peaks [m2]",
        gt=0.0,
    )
    diversity_half_count: float = _sourced("diversity.half_count", "consumers at half the diversity", gt=0.0)
    diversity_power: float = _sourced("diversity.power", "steepness of the diversity curve", gt=0.0)
    hot_water_peak_factor: float = _sourced("hot_water.peak_factor", "hot-water peak over its annual mean", ge=1.0)
    pa_per_m: float = _sourced("pipe.pa_per_m", "gradient up to which each pipe is sized [Pa/m]", ge=1.0)
    roughness_mm: float = _sourced("pipe.roughness_mm", "roughness of the pipe wall [mm]", ge=0.0, le=5.0)
    insulation_series: Literal[1, 2, 3] = Field(
        default_factory=lambda: cast("Literal[1, 2, 3]", int(_value("pipe.series"))),
        description="insulation series of EN 253",
    )
    ground_c: float = _sourced("ground.temperature_c", "ground temperature at the pipe [C]", ge=-30.0, le=60.0)
    fittings_share: float = _sourced("fittings.share", "pressure lost in fittings, of the friction", ge=0.0)
    substation_pa: float = _sourced("substation.pressure_pa", "pressure at a substation [Pa]", ge=0.0)
    head_max_pa: float = _sourced("pump.head_max_pa", "highest pressure of the pump [Pa]", gt=0.0)
    join: Literal["chosen", "forced"] = Field(
        default="chosen", description="whether those join for whom it pays, or all who are dense enough"
    )
    joined_parcels: tuple[str, ...] = Field(default=(), description="parcels that must join whatever it costs")
    sites: tuple[SiteOptions, ...] = Field(default=(), description="further places where a plant may stand")
    prices_cny_kwh: tuple[Annotated[float, Field(ge=0.0)], ...] = Field(
        min_length=1,
        default=(0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.75, 0.9),
        description="prices of heat or cold at which it is told who would join [CNY/kWh]",
    )
    station_kw: float = _sourced("station.capacity_kw", "largest plant [kW of heat or cold]", gt=0.0)
    station_cny: float = _sourced("station.fixed_cny", "a plant's building and connection, of any size [CNY]", ge=0.0)
    consumer_site_cny: float = _sourced(
        "station.consumer_cny", "rooms for a plant on a parcel that is not for utilities [CNY]", ge=0.0
    )
    consumer_sites: int = Field(
        default_factory=lambda: int(_value("station.consumer_sites")),
        ge=0,
        le=200,
        description="how many parcels with most demand may hold a plant",
    )
    pump_efficiency: float = _sourced("pump.efficiency", "electricity to hydraulic work", gt=0.0, le=1.0)
    rate: float = _sourced("discount.financial", "real rate [1/a]", _money, ge=0.0, lt=1.0)
    pipe_life_a: float = _sourced("life.pipes_a", "life of pipes [a]", gt=0.0)
    plant_life_a: float = _sourced("life.plant_a", "life of plant [a]", gt=0.0)
    pipe_operation: float = _sourced("operation.pipes_share", "upkeep of pipes, of investment [1/a]", ge=0.0)
    plant_operation: float = _sourced("operation.plant_share", "upkeep of plant, of investment [1/a]", ge=0.0)
    substation_cny_kw: float = _sourced("substation.cny_kw", "substation per capacity [CNY/kW]", ge=0.0)
    electricity_cny_kwh: float = _sourced("price.electricity.commercial", "electricity price [CNY/kWh]", _money, ge=0.0)

    @field_validator("heating", "cooling", mode="before")
    @classmethod
    def _filled(cls, given: object, info: ValidationInfo) -> object:
        if isinstance(given, Mapping):
            return {**CarrierOptions.standard(cast("Network", info.field_name)).model_dump(), **given}
        return given

    @model_validator(mode="after")
    def _warm_and_cold(self) -> Self:
        if self.heating.supply_c <= self.heating.return_c:
            raise ValueError("heating.supply_c must exceed heating.return_c")
        if self.cooling.supply_c >= self.cooling.return_c:
            raise ValueError("cooling.supply_c must be below cooling.return_c")
        return self

    @model_validator(mode="after")
    def _peaks_grow(self) -> Self:
        # d(joint peak)/d(peak) of a consumer among ever so many substations is least where the share of the curve is
        # (2 p - 1) / (4 p): were it negative, a pipe could be asked for less than its branch
        steep = max(0.0, 2.0 * self.diversity_power - 1.0) ** 2 / (8.0 * self.diversity_power)
        for network in NETWORKS:
            carrier = self.carrier(network)
            if carrier.diversity_limit < steep * max(carrier.diversity_range, 1.0 - carrier.diversity_limit):
                raise ValueError(
                    f"{network}.diversity_limit: {carrier.diversity_limit:g} with a curve of power "
                    f"{self.diversity_power:g} lets joint peaks fall as consumers join; give at least "
                    f"{steep / (1.0 + steep):.3g}, or a lower diversity_power"
                )
        return self

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        sites = [(site.parcel_id, site.network) for site in self.sites]
        if len(set(sites)) < len(sites):
            raise ValueError("sites: a parcel can hold one plant of a network; give each once, with its whole capacity")
        if len(set(self.prices_cny_kwh)) < len(self.prices_cny_kwh):
            raise ValueError("prices_cny_kwh: give each price once")
        return self

    @model_validator(mode="after")
    def _no_cold_from_gas(self) -> Self:
        if self.cooling.alternative == "gas_boiler":
            raise ValueError("a gas boiler does not cool: take split_units or own_heat_pump as cooling.alternative")
        return self

    @model_validator(mode="after")
    def _some_reach(self) -> Self:
        if self.head_max_pa <= self.substation_pa:
            raise ValueError("head_max_pa must exceed substation_pa, or nobody is served")
        return self

    def carrier(self, network: Network) -> CarrierOptions:
        """Return the options of one network."""
        return self.heating if network == "heating" else self.cooling


def check_named(options: NetworkOptions, parcel_ids: Collection[str], findings: Findings, source: str) -> None:
    """Add a fault for each parcel that the options name and the plan does not have."""
    named = {"joined_parcels": options.joined_parcels, "sites": [site.parcel_id for site in options.sites]}
    for key, ids in named.items():
        for one in sorted(set(ids) - set(parcel_ids)):
            near = difflib.get_close_matches(one, parcel_ids, n=1, cutoff=0.8)
            remedy = f"did you mean {near[0]!r}?" if near else "name a parcel_id of the parcels"
            findings.error(source, f"the plan has no parcel {one!r}", remedy, column=f"networks.{key}")
