"""Wind: yield, cost, turbines and their hours, at sea and on land."""

from resources.wind.options import WindOptions
from resources.wind.placement import spacing_rings
from resources.wind.stage import wind_potential

__all__ = ["WindOptions", "spacing_rings", "wind_potential"]
