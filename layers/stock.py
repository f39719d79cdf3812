"""Building stock: from the controls of a plan, or from real buildings, to floors, roofs and facades.

A parcel's floor area is split by its uses, one row of stock per archetype. Each use takes the share of the land that
it has of the floor area and stacks storeys on it, in every form that `layers.massing` finds plausible; the usual form
stands in the stock. Where buildings are given on an existing parcel, their footprints and floors take its place.
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
from layers.massing import classify, massings

Floats = NDArray[np.float64]

SLACK = 0.5
"""Part by which a floor area may exceed its controls with the usual storeys of its use before it is told."""
TOLD = 5
"""Parcels named in a message."""
NO_FLOOR_M2 = 1e-9
"""Floor area that is none."""
TOUCHING_M = 0.02
"""Gap between footprints up to which they share a wall."""

COMPLETIONS = {
    "given": "both given",
    "from_floors": "from floors",
    "from_height": "from the height",
    "parcel_median": "as the median of the parcel",
    "archetype_median": "as the median of the archetype",
    "typical": "as typical of the archetype",
}
"""How the floors and the height of a building were come by, best first, and how that is told."""


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


def _facing_ns(shapes: NDArray[np.object_]) -> Floats:
    """Return the length of wall [m] that faces north and south; slanting walls count by the square of the cosine."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.diff(points, axis=0)[ring[1:] == ring[:-1]]
    owner = shape[part[ring[1:][ring[1:] == ring[:-1]]]]
    length = np.hypot(steps[:, 0], steps[:, 1])
    facing = steps[:, 0] ** 2 / np.where(length > 0.0, length, 1.0)
    return np.bincount(owner, weights=facing, minlength=len(shapes)).astype(np.float64)


def _party_walls(shapes: NDArray[np.object_], height: Floats) -> Floats:
    """Return the wall of each building that another one stands against [m2], up to the lower of the two."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING_M)
    one, other = one[one != other], other[one != other]
    shapely.prepare(shapes)
    near = shapely.buffer(shapes[other], TOUCHING_M, quad_segs=2)
    length = shapely.length(shapely.intersection(shapely.boundary(shapes[one]), near))
    area = length * np.minimum(height[one], height[other])
    return np.bincount(one, weights=area, minlength=len(shapes)).astype(np.float64)


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
        parcel's largest use), ``footprint_m2``, ``perimeter_m``, ``facing_ns_m`` (the part of it that faces north and
        south), ``party_m2`` (wall that others stand against), ``floors``, ``height_m`` and ``completed`` (one of
        `COMPLETIONS`), which tells how they were come by.
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
    placed["facing_ns_m"] = _facing_ns(blocks.geometry.to_numpy())
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
        list(COMPLETIONS)[:-1],
        list(COMPLETIONS)[-1],
    )
    floors = known.fillna(by_parcel).fillna(by_archetype).fillna(typical)
    height = placed["height_m"].fillna(floors * storey)
    shared = _party_walls(blocks.geometry.loc[placed.index].to_numpy(), height.to_numpy())
    return placed.assign(floors=floors, height_m=height, completed=source.astype(object), party_m2=shared)


def _from_buildings(stock: pd.DataFrame, parcels: pd.DataFrame, placed: pd.DataFrame, kinds: Kinds) -> pd.DataFrame:
    """Return MASSINGS and floor areas of the rows whose existing parcels have buildings; rows not in the stock's order.

    The floor area is that of the buildings, unless the parcel states one. The form is the one that most of the
    buildings' floor area has.
    """
    placed = placed.loc[placed["parcel_id"].isin(parcels.index[parcels["existing"]])]
    industry = placed["archetype"].isin([key for key, kind in kinds.items() if kind.envelope == "industry"])
    gross = placed["footprint_m2"] * placed["floors"]
    free = (placed["perimeter_m"] * placed["height_m"] - placed["party_m2"]).clip(lower=0.0)
    placed = placed.assign(
        form=classify(placed["floors"], placed["footprint_m2"], placed["perimeter_m"], industry),
        gross_m2=gross,
        facade_m2=free,
        facing_m2=free * placed["facing_ns_m"] / placed["perimeter_m"],
        weighted=gross * placed["height_m"],
    )
    sums = placed.groupby("parcel_id")[["footprint_m2", "gross_m2", "facade_m2", "facing_m2", "weighted"]].sum()
    forms = placed.groupby(["parcel_id", "form"], as_index=False)["gross_m2"].sum()
    main = forms.iloc[np.lexsort((forms["form"], forms["gross_m2"]))].groupby("parcel_id")["form"].last()
    rows = stock.loc[stock["parcel_id"].isin(sums.index)]
    own = sums.loc[rows["parcel_id"]].set_axis(rows.index)
    share = rows["share"]
    footprint = np.minimum(own["footprint_m2"], rows["land_m2"] / share) * share
    floor_area = rows["floor_area_m2"].where(rows["floor_area_given"], own["gross_m2"] * share)
    return pd.DataFrame(
        {
            "stock_id": rows["stock_id"],
            "form": rows["parcel_id"].map(main).astype("str"),
            "floors": (floor_area / footprint).clip(lower=1.0),
            "height_m": own["weighted"] / own["gross_m2"],
            "footprint_m2": footprint,
            "roof_m2": footprint,
            "facade_m2": own["facade_m2"] * share,
            "facade_ns_share": own["facing_m2"] / own["facade_m2"],
            "usual": True,
            "floor_area_m2": floor_area,
        }
    )


def _tell(placed: pd.DataFrame, given: int, findings: Findings) -> None:
    """Note how the floors and heights of buildings were come by."""
    counts = placed["completed"].value_counts()
    told = ", ".join(f"{text} {counts[key]}" for key, text in COMPLETIONS.items() if counts.get(key, 0))
    findings.note(
        "buildings",
        f"{len(placed)} of {given} buildings stand on built-up parcels; floors and heights: {told or 'none'}",
    )


def _tell_floor_area(stock: pd.DataFrame, real: pd.DataFrame, findings: Findings) -> None:
    """Note what floor area given buildings put in the place of that of the controls."""
    before = stock["floor_area_m2"].groupby(stock["parcel_id"]).sum()
    after = real["floor_area_m2"].groupby(stock["parcel_id"]).sum()
    changed = before.index[(before - after).abs() > 0.01 * before]
    if len(changed):
        most = str((before - after).abs().idxmax())
        findings.note(
            "buildings",
            f"{len(changed)} built-up parcels state no floor area: that of their buildings, "
            f"{after[changed].sum():,.0f} m2, stands for the {before[changed].sum():,.0f} m2 of their floor area ratio "
            f"(most at {most}: {after[most]:,.0f} for {before[most]:,.0f} m2)",
        )


def _tell_controls(planned: pd.DataFrame, usual: pd.DataFrame, options: StockOptions, findings: Findings) -> None:
    """Warn of parcels whose floor area does not fit both their density and their height limit."""
    form = usual.loc[planned.index]
    limit, density = planned["height_limit_m"], planned["building_density"]
    allowed = density.where(density > 0.0, options.default_density) * planned["land_m2"]
    storeys = limit / (form["height_m"] / form["floors"])
    beyond = (limit > 0.0) & (planned["floor_area_m2"] > allowed * storeys * (1.0 + SLACK))
    parcels = sorted(set(planned.loc[beyond, "parcel_id"]))
    if parcels:
        named = ", ".join(parcels[:TOLD]) + (f" and {len(parcels) - TOLD} more" if len(parcels) > TOLD else "")
        findings.warning(
            "parcels",
            f"more floor area than density and height limit allow, by half and over, on {len(parcels)} of "
            f"{planned['parcel_id'].nunique()} parcels: {named}; they are built wider, and where that is not enough "
            "higher, than allowed",
            "check far, building_density and height_limit_m",
            column="far",
        )


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
    findings: Findings | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the building stock of base and target year, one row per parcel and archetype, and the forms it may have.

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
    findings
        Takes notes on how floors and heights of buildings were completed and on floor areas that buildings replace,
        and a warning of parcels whose controls cannot all be met.

    Returns
    -------
    stock : DataFrame
        Table STOCK, in the order of the parcels, each row with its usual form. The floor area is the parcel's own
        figure, else that of the buildings given on it, else area times floor area ratio.
    massings : DataFrame
        Table MASSINGS, in the order of the stock; one row of stock has one form where buildings are given.

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
    stock["stock_id"] = stock["parcel_id"].astype(str) + "|" + stock["archetype"]
    stock["floor_area_m2"] = (total.loc[uses["parcel_id"]].to_numpy() * stock["share"]).clip(lower=0.0)
    stock["floor_area_given"] = given.loc[uses["parcel_id"]].to_numpy()
    stock["land_m2"] = stock["area_m2"] * stock["share"]
    stock["existing"] = stock["existing"].astype(bool)
    stock = stock.loc[stock["land_m2"] > 0.0].set_index("stock_id", drop=False)
    every: list[pd.DataFrame] = []
    planned = stock
    if buildings is not None and options.use_buildings and len(buildings):
        placed = complete_buildings(parcels, parcel_uses, buildings, kinds)
        if findings is not None:
            _tell(placed, len(buildings), findings)
        real = _from_buildings(stock, plots, placed, kinds)
        if findings is not None:
            _tell_floor_area(stock.loc[real.index], real, findings)
        stock.loc[real.index, "floor_area_m2"] = real["floor_area_m2"]
        every.append(real.drop(columns="floor_area_m2"))
        planned = stock.drop(index=real.index)
    stock = stock.loc[stock["floor_area_m2"] > NO_FLOOR_M2]
    every.append(massings(planned.loc[planned["floor_area_m2"] > NO_FLOOR_M2], options.default_density, kinds))
    found = pd.concat(every, ignore_index=True)
    rank = stock.index.get_indexer(pd.Index(found["stock_id"]))
    found = found.assign(rank=rank).loc[rank >= 0].sort_values("rank", kind="stable", ignore_index=True)
    usual = found.loc[found["usual"]].set_index("stock_id")
    if findings is not None:
        _tell_controls(planned.loc[planned.index.intersection(stock.index)], usual, options, findings)
    table = pd.DataFrame(
        {
            "parcel_id": stock["parcel_id"],
            "unit_id": stock["unit_id"],
            "archetype": stock["archetype"],
            "vintage": pd.Series(_vintages(stock, options, kinds), index=stock.index, dtype="str"),
            "year_from": np.where(stock["existing"], base_year, stock["phase_year"]).astype(np.int64),
            "floor_area_m2": stock["floor_area_m2"],
            **{name: usual[name] for name in ("floors", "height_m", "footprint_m2", "roof_m2", "facade_m2")},
            "window_share": _of_archetypes(stock["archetype"], "window_share", kinds),
            "form": usual["form"],
        }
    )
    return table, found.drop(columns="rank")
