"""What is asked of wind: turbine models, air, losses, spacing and money; defaults from ``wind.csv``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from layers.constants import constants
from resources.wind.curves import Turbine, turbines

Site = Literal["sea", "land"]
LOSSES = ("wake", "electrical", "availability", "environmental", "technical", "typhoon_hysteresis", "curtailment")


def figure(key: str) -> float:
    """Return one number of ``wind.csv``."""
    return constants("resources", "wind.csv").value(key)


def _discount() -> float:
    return constants("resources", "finance.csv").value("discount.financial")


class WindOptions(BaseModel):
    """Turbines, air, losses, spacing and money."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model_sea: str = Field(default="iea_10mw_198", json_schema_extra={"enum": list(turbines())})
    """Turbine model at sea, of ``power_curves.csv``."""
    model_land: str = Field(default="iea_3.4mw_130", json_schema_extra={"enum": list(turbines())})
    """Turbine model on land."""
    reference_height_m: float = Field(default_factory=lambda: figure("reference_height"), gt=0.0, le=300.0)
    """Height of the wind raster above ground or sea [m]."""
    shear_sea: float = Field(default_factory=lambda: figure("shear.sea"), ge=0.0, le=0.6)
    """Exponent of the power law of wind with height, over sea [-]."""
    shear_land: float = Field(default_factory=lambda: figure("shear.land"), ge=0.0, le=0.6)
    """Exponent of the power law of wind with height, over land [-]."""
    weibull_k: float = Field(default_factory=lambda: figure("weibull_k"), gt=1.0, le=4.0)
    """Shape of the Weibull distribution of wind speeds [-]."""
    air_density_kg_m3: float = Field(default_factory=lambda: figure("air_density"), gt=0.5, lt=1.6)
    """Mean density of the air at hub height [kg/m3]."""
    loss_wake: float = Field(default_factory=lambda: figure("loss.wake"), ge=0.0, lt=1.0)
    """Share of output lost to the wakes of other turbines."""
    loss_electrical: float = Field(default_factory=lambda: figure("loss.electrical"), ge=0.0, lt=1.0)
    """Share lost in cables and transformers up to the grid."""
    loss_availability: float = Field(default_factory=lambda: figure("loss.availability"), ge=0.0, lt=1.0)
    """Share lost to faults and service."""
    loss_environmental: float = Field(default_factory=lambda: figure("loss.environmental"), ge=0.0, lt=1.0)
    """Share lost to soiled blades, ice and heat."""
    loss_technical: float = Field(default_factory=lambda: figure("loss.technical"), ge=0.0, lt=1.0)
    """Share lost to control and misaligned rotors."""
    loss_typhoon_hysteresis: float = Field(default_factory=lambda: figure("loss.typhoon_hysteresis"), ge=0.0, lt=1.0)
    """Share lost to shutting down and starting again around storms."""
    loss_curtailment: float = Field(default_factory=lambda: figure("loss.curtailment"), ge=0.0, lt=1.0)
    """Share the grid does not take."""
    spacing_downwind: float = Field(default_factory=lambda: figure("spacing.downwind"), gt=0.0, le=30.0)
    """Least distance of two turbines along the prevailing wind [rotor diameters]."""
    spacing_crosswind: float = Field(default_factory=lambda: figure("spacing.crosswind"), gt=0.0, le=30.0)
    """Least distance of two turbines across the prevailing wind [rotor diameters]."""
    prevailing_direction_deg: float = Field(default_factory=lambda: figure("prevailing_direction"), ge=0.0, lt=360.0)
    """Where the prevailing wind comes from, clockwise from north [degrees]."""
    cost_year: int = Field(default=2025, ge=2020, le=2050)
    """Year whose cost of investment is taken."""
    discount_rate: float = Field(default_factory=_discount, ge=0.0, lt=0.5)
    """Real discount rate [1/a]."""
    max_turbines_sea: int | None = Field(default=None, ge=0)
    """Most turbines at sea; none: as many as there is room for."""
    max_turbines_land: int | None = Field(default=None, ge=0)
    """Most turbines on land; none: as many as there is room for."""

    @field_validator("model_sea", "model_land")
    @classmethod
    def _known_model(cls, model: str) -> str:
        if model not in turbines():
            raise ValueError(f"turbine {model!r} is not known; the models are: {', '.join(turbines())}")
        return model

    def turbine(self, site: Site) -> Turbine:
        """Return the turbine of a site."""
        return turbines()[self.model_sea if site == "sea" else self.model_land]

    def shear(self, site: Site) -> float:
        """Return the exponent of the wind's power law over a site [-]."""
        return self.shear_sea if site == "sea" else self.shear_land

    def most_turbines(self, site: Site) -> int | None:
        """Return how many turbines a site may hold, None where there is no bound."""
        return self.max_turbines_sea if site == "sea" else self.max_turbines_land

    @property
    def kept(self) -> float:
        """Share of gross output that is left after all losses: the product of what each leaves.

        Examples
        --------
        >>> round(WindOptions().kept, 3)
        0.805
        """
        share = 1.0
        for name in LOSSES:
            share *= 1.0 - float(getattr(self, f"loss_{name}"))
        return share
