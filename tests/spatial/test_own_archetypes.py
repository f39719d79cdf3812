"""A study that adds archetypes: it runs, they count where its plan names them, and faults are told before anything."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

from spatial.cli import app
from spatial.pipeline import STAGES, run_stages
from spatial.store import Store
from spatial.study import read_study

HOURS = ",".join(f"h{hour:02d}" for hour in range(24))
OWN = "archetype,like,zh,en,floors,window_share,wall_u,equipment_w_m2\nlab,office_rd,实验楼,Laboratory,5,0.2,0.4,40\n"
DAYS = f"archetype,quantity,day,{HOURS}\nlab,occupancy,allday,{','.join(['0.5'] * 24)}\n"


def with_archetypes(study: Path, own: str = OWN, days: str | None = DAYS, named: str = "lab") -> Path:
    """Add archetypes to a study, and name one on its first parcel of class B1."""
    path, added = study / "study.toml", 'archetypes = "own.csv"\n'
    (study / "own.csv").write_text(own, encoding="utf-8")
    if days is not None:
        (study / "days.csv").write_text(days, encoding="utf-8")
        added += 'schedules = "days.csv"\n'
    path.write_text(path.read_text(encoding="utf-8").replace("[weather]", f"{added}\n[weather]", 1), encoding="utf-8")
    plan = gpd.read_file(study / "plan.gpkg", layer="parcels")
    first = plan.index[plan["landuse"] == "B1"][0]
    plan["archetype"] = ["" if row != first else named for row in plan.index]
    plan.to_file(study / "plan.gpkg", layer="parcels")
    return study


def upto(name: str) -> list:
    """Return the stages up to one."""
    names = [stage.name for stage in STAGES]
    return list(STAGES[: names.index(name) + 1])


def test_a_study_with_an_archetype_of_its_own_runs(small_study: Path, tmp_path: Path) -> None:
    with_archetypes(small_study)
    done = CliRunner().invoke(app, ["run", str(small_study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, (done.output, done.exception)
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "实验楼" in page
    assert "Laboratory" in page


def test_one_that_states_nothing_is_as_the_one_it_is_like(small_study: Path, tmp_path: Path) -> None:
    plain = "archetype,like,zh,en\nlab,office_rd,实验楼,Laboratory\n"
    store, made = Store(tmp_path / "store"), []
    for name in ("lab", "office_rd"):
        if made:
            plan = gpd.read_file(small_study / "plan.gpkg", layer="parcels")
            plan["archetype"] = plan["archetype"].replace("lab", name)
            plan.to_file(small_study / "plan.gpkg", layer="parcels")
        else:
            with_archetypes(small_study, plain, None, name)
        entries = run_stages(read_study(small_study), store, upto("balance")).entries
        made.append({entry: entries[entry].table for entry in ("people", "sun", "activity", "balance")})
    lab, like = made
    for stage, table in (
        ("people", "people"),
        ("sun", "pv_parcels"),
        ("activity", "activity"),
        ("balance", "balance"),
        ("balance", "embodied"),
        ("balance", "parcel_account"),
    ):
        pd.testing.assert_frame_equal(lab[stage](table), like[stage](table), rtol=1e-9)


def test_its_buildings_stand_where_the_plan_names_it_and_changes_are_noticed(small_study: Path, tmp_path: Path) -> None:
    study, store = read_study(with_archetypes(small_study)), Store(tmp_path / "store")
    stages = upto("stock")
    first = run_stages(study, store, stages)
    stock = first.entries["stock"].table("stock")
    uses = first.entries["parcels"].table("parcel_uses")
    own = stock[stock["archetype"] == "lab"]
    assert len(own) == 1
    assert own["window_share"].tolist() == [0.2]
    named = uses[uses["archetype"] == "lab"]
    assert named["parcel_id"].tolist() == own["parcel_id"].tolist()
    assert not run_stages(study, store, stages).ran
    (small_study / "own.csv").write_text(OWN.replace("0.2", "0.5"), encoding="utf-8")
    again = run_stages(read_study(small_study), store, stages)
    assert {"archetypes", "stock"} <= set(again.ran)
    assert not {"place", "streets", "sea", "weather"} & set(again.ran)
    table = again.entries["stock"].table("stock")
    assert table.loc[table["archetype"] == "lab", "window_share"].tolist() == [0.5]
    # a schedule is nothing to the stock
    (small_study / "days.csv").write_text(DAYS.replace("0.5", "0.25"), encoding="utf-8")
    assert "stock" not in run_stages(read_study(small_study), store, stages).ran


FAULTS = {
    "unknown like": ({"own": OWN.replace("office_rd", "ofice_rd")}, ("own.csv, row 2, column like", "office_rd")),
    "built-in key": ({"own": OWN.replace("lab,", "office,")}, ("own.csv, row 2, column archetype", "built-in")),
    "twice": ({"own": OWN + OWN.splitlines()[1] + "\n"}, ("own.csv, row 3, column archetype", "2 times")),
    "U-value of nought": ({"own": OWN.replace("0.4,40", "0,40")}, ("own.csv, row 2, column wall_u", "0.05 to 5.8")),
    "no number": ({"own": OWN.replace(",40", ",many")}, ("own.csv, row 2, column equipment_w_m2", "'many'")),
    "set points that cross": (
        {"own": OWN.replace("wall_u,equipment_w_m2", "heating_set_c,cooling_set_c").replace("0.4,40", "26,26")},
        ("own.csv, row 2, column heating_set_c", "cross"),
    ),
    "set point that crosses an inherited one": (
        {"own": OWN.replace("wall_u,equipment_w_m2", "heating_set_c,shgc").replace("0.4,40", "27,0.3")},
        ("own.csv, row lab, column heating_set_c", "27 C (set), cooled to 26 C (inherited)"),
    ),
    "unknown column": ({"own": OWN.replace("wall_u", "wal_u")}, ("own.csv", "column wal_u", "'wall_u'")),
    "23 values": ({"days": DAYS.replace("0.5\n", "\n")}, ("days.csv, row 2", "23 values", "h23")),
    "a cell less": ({"days": DAYS.replace(",0.5\n", "\n")}, ("days.csv, row 2", "26 cells")),
    "schedule of nobody": ({"days": DAYS.replace("lab,", "lb,")}, ("days.csv, row 2, column archetype", "'lb'")),
    "unknown quantity": ({"days": DAYS.replace("occupancy", "ocupancy")}, ("days.csv, row 2", "'occupancy'")),
    "misspelt in the plan": ({"named": "labb"}, ("plan.gpkg", "column archetype", "'labb'", "lab")),
}


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.replace(" ", "_"))
@pytest.mark.parametrize("command", ["run", "check"])
def test_one_message_says_what_is_wrong(kind: str, command: str, small_study: Path, tmp_path: Path) -> None:
    changes, parts = FAULTS[kind]
    with_archetypes(small_study, **changes)
    out = ["--out", str(tmp_path / "out")] if command == "run" else []
    done = CliRunner().invoke(app, [command, str(small_study), *out])
    assert done.exit_code == 2, (done.output, done.exception)
    assert "Traceback" not in done.output
    said = " ".join(done.output.split())
    for part in parts:
        assert part in said, done.output
    assert not (tmp_path / "out").exists()


def test_faults_of_both_files_and_the_plan_are_told_at_once(small_study: Path, tmp_path: Path) -> None:
    with_archetypes(small_study, OWN.replace("0.4,40", "0,-1"), DAYS.replace("allday", "alday"), "offic")
    done = CliRunner().invoke(app, ["run", str(small_study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    for part in ("column wall_u", "column equipment_w_m2", "'alday'", "'offic'"):
        assert part in said, done.output
