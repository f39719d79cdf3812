"""Whole runs of a small study: same bytes, resumed runs, what reruns when, and the books that must close."""

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from layers.archetypes import archetypes
from layers.errors import InputError
from spatial import run as run_room
from spatial.pipeline import STAGES, Tables, run_stages
from spatial.run import LOG, PUBLISHED, STORE, Run, run_study
from spatial.store import Store
from spatial.study import read_study

NEARZERO = [sys.executable, "-m", "spatial.cli"]


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file a person sees, the log apart."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and STORE not in path.parts and path.name != LOG
    }


@pytest.fixture(scope="module")
def finished(small_study_master: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_study(read_study(small_study_master), tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def tables(finished: Run, small_study_master: Path) -> Tables:
    outcome = run_stages(read_study(small_study_master), Store(finished.out / STORE))
    return Tables({name: entry for entry in outcome.entries.values() for name in entry.digests})


@pytest.fixture
def copied(finished: Run, tmp_path: Path) -> Path:
    """A copy of the finished run to go on from."""
    return Path(shutil.copytree(finished.out, tmp_path / "out"))


def edit(study: Path, old: str, new: str) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (study / "study.toml").write_text(text.replace(old, new), encoding="utf-8")


def test_a_first_run_does_everything_and_a_second_nothing(
    finished: Run, small_study_master: Path, copied: Path
) -> None:
    assert set(finished.ran) == {stage.name for stage in STAGES}
    again = run_study(read_study(small_study_master), copied)
    assert again.ran == ()
    assert contents(copied) == contents(finished.out)


def test_two_runs_give_the_same_bytes(finished: Run, small_study: Path, tmp_path: Path) -> None:
    other = run_study(read_study(small_study), tmp_path / "other")
    assert contents(other.out) == contents(finished.out)


def test_everything_promised_is_there(finished: Run) -> None:
    names = set(contents(finished.out))
    assert {"index.html", "map.html", "layers.gpkg", "balance.xlsx", "manifest.json"} <= names
    assert any(name.endswith(".tif") for name in names)
    assert any(name.endswith(".parquet") for name in names)
    assert any(name.startswith("tables/") for name in names)


def test_manifest_lists_every_file_with_its_digest(finished: Run) -> None:
    manifest = json.loads((finished.out / "manifest.json").read_text(encoding="utf-8"))
    listed = {item["path"]: item["sha256"] for item in manifest["outputs"]}
    assert listed == {name: sha for name, sha in contents(finished.out).items() if name != "manifest.json"}


def test_the_geopackage_has_layers_crs_and_a_style_for_each(finished: Run) -> None:
    path = finished.out / "layers.gpkg"
    names = set(pyogrio.list_layers(path)[:, 0])
    assert {"parcels", "units", "zone", "streets", "turbines", "wind_cells", "density"} <= names
    for name in names - {"layer_styles"}:
        assert pyogrio.read_info(path, layer=name)["crs"] == "EPSG:4550"
    styles = pd.read_sql("select * from layer_styles", sqlite3.connect(f"file:{path}?mode=ro", uri=True))
    assert names - {"layer_styles"} <= set(styles["f_table_name"])
    assert styles["styleQML"].str.startswith("<").all()
    assert styles.groupby("f_table_name")["useAsDefault"].sum().eq(1).all()


def test_a_changed_floor_area_ratio_reruns_stock_to_map_but_not_weather_wind_and_sea(
    small_study: Path, copied: Path
) -> None:
    parcels = gpd.read_file(small_study / "plan.gpkg", layer="parcels")
    parcels.loc[parcels["parcel_id"] == "P00", "far"] = 2.4
    parcels.to_file(small_study / "plan.gpkg", layer="parcels")
    ran = set(run_study(read_study(small_study), copied).ran)
    # the profiles too: the geometry of a class is the mean of the plan's own buildings
    assert {"parcels", "stock", "sun", "profiles", "demand", "balance", "map"} <= ran
    assert not ran & {"weather", "wind", "sea", "adoption"}


def test_a_changed_colour_reruns_the_map_alone(small_study: Path, copied: Path) -> None:
    text = (small_study / "study.toml").read_text(encoding="utf-8")
    (small_study / "study.toml").write_text(f'{text}\n[map.colours]\nR = "#ffee00"\n', encoding="utf-8")
    assert run_study(read_study(small_study), copied).ran == ("map",)


def test_a_changed_measure_does_not_touch_the_physics(small_study: Path, copied: Path) -> None:
    text = (small_study / "study.toml").read_text(encoding="utf-8")
    (small_study / "study.toml").write_text(
        f'{text}\n[scenarios.bau]\n[scenarios.near_zero]\ninherits = "bau"\nmeasures = ["ev_cars"]\n', encoding="utf-8"
    )
    ran = set(run_study(read_study(small_study), copied).ran)
    assert {"adoption", "balance", "map"} <= ran
    assert not ran & {"stock", "sun", "wind", "demand", "networks", "profiles"}


def test_a_killed_run_resumes_to_the_same_bytes(finished: Run, small_study: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    command = [*NEARZERO, "run", str(small_study), "--out", str(out)]
    chance = random.Random(7)
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + chance.uniform(4.0, 9.0)
            while time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
    subprocess.run(command, check=True, capture_output=True)
    assert contents(out) == contents(finished.out)


def test_growth_is_told_as_it_acts(small_study: Path, copied: Path) -> None:
    edit(small_study, "2017 = 8000", "2017 = 8000\n2030 = 20000\n\n[balance.switches]\npopulation_times = 4.0")
    done = subprocess.run(
        [*NEARZERO, "run", str(small_study), "--out", str(copied)], check=True, capture_output=True, text=True
    )
    assert "population_times=2.5" in done.stderr
    assert "population_times = 4 is not used" in done.stderr
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["study"]["switches"]["population_times"] == "2.5"
    assert '"population_times":"2.5"' in (copied / "map.html").read_text(encoding="utf-8").replace(": ", ":")


@pytest.mark.parametrize("name", ["tables/targets.csv", "index.html", "manifest.json", "layers.gpkg"])
def test_what_was_edited_or_lost_is_restored(finished: Run, small_study_master: Path, copied: Path, name: str) -> None:
    size = (copied / name).stat().st_size
    (copied / name).write_bytes(b"x" * size)
    assert run_study(read_study(small_study_master), copied).ran == ()
    assert contents(copied) == contents(finished.out)
    (copied / name).unlink()
    assert run_study(read_study(small_study_master), copied).ran == ()
    assert contents(copied) == contents(finished.out)


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"key": "k", "files": []}', "\x00"])
def test_a_spoilt_record_counts_as_none(finished: Run, small_study_master: Path, copied: Path, spoilt: str) -> None:
    (copied / STORE / PUBLISHED).write_text(spoilt)
    (copied / "map.html").write_text("old")
    run_study(read_study(small_study_master), copied)
    assert contents(copied) == contents(finished.out)


def test_a_run_killed_while_publishing_is_published_again(
    finished: Run, small_study: Path, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (small_study / "study.toml").read_text(encoding="utf-8")
    (small_study / "study.toml").write_text(f'{text}\n[map.colours]\nR = "#ffee00"\n', encoding="utf-8")
    record = json.loads((copied / STORE / PUBLISHED).read_text(encoding="utf-8"))
    record["files"]["stale.csv"] = "of an earlier run"
    (copied / STORE / PUBLISHED).write_text(json.dumps(record), encoding="utf-8")
    (copied / "stale.csv").write_text("stale")
    put: Callable[[Path, Path], None] = run_room.publish

    def killed(source: Path, target: Path) -> None:
        put(source, target)
        if target.name == "map.html":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run_room, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            run_study(read_study(small_study), copied)
    (small_study / "study.toml").write_text(text, encoding="utf-8")
    run_study(read_study(small_study), copied)
    assert contents(copied) == contents(finished.out)


def test_two_runs_do_not_meet_in_one_folder(finished: Run, small_study_master: Path, copied: Path) -> None:
    with Store(copied / STORE) as held:
        working = held.begin("map")
        refused = subprocess.run(
            [*NEARZERO, "run", str(small_study_master), "--out", str(copied)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert refused.returncode == 2
        assert "another run" in refused.stderr
        assert working.is_dir()
    run_study(read_study(small_study_master), copied)
    assert not working.exists()
    assert contents(copied) == contents(finished.out)


@pytest.mark.parametrize("name", ["tables", "map.html"])
def test_a_place_that_is_taken_is_told(small_study_master: Path, copied: Path, name: str) -> None:
    taken = copied / name
    if taken.is_dir():
        shutil.rmtree(taken)
        taken.write_text("a file")
    else:
        taken.unlink()
        taken.mkdir()
    with pytest.raises(InputError, match=name):
        run_study(read_study(small_study_master), copied)


def test_results_may_go_into_the_study(finished: Run, small_study: Path) -> None:
    assert contents(run_study(read_study(small_study), small_study / "out").out) == contents(finished.out)


def test_scenarios_in_another_order_are_another_account(small_study: Path, copied: Path) -> None:
    text = (small_study / "study.toml").read_text(encoding="utf-8")
    bau, near = "[scenarios.bau]\n", '[scenarios.near_zero]\ninherits = "bau"\nmeasures = ["*"]\n'
    firsts = []
    for scenarios in (bau + near, near + bau):
        (small_study / "study.toml").write_text(f"{text}\n{scenarios}", encoding="utf-8")
        done = run_study(read_study(small_study), copied)
        manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
        steps = pd.read_csv(copied / "tables" / "waterfall.csv", comment="#")
        firsts.append((manifest["study"]["scenarios"][0], steps.iloc[-1].astype(str).tolist()))
    assert {"adoption", "balance", "review", "tables", "layers", "map"} <= set(done.ran)
    assert [first for first, _ in firsts] == ["bau", "near_zero"]
    assert firsts[0][1] != firsts[1][1]


def test_json_lists_the_stages_that_ran(small_study: Path, copied: Path) -> None:
    done = subprocess.run(
        [*NEARZERO, "run", str(small_study), "--out", str(copied), "--json"], check=True, capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["ok"] is True
    assert [stage["name"] for stage in answer["stages"] if stage["ran"]] == []
    assert Path(answer["map"]).is_file()


def test_zone_sums_sector_sums_and_total_agree(tables: Tables) -> None:
    balance = tables["balance"]
    for column in ("energy_mwh", "co2_t"):
        total = balance.groupby(["scenario", "year"])[column].sum()
        for part in ("unit_id", "sector", "carrier"):
            parts = balance.groupby(["scenario", "year", part])[column].sum().groupby(["scenario", "year"]).sum()
            np.testing.assert_allclose(parts, total, rtol=1e-9)
    gross = tables["indicators"].query("indicator == 'co2_gross_t'").set_index(["scenario", "year"])["value"]
    co2 = balance.groupby(["scenario", "year"])["co2_t"].sum()
    np.testing.assert_allclose(gross.reindex(co2.index), co2, rtol=1e-9)


def test_base_year_gas_of_buildings_is_floor_area_times_need_times_share_times_use(tables: Tables) -> None:
    # An independent recomputation, row by row, from the tables the account was made of.
    need = tables["intensities"].set_index(["archetype", "vintage", "service"])["kwh_m2"]
    base = tables["adoption"].query("scenario == 'bau' and year == 2017").set_index(["subject", "technology"])["share"]
    gas_use = tables["technology_use"].query("carrier == 'natural_gas' and year == 2017")
    use = gas_use.set_index(["activity", "technology"])["use_kwh"].to_dict()
    expected = 0.0
    for _, row in tables["stock"].query("year_from <= 2017").iterrows():
        sector = archetypes()[row["archetype"]].sector
        for service in ("heating", "hot_water", "cooking"):
            useful = row["floor_area_m2"] * need.loc[(row["archetype"], row["vintage"], service)] / 1000.0
            for (activity, technology), kwh in use.items():
                if activity == service:
                    expected += useful * base.get((f"{sector}.{service}", technology), 0.0) * kwh
    gas = tables["balance"].query("scenario == 'bau' and year == 2017 and carrier == 'natural_gas'")
    levels = tables["activity"].query("year == 2017").groupby("subsector")["activity"].sum()
    process = sum(
        levels.get(activity, 0.0) * base.get((activity, technology), 0.0) * kwh / 1000.0
        for (activity, technology), kwh in use.items()
    )
    assert gas["energy_mwh"].sum() == pytest.approx(expected + process, rel=1e-9)


def test_parcels_are_part_of_their_units(tables: Tables) -> None:
    units = tables["balance"].groupby(["scenario", "year"])["co2_t"].sum()
    parcels = tables["parcel_account"].groupby(["scenario", "year"])["co2_t"].sum()
    assert (parcels <= units * (1 + 1e-9)).all()
    assert (parcels > 0).all()


def test_energy_in_is_energy_out_per_carrier_and_year(tables: Tables) -> None:
    flows = tables["supply"].pivot_table(
        index=["scenario", "year", "carrier"], columns="direction", values="energy_mwh", aggfunc="sum", fill_value=0.0
    )
    np.testing.assert_allclose(flows["in"], flows["out"], rtol=1e-9)


def test_final_energy_of_supply_is_that_of_the_balance(tables: Tables) -> None:
    final = tables["supply"].query("item == 'final'").set_index(["scenario", "year", "carrier"])["energy_mwh"]
    balance = tables["balance"].groupby(["scenario", "year", "carrier"])["energy_mwh"].sum()
    np.testing.assert_allclose(final[final > 0].sort_index(), balance[balance > 0].sort_index(), rtol=1e-9)


def test_electricity_carbon_is_what_the_grid_brought(tables: Tables) -> None:
    balance = tables["balance"]
    electric = balance[balance["carrier"].isin(["electricity", "district_cold", "district_heat"])]
    co2 = electric.groupby(["scenario", "year"])["co2_t"].sum()
    grid = tables["supply"].query("item == 'grid'").set_index(["scenario", "year"])["energy_mwh"]
    factor = co2 / grid.reindex(co2.index)
    official = factor.xs(2023, level="year")
    np.testing.assert_allclose(official, 0.4974, rtol=1e-6)


def test_district_energy_is_made_by_plants_that_take_electricity(tables: Tables) -> None:
    supply = tables["supply"].pivot_table(
        index=["scenario", "year"], columns="item", values="energy_mwh", aggfunc="sum"
    )
    balance = tables["balance"]
    district = balance[balance["carrier"].isin(["district_cold", "district_heat"])]
    delivered = district.groupby(["scenario", "year"])["energy_mwh"].sum().reindex(supply.index, fill_value=0.0)
    assert delivered.max() > 0.0
    plants = supply["district_plants"].fillna(0.0)
    assert (plants[delivered > 0.0] > delivered[delivered > 0.0] / 10.0).all()
    assert (plants[delivered == 0.0] == 0.0).all()
    assert (district.loc[district["energy_mwh"] > 0.0, "co2_t"] > 0.0).all()


def test_near_zero_never_emits_more_than_business_as_usual(tables: Tables) -> None:
    co2 = tables["balance"].pivot_table(index="year", columns="scenario", values="co2_t", aggfunc="sum")
    assert (co2["near_zero"] <= co2["bau"] * (1 + 1e-9)).all()
    assert co2["near_zero"].iloc[0] == pytest.approx(co2["bau"].iloc[0], rel=1e-9)


def test_density_sums_to_the_parcels(tables: Tables) -> None:
    parcels = tables["demand_parcels"].reset_index()
    last = parcels[parcels["year"] == parcels["year"].max()]
    for column in ("heating_mwh", "cooling_mwh"):
        assert tables["density"][column].sum() == pytest.approx(last[column].sum(), rel=1e-9)


def test_people_meet_the_driver_and_the_factor_is_kept(tables: Tables) -> None:
    assert tables["people"]["population_base"].sum() == pytest.approx(8_000, rel=1e-9)
    assert tables["people"]["population_target"].sum() == pytest.approx(32_000, rel=1e-9)
    assert (tables["reconciliation"]["factor"] > 0).all()


def test_every_sea_cell_that_is_excluded_says_why(tables: Tables) -> None:
    cells = tables["wind_cells"]
    assert (cells.loc[~cells["eligible"], "reasons"] != "").all()
    assert (cells.loc[cells["eligible"], "reasons"] == "").all()


def test_every_new_building_is_reviewed(tables: Tables) -> None:
    stock = tables["stock"]
    new = set(stock.loc[stock["year_from"] > 2017, "parcel_id"])
    assert new
    assert new <= set(tables["review"]["parcel_id"])
