"""Building stock: from the controls of a plan, or from real buildings, to floors, roofs and facades.

A parcel's floor area is split by its uses, one row of stock per archetype. Each use takes the share of the land that
it has of the floor area and stacks storeys on it; blocks of typical depth and length give the facade. Where buildings
are given on an existing parcel, their footprints and floors take the place of that massing.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from layers.archetypes import WITHOUT_BUILDINGS, Kinds, archetypes
from layers.constants import constants
from layers.errors import Findings

Floats = NDArray[np.float64]

COMPLETIONS = ("given", "from_floors", "from_height", "parcel_median", "archetype_median", "typical")
"""How the floors and the height of a building were come by, best first."""

SMALLEST_DENSITY = 1e-3
"""A building density below this is taken as not stated."""


def _constant(key: str) -> str:
    return constants("layers", "stock.csv")[key].text


class StockOptions(BaseModel):
    """How controls become buildings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default_density: float = Field(
        default_factory=lambda: float(_constant("massing.density")),
        gt=0.0,
        le=1.0,
        description="Building density where a parcel has floor area but states no density",
    )
    code2010_to_year: int = Field(
        default_factory=lambda: int(_constant("vintage.new.code2010.to_year")),
        description="Last year of completion under the codes before GB 55015-2021",
    )
    old_landuse: tuple[str, ...] = Field(
        default_factory=lambda: tuple(_constant("vintage.old.landuse").split()),
        description="Land uses (with their subclasses) whose existing buildings precede JGJ 134-2001",
    )
    old_archetypes: tuple[str, ...] = Field(
        default_factory=lambda: tuple(_constant("vintage.old.archetypes").split()),
        description="Archetypes whose existing buildings precede JGJ 134-2001",
    )
    use_buildings: bool = Field(
        default=True, description="Let given buildings replace the massing of existing parcels they stand on"
    )


def _keyed(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the frame indexed by its key, whether the key came as index or as column."""
    return frame if frame.index.name == key else frame.set_index(key)


def _uses(parcel_uses: pd.DataFrame, parcels: pd.DataFrame, kinds: Kinds) -> pd.DataFrame:
    """Return parcel_id, archetype, share of floor area; uses without buildings leave their share to the others."""
    plain = parcel_uses.reset_index() if parcel_uses.index.names != [None] else parcel_uses
    built = plain.loc[~plain["archetype"].isin(WITHOUT_BUILDINGS) & (plain["share"] > 0.0)]
    findings = Findings()
    for row in built.loc[~built["archetype"].isin(kinds.keys())].itertuples():
        findings.error(
            "parcel_uses",
            f"unknown archetype {row.archetype!r}",
            "name a built-in archetype, or one the study adds",
            row=row.parcel_id,
        )
    findings.raise_errors()
    uses = built.groupby(["parcel_id", "archetype"], as_index=False)["share"].sum()
    uses["share"] /= uses.groupby("parcel_id")["share"].transform("sum")
    order = pd.Series(np.arange(len(parcels)), index=parcels.index)
    uses = uses.loc[uses["parcel_id"].isin(parcels.index)]
    rank = order.loc[uses["parcel_id"]].to_numpy()
    return pd.DataFrame(uses.iloc[np.lexsort((uses["archetype"], rank))].reset_index(drop=True))


def _of_archetypes(keys: pd.Series, name: str, kinds: Kinds) -> Floats:
    values = {key: float(getattr(archetype, name)) for key, archetype in kinds.items()}
    return np.asarray(keys.map(values), dtype=np.float64)


def complete_buildings(
    parcels: gpd.GeoDataFrame,
    parcel_uses: pd.DataFrame,
    buildings: gpd.GeoDataFrame,
    kinds: Kinds | None = None,
) -> pd.DataFrame:
    """Place buildings on parcels by a point inside them, and complete missing floors and heights.

    Missing floors follow from the height and the storey height; where both are missing, from the median floors of the
    parcel's other buildings, of its archetype's, or the archetype's typical floors.

    Parameters
    ----------
    parcels, parcel_uses, buildings
        Tables PARCELS, PARCEL_USES and BUILDINGS, geometries in one CRS in metres.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    DataFrame
        Index as `buildings`, buildings outside all built-up parcels left out: ``parcel_id``, ``archetype`` (the
        parcel's largest use), ``footprint_m2``, ``perimeter_m``, ``floors``, ``height_m`` and ``completed`` (one of
        `COMPLETIONS`), which tells how many were completed and how.
    """
    kinds = archetypes() if kinds is None else kinds
    plots, blocks = _keyed(parcels, "parcel_id"), _keyed(buildings, "building_id")
    uses = _uses(parcel_uses, plots, kinds)
    main = uses.sort_values(["parcel_id", "share"], kind="stable").groupby("parcel_id")["archetype"].last()
    points = shapely.point_on_surface(blocks.geometry.to_numpy())
    tree = shapely.STRtree(plots.geometry.to_numpy())
    point, plot = tree.query(points, predicate="intersects")
    first = pd.Series(plot, index=point).groupby(level=0).min()
    placed = pd.DataFrame(index=blocks.index)
    placed["parcel_id"] = pd.Series(plots.index.to_numpy()[first.to_numpy()], index=blocks.index[first.index])
    placed["archetype"] = placed["parcel_id"].map(main)
    placed["footprint_m2"] = shapely.area(blocks.geometry.to_numpy())
    placed["perimeter_m"] = shapely.length(blocks.geometry.to_numpy())
    placed["floors"] = blocks["floors"].where(blocks["floors"] > 0.0)
    placed["height_m"] = blocks["height_m"].where(blocks["height_m"] > 0.0)
    placed = placed.loc[placed["archetype"].notna() & (placed["footprint_m2"] > 0.0)]

    storey = pd.Series(_of_archetypes(placed["archetype"], "storey_height_m", kinds), index=placed.index)
    has_floors, has_height = placed["floors"].notna(), placed["height_m"].notna()
    known = placed["floors"].fillna((placed["height_m"] / storey).round().clip(lower=1.0))
    by_parcel = known.groupby(placed["parcel_id"]).transform("median")
    by_archetype = known.groupby(placed["archetype"]).transform("median")
    typical = pd.Series(_of_archetypes(placed["archetype"], "floors", kinds), index=placed.index)
    source = np.select(
        [has_floors & has_height, has_floors, has_height, by_parcel.notna(), by_archetype.notna()],
        COMPLETIONS[:-1],
        COMPLETIONS[-1],
    )
    floors = known.fillna(by_parcel).fillna(by_archetype).fillna(typical)
    return placed.assign(
        floors=floors, height_m=placed["height_m"].fillna(floors * storey), completed=source.astype(object)
    )


def _massing(stock: pd.DataFrame, options: StockOptions, kinds: Kinds) -> pd.DataFrame:
    """Return the stock with floors, height, footprint and facade of blocks within the parcel's controls."""
    storey = _of_archetypes(stock["archetype"], "storey_height_m", kinds)
    area, floor_area = stock["land_m2"].to_numpy(), stock["floor_area_m2"].to_numpy()
    density = stock["building_density"].to_numpy()
    limit = stock["height_limit_m"].to_numpy()
    density = np.where(density >= SMALLEST_DENSITY, density, options.default_density)
    highest = np.where(limit > 0.0, np.maximum(np.floor(limit / storey + 1e-9), 1.0), np.inf)
    wanted = np.ceil(floor_area / (density * area) - 1e-9)
    # the height limit holds before the density, and neither can make a storey larger than its land
    floors = np.maximum(np.maximum(np.minimum(wanted, highest), np.ceil(floor_area / area - 1e-9)), 1.0)
    footprint = np.minimum(floor_area / floors, area)
    forms = {key: archetype.massing for key, archetype in kinds.items()}
    sizes = constants("layers", "stock.csv").under("massing")
    depth = stock["archetype"].map({key: sizes[f"{kind}.depth_m"].value for key, kind in forms.items()}).to_numpy()
    length = stock["archetype"].map({key: sizes[f"{kind}.length_m"].value for key, kind in forms.items()}).to_numpy()
    perimeter = _perimeter(footprint, depth.astype(np.float64), length.astype(np.float64))
    height = floors * storey
    return stock.assign(floors=floors, height_m=height, footprint_m2=footprint, facade_m2=perimeter * height)


def _perimeter(footprint: Floats, depth: Floats, length: Floats) -> Floats:
    """Return the perimeter [m] of the blocks of typical depth and length [m] that make up a footprint [m2]."""
    blocks = np.maximum(np.round(footprint / (depth * length)), 1.0)
    each = footprint / blocks
    side = np.minimum(depth, np.sqrt(each))
    return 2.0 * blocks * (side + each / np.where(side > 0.0, side, 1.0))


def _with_buildings(stock: pd.DataFrame, parcels: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return the stock with what buildings say of existing parcels; their floor area, unless the parcel states one."""
    placed = placed.assign(
        gross_m2=placed["footprint_m2"] * placed["floors"],
        facade_m2=placed["perimeter_m"] * placed["height_m"],
        weighted=placed["footprint_m2"] * placed["floors"] * placed["height_m"],
    )
    sums = placed.groupby("parcel_id")[["footprint_m2", "gross_m2", "facade_m2", "weighted"]].sum()
    sums = sums.loc[sums.index.isin(parcels.index[parcels["existing"]])]
    on = stock["parcel_id"].isin(sums.index)
    if not on.any():
        return stock
    rows = stock.loc[on]
    own = sums.loc[rows["parcel_id"]].set_axis(rows.index)
    share = rows["share"].to_numpy()
    given = rows["floor_area_given"].to_numpy()
    footprint = np.minimum(own["footprint_m2"].to_numpy(), rows["land_m2"].to_numpy() / share) * share
    floor_area = np.where(given, rows["floor_area_m2"], own["gross_m2"] * share)
    floors = np.maximum(floor_area / footprint, 1.0)
    changed = pd.DataFrame(
        {
            "floor_area_m2": floor_area,
            "floors": floors,
            "height_m": own["weighted"] / own["gross_m2"],
            "footprint_m2": footprint,
            "facade_m2": own["facade_m2"] * share,
        },
        index=rows.index,
    )
    stock = stock.copy()
    stock.loc[on, list(changed.columns)] = changed
    return stock


def _vintages(stock: pd.DataFrame, options: StockOptions, kinds: Kinds) -> Floats | NDArray[np.object_]:
    """Return the code generation of each row."""
    old = [key for key, kind in kinds.items() if {key, kind.base} & set(options.old_archetypes)]
    old_use = stock["landuse"].str.startswith(options.old_landuse) | stock["archetype"].isin(old)
    existing = stock["existing"].to_numpy(dtype=bool)
    before = existing | (stock["phase_year"] <= options.code2010_to_year).to_numpy()
    choices = ["pre2001", "code2010"]
    return np.select([existing & old_use.to_numpy(dtype=bool), before], choices, "code2021").astype(object)


def build_stock(
    parcels: gpd.GeoDataFrame,
    parcel_uses: pd.DataFrame,
    buildings: gpd.GeoDataFrame | None,
    base_year: int,
    options: StockOptions,
    kinds: Kinds | None = None,
) -> pd.DataFrame:
    """Return the building stock of base and target year, one row per parcel and archetype.

    Parameters
    ----------
    parcels, parcel_uses
        Tables PARCELS and PARCEL_USES.
    buildings
        Table BUILDINGS, or None: all massing then follows from the controls.
    base_year
        Existing buildings stand from this year on, the others from their phase year.
    options
        How controls become buildings.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    DataFrame
        Table STOCK, in the order of the parcels. The floor area is the parcel's own figure, else that of the buildings
        given on it, else area times floor area ratio.

    Raises
    ------
    InputError
        If a use has an archetype that does not exist.
    """
    kinds = archetypes() if kinds is None else kinds
    plots = _keyed(parcels, "parcel_id")
    uses = _uses(parcel_uses, plots, kinds)
    fields = ["unit_id", "landuse", "area_m2", "building_density", "height_limit_m", "existing", "phase_year"]
    own = pd.DataFrame(plots.loc[uses["parcel_id"], fields]).reset_index(drop=True)
    given = plots["floor_area_m2"].notna()
    total = plots["floor_area_m2"].where(given, plots["area_m2"] * plots["far"])
    stock = pd.concat([uses, own], axis=1)
    stock["floor_area_m2"] = total.loc[uses["parcel_id"]].to_numpy() * stock["share"]
    stock["floor_area_given"] = given.loc[uses["parcel_id"]].to_numpy()
    stock["land_m2"] = stock["area_m2"] * stock["share"]
    stock["existing"] = stock["existing"].astype(bool)
    stock = stock.loc[stock["land_m2"] > 0.0].reset_index(drop=True)
    stock = _massing(stock.assign(floor_area_m2=stock["floor_area_m2"].clip(lower=0.0)), options, kinds)
    if buildings is not None and options.use_buildings and len(buildings):
        stock = _with_buildings(stock, plots, complete_buildings(parcels, parcel_uses, buildings, kinds))
    stock = stock.loc[stock["floor_area_m2"] > 0.0].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "stock_id": stock["parcel_id"].astype(str) + "|" + stock["archetype"],
            "parcel_id": stock["parcel_id"],
            "unit_id": stock["unit_id"],
            "archetype": stock["archetype"],
            "vintage": pd.Series(_vintages(stock, options, kinds), index=stock.index, dtype="str"),
            "year_from": np.where(stock["existing"], base_year, stock["phase_year"]).astype(np.int64),
            "floor_area_m2": stock["floor_area_m2"],
            "floors": stock["floors"],
            "height_m": stock["height_m"],
            "footprint_m2": stock["footprint_m2"],
            "roof_m2": stock["footprint_m2"],
            "facade_m2": stock["facade_m2"],
            "window_share": _of_archetypes(stock["archetype"], "window_share", kinds),
        }
    )
    return table.set_index("stock_id")
