"""Options of the account: the switches for what its targets leave open, and the targets."""

import csv
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from layers.constants import constants
from spatial.balance.calibration import Calibration


class Switches(BaseModel):
    """Choices that the published targets of the zone leave open; each is printed with the results."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gdp_times: float = Field(
        default=5.0, gt=0, le=1000.0, description='Target-year GDP over base-year GDP: "增长4倍" is 5, read loosely 4'
    )
    population_times: float = Field(
        default=4.0,
        gt=0,
        le=1000.0,
        description='Target-year over base-year population: "增长3倍" is 4, read loosely 3',
    )
    tce_method: Literal["equivalent", "calorific"] = Field(
        default="equivalent", description="Coal equivalent of electricity: by the coal burnt for it, or by its heat"
    )
    renewable_denominator: Literal["final_calorific", "final_equivalent", "primary"] = Field(
        default="final_calorific", description="What the renewable share of energy is a share of"
    )
    renewable_electricity: Literal["consumption", "generation"] = Field(
        default="consumption",
        description="Renewable electricity used (own and certified), or generated here, over consumption",
    )
    price_base: Literal["constant", "current"] = Field(
        default="constant", description="GDP at base-year prices, or inflated to current prices"
    )
    sinks: Literal["gross", "net"] = Field(default="gross", description="CO2 before or after sinks")
    berth_emissions: bool = Field(default=True, description="Count ships at berth")
    trucks: bool = Field(default=True, description="Count container trucks inside the boundary")
    sea_energy_counts: bool = Field(default=True, description="Count turbines of the sea study area outside the zone")
    green_power_counts: bool = Field(default=True, description="Count power bought with certificates as free of CO2")
    persons: Literal["residents", "residents_and_jobs"] = Field(
        default="residents", description="Who a head is: residents, or residents and jobs"
    )


class Target(BaseModel):
    """One target of the zone in the target year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str = Field(description="Name of the indicator")
    sense: Literal["<=", ">="] = Field(description="Whether the indicator must stay below or above the limit")
    limit: FiniteFloat | Literal["base_year"] = Field(
        description='The limit, or "base_year" for the value of the base year'
    )


def default_targets() -> dict[str, Target]:
    """Return the targets of the near-zero-carbon zone (RMI 2019)."""
    with Path(__file__).with_name("targets.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["target"]: Target.model_validate({name: row[name] for name in ("indicator", "sense", "limit")})
            for row in csv.DictReader(stream)
        }


def _carbon_price() -> float:
    return constants("resources", "finance.csv").value("price.carbon.shadow")


class BalanceOptions(BaseModel):
    """Options of the account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grid_region: str = Field(default="zhejiang", description="Province whose grid factor path is used")
    carbon_price_cny_t: float = Field(
        default_factory=_carbon_price, ge=0.0, description="Price of a tonne up to which measures pay [CNY/t]"
    )
    calibration: Calibration = Field(
        default_factory=Calibration, description="Metered energy of the base year, which the account is brought onto"
    )
    switches: Switches = Field(default_factory=Switches, description="Choices the targets leave open")
    targets: dict[str, Target] = Field(default_factory=default_targets, description="Targets of the target year")
