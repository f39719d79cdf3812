"""What a superblock is divided into, how large its lots are, and what they are called."""

import csv
from functools import cache
from importlib.resources import files

NEIGHBOURHOOD: dict[tuple[int, int], tuple[str, str]] = {
    (1, 1): ("R2", "A33"),
    (3, 0): ("R2", "B1"),
    (2, 2): ("R2", "G1"),
    (0, 2): ("R2", "R2:0.7/B1:0.3"),
    (3, 2): ("R2", "R22"),
    (1, 0): ("R2", "G1"),
    (3, 1): ("R2", "A33"),
    (0, 0): ("R2", "G1"),
}
"""What stands beside housing, by column modulo 4 and row modulo 3: two schools for twelve superblocks, shops, parks."""


def parts_of(use: str, district: str, cell: tuple[int, int]) -> tuple[str, ...]:
    """Return the code of a superblock's lots and, where there is one (after a plus), of a single lot among them."""
    row, column = cell
    if use == "RES":
        main = "R1" if district == "SY" and row == 0 else "R2"
        pattern = NEIGHBOURHOOD.get((column % 4, row % 3))
        return (main, pattern[1]) if pattern else (main,)
    if "+" in use:
        return tuple(use.split("+"))
    if use == "M1" and (column % 5, row % 3) == (2, 1):
        return ("M1", "A35")
    if use == "W1" and (column % 4, row % 3) == (1, 0):
        return ("W1", "W2")
    return (use,)


@cache
def _lots() -> dict[str, dict[str, str]]:
    text = files("layers.meishan.make").joinpath("lots.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


def main_code(use: str) -> str:
    """Return the first code of a mixed use.

    Examples
    --------
    >>> main_code("R2:0.7/B1:0.3")
    'R2'
    """
    return use.partition("/")[0].partition(":")[0]


def row_of(use: str) -> dict[str, str]:
    """Return the row of `lots.csv` for a use, by its longest known prefix."""
    code = main_code(use)
    for end in range(len(code), 0, -1):
        if code[:end] in _lots():
            return _lots()[code[:end]]
    raise KeyError(f"lots.csv has no use like {use!r}")


def size_of(use: str) -> float:
    """Return the usual size of a lot [m2]."""
    return float(row_of(use)["lot_ha"]) * 1e4


def name_of(use: str, place: str, number: int) -> str:
    """Return a short name: place, what it is, and a number."""
    row = row_of(use)
    return f"{place}{row['word_zh']}{number}{row['suffix_zh']}"
