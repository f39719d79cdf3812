"""Archetypes a study adds: they inherit, they state their own, tables carry them whole, and faults are named."""

from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shapely.geometry import box

from layers.archetype_sheets import number_fields, read_archetypes
from layers.archetypes import Archetype, archetype_tables, archetypes, bases, kinds_of
from layers.errors import Findings
from layers.parcels import ParcelOptions, read_parcels
from layers.people import PeopleOptions, reconcile_people
from layers.stock import StockOptions, build_stock
from layers.tables.stock import ARCHETYPE_SCHEDULES, ARCHETYPES, DAY_TYPES, HOURS, OVERRIDES, SCHEDULED
from layers.vector import Source
from resources.solar import roof_areas

CRS = "EPSG:4550"
HEAD = "archetype,like,zh,en"
STATED = {"archetype", "zh", "en", "source", "confidence", "note"}


def read(folder: Path, own: str, days: str | None = None) -> tuple[dict[str, Archetype], list[str]]:
    """Return the archetypes of a text, and its faults as lines."""
    (folder / "own.csv").write_text(own, encoding="utf-8")
    if days is not None:
        (folder / "days.csv").write_text(days, encoding="utf-8")
    findings = Findings()
    kinds = read_archetypes(Source(folder / "own.csv"), None if days is None else Source(folder / "days.csv"), findings)
    return kinds, [str(fault) for fault in findings.errors]


def schedule(quantity: str, day: str, values: list[object], key: str = "lab") -> str:
    return ",".join([key, quantity, day, *map(str, values)]) + "\n"


DAY_HEAD = ",".join(["archetype", "quantity", "day", *HOURS]) + "\n"


def test_an_empty_row_inherits_every_field(tmp_path: Path) -> None:
    kinds, faults = read(tmp_path, f"{HEAD}\nlab,office_rd,实验楼,Laboratory\n")
    assert faults == []
    assert list(kinds)[:-1] == list(archetypes())
    lab, like = kinds["lab"], archetypes()["office_rd"]
    assert (lab.zh, lab.en, lab.base, lab.overrides, lab.schedules) == ("实验楼", "Laboratory", "office_rd", {}, {})
    for one in fields(Archetype):
        if one.name not in STATED:
            assert getattr(lab, one.name) == getattr(like, one.name), one.name
    assert bases(kinds)["lab"] == "office_rd"


def test_what_a_row_states_counts(tmp_path: Path) -> None:
    kinds, faults = read(
        tmp_path,
        f"{HEAD},floors,storey_height_m,window_share,massing,civil,benchmark_key,process_by_activity,wall_u,shgc\n"
        "lab,factory_light,实验楼,Laboratory,7,4.5,0.45,tower,yes,office,no,0.3,0.25\n",
    )
    assert faults == []
    lab = kinds["lab"]
    assert (lab.floors, lab.storey_height_m, lab.window_share, lab.massing) == (7.0, 4.5, 0.45, "tower")
    assert (lab.civil, lab.benchmark_key, lab.process_by_activity) == (True, "office", False)
    assert lab.overrides == {"wall_u": 0.3, "shgc": 0.25}


def test_schedules_are_kept_by_quantity_and_day(tmp_path: Path) -> None:
    rise = [round(hour / 23, 4) for hour in range(24)]
    days = DAY_HEAD + schedule("occupancy", "workday", rise) + schedule("occupancy", "weekend", [0] * 24)
    days += schedule("cooling_setpoint", "allday", ["off"] * 8 + [24] * 16)
    kinds, faults = read(tmp_path, f"{HEAD}\nlab,office_rd,实验楼,Laboratory\n", days)
    assert faults == []
    found = kinds["lab"].schedules
    assert found["occupancy", "workday"] == tuple(rise)
    assert found["occupancy", "weekend"] == (0.0,) * 24
    assert np.isnan(found["cooling_setpoint", "allday"][:8]).all()
    assert found["cooling_setpoint", "allday"][8:] == (24.0,) * 16


numbers = {name: st.floats(row.low, row.high) for name, row in number_fields().items() if name in OVERRIDES}
days = st.tuples(*[st.one_of(st.floats(0.0, 1.0), st.just(np.nan))] * 24)


@examples(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(archetypes())),
            st.fixed_dictionaries({}, optional=numbers),
            st.dictionaries(st.tuples(st.sampled_from(SCHEDULED), st.sampled_from(DAY_TYPES)), days, max_size=3),
        ),
        max_size=3,
    )
)
def test_tables_carry_archetypes_whole(drawn: list) -> None:
    own = {
        f"own{number}": replace(archetypes()[like], archetype=f"own{number}", overrides=overrides, schedules=schedules)
        for number, (like, overrides, schedules) in enumerate(drawn)
    }
    kinds = {**archetypes(), **own}
    table, listed = archetype_tables(kinds)
    ARCHETYPES.check(table)
    ARCHETYPE_SCHEDULES.check(listed)
    back = kinds_of({"archetypes": table, "archetype_schedules": listed})
    assert list(back) == list(kinds)
    for key, kind in kinds.items():
        assert replace(back[key], schedules={}) == replace(kind, schedules={})
        assert back[key].schedules.keys() == kind.schedules.keys()
        for what, values in kind.schedules.items():
            np.testing.assert_array_equal(back[key].schedules[what], values)
        assert hash(back[key]) == hash(kind)


@pytest.mark.parametrize("column", sorted(number_fields()))
def test_every_number_is_held_to_its_range(column: str, tmp_path: Path) -> None:
    wanted = number_fields()[column]
    for value in (wanted.low, wanted.high):
        assert read(tmp_path, f"{HEAD},{column}\nlab,office,实,Lab,{value!r}\n")[1] == []
    for value in (wanted.low - 1.0, np.nextafter(wanted.high, np.inf), "nan", "inf", "1,5", "x"):
        _, faults = read(tmp_path, f'{HEAD},{column}\nlab,office,实,Lab,"{value}"\n')
        assert len(faults) == 1, value
        assert faults[0].startswith(f"own.csv, row 2, column {column}: ")
        assert "; give " in faults[0]


FAULTS = {
    "unknown like": (f"{HEAD}\nlab,ofice,实,Lab\n", ["row 2, column like: unknown archetype 'ofice'; nearest: office"]),
    "like of another row": (f"{HEAD}\na,office,实,A\nb,a,实,B\n", ["row 3, column like: unknown archetype 'a'"]),
    "no like": (f"{HEAD}\nlab,,实,Lab\n", ["row 2, column like: says of no archetype"]),
    "built-in": (f"{HEAD}\noffice,office,实,Lab\n", ["row 2, column archetype: 'office' is a built-in"]),
    "not buildings": (f"{HEAD}\nwater,office,实,Lab\n", ["row 2, column archetype: 'water' is a built-in"]),
    "no key": (f"{HEAD}\n,office,实,Lab\n", ["row 2, column archetype: has no key"]),
    "no sound key": (f"{HEAD}\na|b,office,实,Lab\n", ["row 2, column archetype: 'a|b' is no key"]),
    "twice": (
        f"{HEAD}\nlab,office,实,Lab\nlab,office,实,Lab\n",
        ["row 2, column archetype: 'lab' stands 2 times", "row 3, column archetype: 'lab' stands 2 times"],
    ),
    "one language": (f"{HEAD}\nlab,office,实,\n", ["row 2, column en: has no name"]),
    "unknown column": (
        f"{HEAD},wal_u\nlab,office,实,Lab,1\n",
        ["column wal_u: unknown column 'wal_u'; did you mean 'wall_u'"],
    ),
    "missing column": ("archetype,zh,en\nlab,实,Lab\n", ["column like: the column is missing"]),
    "unknown massing": (
        f"{HEAD},massing\nlab,office,实,Lab,towr\n",
        ["column massing: unknown massing 'towr'; did you mean 'tower'"],
    ),
    "no flag": (f"{HEAD},civil\nlab,office,实,Lab,maybe\n", ["column civil: 'maybe' is neither"]),
    "counted nowhere": (
        f"{HEAD},process_by_activity\nlab,office,实,Lab,yes\n",
        ["column process_by_activity: the equipment"],
    ),
    "crossing": (
        f"{HEAD},heating_set_c,cooling_set_c\nlab,office,实,Lab,26,26\n",
        ["row 2, column heating_set_c: the set points cross: heated to 26 C and cooled to 26 C"],
    ),
    "all at once": (
        f"{HEAD},wall_u,floors\nlab,ofice,实,Lab,0,0\nhall,sports,厅,Hall,x,2\n",
        ["row 2, column like", "row 2, column floors", "row 2, column wall_u", "row 3, column wall_u"],
    ),
}


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.replace(" ", "_"))
def test_faults_of_archetypes_are_named(kind: str, tmp_path: Path) -> None:
    own, wanted = FAULTS[kind]
    _, faults = read(tmp_path, own)
    assert len(faults) == len(wanted), faults
    for part in wanted:
        assert any(part in fault for fault in faults), faults


WARM, COOL = [20] * 24, [26] * 24
DAY_FAULTS = {
    "23 values": (schedule("occupancy", "allday", [*[1] * 23, ""]), ["row 2, column h23: has 23 values, h23 missing"]),
    "a gap": (schedule("occupancy", "allday", [1, "", *[1] * 22]), ["row 2, column h01: has 23 values"]),
    "above one": (schedule("occupancy", "allday", [2, *[1] * 23]), ["row 2, column h00: '2' is no value"]),
    "lamps off": (schedule("lighting", "allday", ["off"] * 24), ["column h00: 'off' is no value"] + [""] * 23),
    "too hot": (schedule("heating_setpoint", "allday", [80, *[5] * 23]), ["row 2, column h00: '80' is no value"]),
    "nobody": (
        schedule("occupancy", "allday", [1] * 24, "lba"),
        ["column archetype: the study adds no archetype 'lba'; nearest: lab"],
    ),
    "built-in": (schedule("occupancy", "allday", [1] * 24, "office"), ["the study adds no archetype 'office'"]),
    "quantity": (
        schedule("ocupancy", "allday", [1] * 24),
        ["column quantity: unknown quantity 'ocupancy'; did you mean 'occupancy'"],
    ),
    "day": (schedule("occupancy", "weekday", [1] * 24), ["column day: unknown day 'weekday'"]),
    "twice": (
        schedule("occupancy", "allday", [1] * 24) * 2,
        ["row 3, column archetype: lab, occupancy, allday stands already in row 2"],
    ),
    "half a week": (
        schedule("occupancy", "workday", [1] * 24),
        ["column day: lab, occupancy is given for the workday only"],
    ),
    "crossing": (
        schedule("heating_setpoint", "allday", WARM)
        + schedule("cooling_setpoint", "allday", [*COOL[:9], 20, *COOL[10:]]),
        ["column h09: the set points of lab cross at h09"],
    ),
}


@pytest.mark.parametrize("kind", DAY_FAULTS, ids=lambda kind: kind.replace(" ", "_"))
def test_faults_of_schedules_are_named(kind: str, tmp_path: Path) -> None:
    rows, wanted = DAY_FAULTS[kind]
    _, faults = read(tmp_path, f"{HEAD}\nlab,office,实,Lab\n", DAY_HEAD + rows)
    assert len(faults) == len(wanted), faults
    for part in wanted:
        assert any("days.csv, row " in fault and part in fault for fault in faults), faults


def test_plant_that_rests_crosses_nothing(tmp_path: Path) -> None:
    rows = schedule("heating_setpoint", "allday", [20] * 12 + ["off"] * 12)
    rows += schedule("cooling_setpoint", "allday", ["off"] * 12 + [18] * 12)
    assert read(tmp_path, f"{HEAD}\nlab,office,实,Lab\n", DAY_HEAD + rows)[1] == []


def plan(folder: Path, named: list[str]) -> tuple[gpd.GeoDataFrame, pd.DataFrame, Findings, object]:
    """Read four parcels of 100 by 100 m, of which one is half housing, with the archetypes named."""
    square = [box(100 * i, 0, 100 * i + 90, 90) for i in range(4)]
    uses = ["R2", "B1", "R2:0.3/B1:0.7", "B1"]
    frame = gpd.GeoDataFrame(
        {"parcel_id": list("ABCD"), "landuse": uses, "far": 2.0, "archetype": named}, geometry=square, crs=CRS
    )
    frame.set_geometry(frame.translate(400_000, 3_300_000)).to_file(folder / "plan.gpkg")
    outline = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "unit_id": ["U"]}, geometry=[box(399_900, 3_299_900, 400_500, 3_300_200)], crs=CRS
    )
    findings = Findings()
    got = read_parcels(
        Source(folder / "plan.gpkg"),
        ParcelOptions(),
        outline.set_index("zone_id"),
        outline.set_index("unit_id"),
        2017,
        2030,
        findings,
        kinds=kinds_with_lab(),
    )
    return (*got, findings, got) if got else (gpd.GeoDataFrame(), pd.DataFrame(), findings, got)


def kinds_with_lab() -> dict[str, Archetype]:
    lab = replace(archetypes()["office_rd"], archetype="lab", floors=5.0, window_share=0.2, storey_height_m=5.0)
    return {**archetypes(), "lab": lab}


def test_a_plan_names_archetypes_for_the_main_use(tmp_path: Path) -> None:
    parcels, uses, findings, _ = plan(tmp_path, ["res_midrise", "lab", "lab", ""])
    assert findings.errors == []
    found = {(row["parcel_id"], row["landuse"]): row["archetype"] for row in uses.to_dict("records")}
    assert found == {
        ("A", "R2"): "res_midrise",
        ("B", "B1"): "lab",
        ("C", "R2"): "res_highrise",
        ("C", "B1"): "lab",
        ("D", "B1"): "retail",
    }
    kinds = kinds_with_lab()
    stock, _ = build_stock(parcels, uses, None, 2017, StockOptions(), kinds)
    own = stock[stock["archetype"] == "lab"]
    assert own["window_share"].tolist() == [0.2, 0.2]
    np.testing.assert_allclose(own["height_m"], own["floors"] * 5.0)
    # what the archetype does not state itself is that of the one it is like
    base = stock.assign(archetype=stock["archetype"].replace("lab", "office_rd"))
    pd.testing.assert_frame_equal(roof_areas(stock, kinds), roof_areas(base))
    alike = uses.assign(archetype=uses["archetype"].replace("lab", "office_rd"))
    people, _ = reconcile_people(parcels, uses, 0.0, 500.0, PeopleOptions(), kinds=kinds)
    pd.testing.assert_frame_equal(people, reconcile_people(parcels, alike, 0.0, 500.0, PeopleOptions())[0])


def test_misspelt_archetypes_of_a_plan_are_told_with_the_nearest(tmp_path: Path) -> None:
    _, _, findings, got = plan(tmp_path, ["res_midrize", "lab", "labb", "none"])
    assert got is None
    told = [str(fault) for fault in findings.errors]
    assert len(told) == 2
    assert (
        "plan.gpkg, row A, column archetype: unknown archetype 'res_midrize'; nearest known: res_midrise"
        in told[0] + told[1]
    )
    assert any("row C, column archetype: unknown archetype 'labb'; nearest known: lab" in line for line in told)
