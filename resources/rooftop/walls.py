"""Light on the walls of the plan: what buildings opposite leave to windows, class by class."""

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.surface import Surface
from resources.facades import cells_before, wall_light_at, wall_pieces
from resources.irradiation import SkyTable, plane_irradiation
from resources.rooftop.facing import normals_of

UPRIGHT_DEG = 90.0
WHOLE_WALL_M = 1e6
"""Width of the pieces of walls [m]: each wall is looked at from its middle, band by band."""


def class_walls(
    blocks: gpd.GeoDataFrame,
    stock: pd.DataFrame,
    surface: Surface,
    cells: pd.DataFrame,
    table: SkyTable,
    *,
    reach_m: float,
    most: int,
) -> pd.DataFrame:
    """Return the share of open light that reaches the walls of each class of planned buildings.

    Parameters
    ----------
    blocks
        As of `layers.blocks.blocks_of_plan`.
    stock
        Table STOCK by ``stock_id``.
    surface
        Heights of the plan.
    cells
        Table SUN_CELLS on the grid of the surface: what the ground before walls gets in a year.
    table
        What directions give, over the year.
    reach_m
        How far what hides the sky is looked for [m].
    most
        Blocks of a class that stand for all of them, evenly chosen.

    Returns
    -------
    pandas.DataFrame
        Table WALL_LIGHT: by ``archetype`` and ``form``, ``walls_m2`` looked at and ``light``.
    """
    rows = stock if stock.index.name == "stock_id" else stock.set_index("stock_id")
    kinds = rows[["archetype", "form"]].reindex(blocks["stock_id"]).set_axis(blocks.index)
    rank = kinds.groupby(["archetype", "form"]).cumcount()
    size = kinds.groupby(["archetype", "form"])["form"].transform("size")
    # every size/most-th block
    chosen = (rank * most // size) != ((rank - 1) * most // size)
    pieces = wall_pieces(gpd.GeoDataFrame(blocks.loc[chosen, ["height_m", "geometry"]]), surface, bay_m=WHOLE_WALL_M)
    if pieces.empty:
        columns = {"archetype": "str", "form": "str", "walls_m2": "float64", "light": "float64"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    azimuth = pieces["azimuth_deg"].to_numpy(dtype=np.float64)
    normals = normals_of(np.full(len(pieces), UPRIGHT_DEG), azimuth)
    open_light = plane_irradiation(np.zeros((len(pieces), table.directions)), normals, table)[:, 0]
    row, column = cells_before(surface, pieces)
    ground = cells["kwh_m2"].reindex(row * surface.grid.cols + column).to_numpy(dtype=np.float64)[:, None]
    around = np.where(np.isnan(ground), table.surroundings.open, ground)
    light = wall_light_at(pieces, surface, table, around, reach_m)[:, 0]
    area = pieces["area_m2"].to_numpy(dtype=np.float64)
    own = kinds.loc[pieces["building_id"]]
    sums = (
        pd.DataFrame({"walls_m2": area, "got": area * light, "open": area * open_light})
        .groupby([own["archetype"].to_numpy(dtype=str), own["form"].to_numpy(dtype=str)], sort=True)
        .sum()
        .rename_axis(["archetype", "form"])
        .reset_index()
    )
    share = np.minimum(sums["got"] / sums["open"], 1.0)
    return sums[["archetype", "form", "walls_m2"]].assign(light=share)
