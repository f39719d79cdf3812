"""Sun on roofs for the page: light on surfaces, plants on roofs, and what they can supply at which cost."""

import math
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.resources import MONTHS
from spatial.maps.encode import Json, coded, outlines, plain, short
from spatial.maps.parcels import parcels_sorted, table
from spatial.maps.place import lattice
from spatial.maps.tiles import picture_tiles, shades

ROOF = (
    "height_m",
    "roof_m2",
    "area_m2",
    "kwp",
    "light",
    "poa_kwh_m2",
    "mwh",
    "mwh_p90",
    "kwh_kwp",
    "capex_cny",
    "opex_cny_a",
    "lcoe_cny_kwh",
    "payback_years",
)
"""Numbers of a roof that its card tells."""
NAMED = tuple(name for name in ROOF if name not in ("area_m2", "mwh", "mwh_p90"))
"""Those that the card names by the glossary."""
LEVELS = 50
"""Levels of light that the page tells apart, at most."""
LEADS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""What the width of a level may begin with."""
DIGITS = 4
"""Digits of what all roofs have nearly alike, and of sums."""
ALIKE = ("poa_kwh_m2", "kwh_kwp")


def sunlight(tables: Mapping[str, pd.DataFrame], crs: object, ramp: Sequence[str]) -> Json:
    """Return the irradiation of surfaces [kWh/m2] as pictures in levels of equal width.

    Parameters
    ----------
    tables
        Tables of the run; ``sun_cells`` and ``sun_grid`` may be missing or empty.
    crs
        Coordinate system of the study.
    ramp
        Colours from shade to full sun.
    """
    cells, grid = table(tables, "sun_cells"), table(tables, "sun_grid")
    if cells is None or grid is None:
        return None
    values = cells["kwh_m2"].to_numpy(dtype=float)
    low, width, count = light_levels(values)
    level = (np.clip(np.floor((values - low) / width), 0, count - 1) + 1).astype(np.uint8)
    colours = shades(ramp, count)
    cols = int(plain(grid).iloc[0]["cols"])
    return {
        **lattice(grid, crs),
        "low": low,
        "width": width,
        "colours": list(colours),
        "tiles": picture_tiles(cells["cell_id"].to_numpy(dtype=np.int64), level, cols, colours),
    }


def light_levels(values: NDArray[np.float64]) -> tuple[float, float, int]:
    """Return where the levels of light begin, how wide one is, and how many there are.

    A hundredth of the cells may lie below, in the darkest corners, and one in a thousand above: they count to the ends.

    Examples
    --------
    >>> light_levels(np.linspace(300.0, 1500.0, 5001))
    (300.0, 25.0, 48)
    >>> light_levels(np.array([1200.0]))
    (1200.0, 1.0, 1)
    """
    least, most = np.quantile(values, (0.01, 0.999))
    exact = max((most - least) / (LEVELS - 2), 0.1)  # rounding outwards may add a level at either end
    power = 10.0 ** math.floor(math.log10(exact))
    width = next(lead * power for lead in LEADS if lead * power >= exact * (1.0 - 1e-9))
    if most - least < width:
        width = 1.0
    low = math.floor(least / width) * width
    return low, width, max(1, math.ceil((most - low) / width - 1e-9))


def roofs(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return the plants on roofs: outlines, numbers and the share of each month in the year's output [1/1000].

    Parameters
    ----------
    tables
        Tables of the run; ``roofs`` may be missing or empty.
    """
    frame = table(tables, "roofs")
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    ids = pd.Index(parcels_sorted(tables["parcels"])["parcel_id"])
    frame = frame.loc[frame["parcel_id"].isin(ids)].sort_values("roof_id", ignore_index=True)
    if frame.empty:
        return None
    classes, code = coded(frame["pv_class"])
    months = frame[list(MONTHS)].to_numpy(dtype=float)
    shares = np.rint(1000.0 * months / np.maximum(months.sum(axis=1, keepdims=True), 1e-9))
    return {
        "id": frame["roof_id"].astype(str).tolist(),
        "parcel": ids.get_indexer(frame["parcel_id"]).tolist(),
        "classes": classes,
        "class": code,
        **{name: short(frame[name], DIGITS if name in ALIKE else 3) for name in ROOF},
        "months": shares.astype(int).tolist(),
        "shape": outlines(frame),
        "weather": _weather(tables),
    }


def _weather(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return what the hours of the weather are made from: its kind and its file; nothing where no table tells."""
    site = table(tables, "site")
    return None if site is None else [str(site["kind"].iloc[0]), str(site["source"].iloc[0])]


def supply_curves(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return what each planning unit, and the zone, can have up to a cost: capacity, output and cost, ascending.

    Parameters
    ----------
    tables
        Tables of the run; ``supply_curves`` may be missing or empty.
    """
    frame = table(tables, "supply_curves")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for unit, rows in frame.sort_values(["unit_id", "step"]).groupby("unit_id", sort=True):
        # what gives nothing has no cost, and comes last
        known = rows[np.isfinite(rows["lcoe_cny_kwh"]) & (rows["cumulative_mw"] > 0.0)]
        if not known.empty:
            found[str(unit)] = {
                "mw": short(known["cumulative_mw"], DIGITS),
                "mwh": short(known["cumulative_mwh"], DIGITS),
                "lcoe": short(known["lcoe_cny_kwh"], DIGITS),
            }
    return found
