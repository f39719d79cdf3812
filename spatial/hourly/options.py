"""What the hourly system may be told."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from layers.constants import constants
from resources.tariffs import Sale, Tariff


def numbers(key: str) -> float:
    """Return one constant of ``hourly.csv``."""
    return constants("spatial.hourly", "hourly.csv").value(key)


class HourlyOptions(BaseModel):
    """Options of the hourly system of electricity, heat and cold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["typical", "full", "off"] = Field(
        default="typical",
        description="Solve typical days, the whole year of 8,760 h (some seconds more for one node), or nothing",
    )
    typical_days: int = Field(
        default_factory=lambda: int(numbers("typical.days")), ge=1, le=365, description="Days that stand for the year"
    )
    years: tuple[int, ...] = Field(default=(), description="Years to solve; without any the target year")
    nodes: Literal["zone", "units"] = Field(
        default="zone", description="The zone as one node, or a node for each planning unit"
    )
    expand: tuple[str, ...] = Field(
        default=(), description="Generators, such as pv_roof, that may grow from what is planned to their potential"
    )
    allow_storage: bool = Field(default=True, description="Build stores up to their potential where they pay")
    allow_curtailment: bool = Field(
        default=True, description="Let generators be turned down; otherwise all they give is used, stored or sold"
    )
    import_limit_mw: float | None = Field(default=None, ge=0.0, description="Most power from the grid [MW]")
    export_limit_mw: float | None = Field(default=None, ge=0.0, description="Most power to the grid [MW]")
    line_limit_mw: float | None = Field(
        default=None, ge=0.0, description="Most power between a planning unit and the zone's substation [MW]"
    )
    co2_cap_t: float | None = Field(default=None, ge=0.0, description="Most CO2 of bought electricity a year [t]")
    co2_price_cny_t: float = Field(default=0.0, ge=0.0, description="Price of CO2 of bought electricity [CNY/t]")
    tariff: Tariff = Field(default="zhejiang_2026", description="Prices of bought electricity")
    sale: Sale = Field(default="mechanism", description="Price of sold electricity")
    demand_charge: bool = Field(
        default=True,
        description="Charge the year's highest import, near to what a two-part tariff makes of each month's highest",
    )
    discount_rate: float = Field(
        default_factory=lambda: constants("resources", "finance.csv").value("discount.financial"),
        ge=0.0,
        le=0.3,
        description="Real discount rate [1/a]",
    )
    renewable: tuple[str, ...] = Field(
        default=("pv_", "wind_"), description="Beginnings of the items of generation that count as renewable"
    )
