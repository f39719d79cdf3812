"""What the planner may choose about roofs of the plan."""

from pydantic import BaseModel, ConfigDict, Field

from resources.rooftop.plants import PlantOptions
from resources.rooftop.rows import figure


class RooftopOptions(BaseModel):
    """What the planner may choose about roofs of the plan; defaults stand in ``rooftop.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cell_m: float = Field(default_factory=lambda: figure("planned.cell"), ge=1.0, le=20.0)
    """Side of the cells that the sun is swept over [m]."""
    directions: int = Field(default_factory=lambda: int(figure("planned.directions")), ge=16, le=360, multiple_of=2)
    """Directions that a horizon is told in."""
    reach_m: float = Field(default_factory=lambda: figure("planned.reach"), ge=50.0, le=2000.0)
    """How far what hides the sky is looked for [m]."""
    walls_per_class: int = Field(default_factory=lambda: int(figure("planned.walls")), ge=1)
    """Buildings whose walls stand for all of an archetype and form."""
    step_cny_kwh: float = Field(default_factory=lambda: figure("supply.step"), gt=0.0)
    """Step of cost of the supply curves [CNY/kWh]."""
    plants: PlantOptions = Field(default_factory=PlantOptions)
    """Prices, least yield and uncertainty of plants."""
