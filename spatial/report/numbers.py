"""Numbers as people read them: three significant digits, thousands spaced, a unit that fits."""

import math
from dataclasses import dataclass

from layers.glossary import Language

_THIN = "\u202f"


def three(value: float | None, digits: int = 3) -> str:
    """Return a number with three significant digits and spaced thousands.

    Examples
    --------
    >>> three(0.86412), three(1234567.0).replace(chr(0x202f), " "), three(0.0), three(None)
    ('0.864', '1 230 000', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - exponent)
    decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)
    text = f"{rounded:,.{decimals}f}".replace(",", _THIN)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "\u2212")


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit that fits a range of numbers: what they are divided by, and what the unit is called."""

    divisor: float
    unit: str

    def text(self, value: float | None) -> str:
        """Return a number with this unit."""
        return three(None if value is None else value / self.divisor) + f"{_THIN}{self.unit}"


def energy_scale(largest_mwh: float, language: Language) -> Scale:
    """Return the unit for energies up to `largest_mwh` [MWh] in a language.

    Chinese readers count kilowatt hours in ten thousands and hundred millions.

    Examples
    --------
    >>> energy_scale(25_000.0, "en").text(25_000.0).replace(chr(0x202f), " ")
    '25 GWh'
    >>> energy_scale(25_000.0, "zh").text(25_000.0).replace(chr(0x202f), " ")
    '2 500 万千瓦时'
    """
    size = abs(largest_mwh)
    if language == "zh":
        return Scale(1e5, "亿千瓦时") if size >= 1e6 else Scale(10.0, "万千瓦时")
    if size >= 1e6:
        return Scale(1e6, "TWh")
    return Scale(1e3, "GWh") if size >= 1e3 else Scale(1.0, "MWh")


def mass_scale(largest_t: float, language: Language) -> Scale:
    """Return the unit for masses of CO2 up to `largest_t` [t] in a language."""
    size = abs(largest_t)
    if language == "zh":
        return Scale(1e4, "万吨") if size >= 1e4 else Scale(1.0, "吨")
    if size >= 1e6:
        return Scale(1e6, "Mt")
    return Scale(1e3, "kt") if size >= 1e3 else Scale(1.0, "t")


def file_size(count: int) -> str:
    """Return the size of a file.

    Examples
    --------
    >>> file_size(532), file_size(15_300), file_size(4_210_000)
    ('532 B', '15.3 kB', '4.21 MB')
    """
    for limit, divisor, unit in ((1e3, 1.0, "B"), (1e6, 1e3, "kB"), (1e9, 1e6, "MB")):
        if count < limit:
            return f"{three(count / divisor)} {unit}"
    return f"{three(count / 1e9)} GB"
