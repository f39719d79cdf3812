"""One glossary: each quantity stands once, with its unit, both names and its definition."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named quantity of the glossary."""

    name: str
    unit: str
    zh: str
    en: str
    definition: str
    source: str

    def label(self, language: Language) -> str:
        """Return the quantity's name in one language, followed by its unit."""
        text = self.zh if language == "zh" else self.en
        return f"{text} [{self.unit}]" if self.unit else text


@cache
def glossary() -> dict[str, Quantity]:
    """Return all quantities by name.

    Examples
    --------
    >>> glossary()["floor_area_m2"].label("en")
    'Floor area [m2]'
    """
    lines = files("layers").joinpath("glossary.csv").read_text(encoding="utf-8").splitlines()
    quantities = [Quantity(**row) for row in csv.DictReader(lines)]
    by_name = {quantity.name: quantity for quantity in quantities}
    if len(by_name) < len(quantities):
        raise ValueError("glossary.csv: a name stands twice")
    return by_name
