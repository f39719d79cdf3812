"""Plans at the edge of what there is: nothing stands yet, or nothing is ever built."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from spatial.run import run_study
from spatial.study import read_study

EDGES = {
    "nothing stands in the base year": lambda plan: plan.assign(status="planned", phase_year=2030),
    "nothing is ever built": lambda plan: plan[plan["landuse"].isin(["E1", "E2", "E23", "G1"])],
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
