"""Plans at the edge of what there is: nothing stands yet, nothing is ever built, or no roof may carry modules."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.tables.resources import ROOFS, SUN_CELLS, SUPPLY_CURVES
from spatial.pipeline import STAGES, run_stages
from spatial.run import run_study
from spatial.store import Store
from spatial.study import read_study

EDGES = {
    "nothing stands in the base year": lambda plan: plan.assign(status="planned", phase_year=2030),
    "nothing is ever built": lambda plan: plan[plan["landuse"].isin(["E1", "E2", "E23", "G1"])],
}
ROOFLESS = {
    "nothing is ever built": EDGES["nothing is ever built"],
    "stores of dangerous goods alone": lambda plan: plan.assign(landuse="W3"),
}


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.replace(" ", "_"))
def test_an_edge_of_a_plan_runs_to_its_map(edge: str, small_study: Path, tmp_path: Path) -> None:
    path = small_study / "plan.gpkg"
    EDGES[edge](gpd.read_file(path, layer="parcels")).to_file(path, layer="parcels")
    run = run_study(read_study(small_study), tmp_path / "out")
    assert run.map.is_file()
    balance = pd.read_csv(run.out / "tables" / "balance.csv", skiprows=[1])
    built = balance[balance["sector"].isin(["residential", "service"])]
    assert (built.loc[built["year"] == 2017, "carrier"] == "electricity").all()  # water supply alone


def sun_tables(study: Path, store: Path) -> dict[str, pd.DataFrame]:
    """Run the stages of roofs and sun and return their tables as they are stored."""
    with Store(store) as kept:
        only = [stage for stage in STAGES if stage.name in {"stock", "roofs", "sun"}]
        entries = run_stages(read_study(study), kept, only).entries
        tables = {
            name: entries["roofs"].table(name) for name in ("roofs", "roof_profiles", "sun_cells", "supply_curves")
        }
        return tables | {name: entries["sun"].table(name) for name in ("pv_classes", "pv_parcels")}


@pytest.mark.parametrize("edge", ROOFLESS, ids=lambda edge: edge.replace(" ", "_"))
def test_without_usable_roofs_their_tables_are_empty(edge: str, small_study: Path, tmp_path: Path) -> None:
    path = small_study / "plan.gpkg"
    ROOFLESS[edge](gpd.read_file(path, layer="parcels")).to_file(path, layer="parcels")
    found = sun_tables(small_study, tmp_path / "store")
    assert found["roofs"].empty
    assert found["roof_profiles"].shape == (8760, 0)
    assert found["supply_curves"].empty
    assert found["sun_cells"].empty == (edge == "nothing is ever built")
    for table, name in ((ROOFS, "roofs"), (SUN_CELLS, "sun_cells"), (SUPPLY_CURVES, "supply_curves")):
        assert not table.faults(found[name])
    assert "roof" not in set(found["pv_parcels"]["pv_class"].map(found["pv_classes"]["surface"]))


def test_a_zone_without_units_may_be_called_zone(small_study: Path, tmp_path: Path) -> None:
    study, path = small_study / "study.toml", small_study / "plan.gpkg"
    study.write_text(study.read_text(encoding="utf-8").replace('units = "plan.gpkg#units"\n', ""), encoding="utf-8")
    gpd.read_file(path, layer="zone").assign(zone_id="zone").to_file(path, layer="zone")
    found = sun_tables(small_study, tmp_path / "store")
    assert set(found["supply_curves"]["unit_id"]) == {"zone"}
    assert found["supply_curves"]["mwh"].sum() == pytest.approx(found["roofs"]["mwh"].sum())
