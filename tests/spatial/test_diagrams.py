"""Layouts of diagrams: what flows is as wide as it is, steps close, hours balance."""

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import CARRIERS
from spatial.diagrams.power import DEMANDS, week
from spatial.diagrams.sankey import sankey
from spatial.diagrams.steps import EFFECTS, OTHER, abatement_bars, closed, effect_steps, waterfall_steps
from spatial.diagrams.words import diagram_words

GAP = 13.0
SERVICES_SHOWN = ("heating", "cooling", "hot_water", "cooking", "lighting", "equipment", "ventilation")


@pytest.fixture(scope="module")
def deep() -> ModuleType:
    name = "deep_tables"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def chain(primary: list[float], shares: list[float]) -> pd.DataFrame:
    """Return flows in which each carrier is of one primary energy and parts into two sectors."""
    rows = []
    for place, (value, share) in enumerate(zip(primary, shares, strict=True)):
        rows.append((f"primary:p{place}", f"carrier:c{place}", value))
        rows += [
            (f"carrier:c{place}", "sector:a", value * share),
            (f"carrier:c{place}", "sector:b", value * (1 - share)),
        ]
    return pd.DataFrame(rows, columns=["source", "target", "energy_mwh"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1e6), st.floats(0.0, 1.0)), min_size=1, max_size=9))
def test_bands_fill_their_nodes_and_nodes_keep_apart(pairs: list[tuple[float, float]]) -> None:
    flows = chain([value for value, _ in pairs], [share for _, share in pairs])
    drawn = sankey(flows, 200.0, GAP)
    assert sum(node.energy_mwh for node in drawn.nodes if node.level == "primary") == pytest.approx(
        sum(value for value, _ in pairs), rel=1e-9
    )
    for place, node in enumerate(drawn.nodes):
        for side in ("source", "target"):
            widths = [link.width for link in drawn.links if getattr(link, side) == place]
            if widths:
                assert sum(widths) == pytest.approx(node.bottom - node.top, rel=1e-6, abs=1e-9)
    for column in range(drawn.columns):
        ends = sorted((node.top, node.bottom) for node in drawn.nodes if node.column == column)
        assert all(after[0] - before[1] > GAP - 1e-6 for before, after in itertools.pairwise(ends))
        assert ends[0][0] > -1e-6
        assert ends[-1][1] < drawn.height + 1e-6


def test_a_band_of_twice_the_energy_is_twice_as_wide() -> None:
    flows = pd.DataFrame(
        [("primary:sun", "carrier:electricity", 2.0), ("primary:grid", "carrier:electricity", 1.0)],
        columns=["source", "target", "energy_mwh"],
    )
    drawn = sankey(flows, 300.0)
    assert sorted(round(link.width, 9) for link in drawn.links) == [100.0, 200.0]
    assert [node.column for node in drawn.nodes if node.level == "carrier"] == [1]


def test_a_carrier_made_of_another_stands_after_it_and_exits_stand_last(deep: ModuleType) -> None:
    drawn = sankey(deep.flows("near_zero", 2030))
    column = {(node.level, node.name): node.column for node in drawn.nodes}
    assert column["carrier", "district_cold"] == column["carrier", "electricity"] + 1
    assert column["sector", "industry"] == column["carrier", "district_cold"] + 1
    assert column["export", "electricity"] == column["end_use", "heating"] == drawn.columns - 1
    last = [node for node in drawn.nodes if node.column == drawn.columns - 1]
    assert {node.level for node in sorted(last, key=lambda node: node.top)[-2:]} == {"loss", "export"}


def test_the_same_flows_in_another_order_give_the_same_layout(deep: ModuleType) -> None:
    flows = deep.flows("bau", 2030)
    assert sankey(flows) == sankey(flows.sample(frac=1.0, random_state=1))


def test_small_nodes_of_a_level_are_drawn_as_one_and_nothing_is_lost() -> None:
    rows = [("carrier:electricity", "sector:port", 1000.0)]
    rows += [("sector:port", "end_use:large", 996.0), *(("sector:port", f"end_use:u{i}", 1.0) for i in range(4))]
    drawn = sankey(pd.DataFrame(rows, columns=["source", "target", "energy_mwh"]))
    ends = {node.name: node.energy_mwh for node in drawn.nodes if node.level == "end_use"}
    assert ends == {"large": 996.0, OTHER: 4.0}
    nothing = sankey(pd.DataFrame({"source": ["primary:sun"], "target": ["carrier:electricity"], "energy_mwh": [0.0]}))
    assert nothing.nodes == ()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), max_size=12), st.floats(0.0, 1e6))
def test_steps_reach_every_level(changes: list[float], base: float) -> None:
    pairs = [("a", base), *((f"s{i}", value) for i, value in enumerate(changes)), ("b", base + sum(changes))]
    steps = closed(pairs, ("a", "b"))
    assert steps[0].name == "a"
    assert steps[-1].name == "b"
    drawn = steps[0].end + sum(step.value for step in steps if not step.level)
    assert drawn == pytest.approx(steps[-1].end, rel=1e-6, abs=1e-3)
    for before, after in itertools.pairwise(steps):
        assert after.level or after.start == before.end


def test_waterfalls_are_the_rows_of_their_table() -> None:
    rows = [("sector", "base_year", 100.0), ("sector", "bau.port", 20.0), ("sector", "bau", 120.0)]
    rows += [("measure", "bau", 120.0), ("measure", "wind_sea", -70.0), ("measure", "plan", 50.0)]
    frame = pd.DataFrame(rows, columns=["by", "step", "co2_t"]).assign(order=range(6))
    steps = waterfall_steps(frame, ("bau", "plan"), "measure")
    assert [(step.name, step.level, step.start, step.end) for step in steps] == [
        ("bau", True, 0.0, 120.0),
        ("wind_sea", False, 120.0, 50.0),
        ("plan", True, 0.0, 50.0),
    ]
    assert [step.name for step in waterfall_steps(frame.iloc[:3], ("bau", "plan"), "sector")] == [
        "base_year",
        "port",
        "bau",
    ]
    assert waterfall_steps(frame.iloc[:3], ("bau", "plan"), "measure") == []


def test_effects_add_up_to_the_change_of_the_balance(deep: ModuleType) -> None:
    years = range(2017, 2036)
    balance = pd.DataFrame(
        [("bau", year, sector, 50.0 + number * (year - 2010)) for year in years for number, sector in enumerate("ab")],
        columns=["scenario", "year", "sector", "co2_t"],
    )
    effects = deep.decomposition(balance, ("bau",))
    steps = effect_steps(effects, balance, "bau", 2017, 2030)
    assert [step.name for step in steps] == [
        "base",
        "activity",
        "structure",
        "intensity",
        "carrier_mix",
        "grid",
        "target",
    ]
    assert steps[-1].end - steps[0].end == pytest.approx(13.0)
    assert sum(step.value for step in steps if not step.level) == pytest.approx(13.0)


def test_bars_of_the_abatement_curve_are_as_wide_as_what_is_saved(deep: ModuleType) -> None:
    table = deep.abatement(2000.0)
    taken, alone = abatement_bars(table, alone=False), abatement_bars(table, alone=True)
    assert [bar.measure for bar in taken] == table.sort_values("order")["measure"].tolist()
    assert taken[-1].end == pytest.approx(table["step_t"].sum())
    assert alone[-1].end == pytest.approx(table["alone_t"].sum())
    assert [bar.cost_cny_t for bar in alone] == sorted(bar.cost_cny_t for bar in alone)
    useless = table.assign(step_t=0.0, step_cny_t=np.nan)
    assert abatement_bars(useless, alone=False) == []


def test_supply_of_a_week_meets_its_demand_stores_and_export(deep: ModuleType) -> None:
    hours = deep.dispatch(("near_zero",)).reset_index()
    rows = week(hours, "near_zero", 2030, "summer")
    assert rows is not None
    assert len(rows) == 168
    assert hours.loc[hours["time"].dt.month == 7, "time"].iloc[14 * 24].day == 15
    start = hours.index[(hours["time"].dt.month == 7) & (hours["time"].dt.day == 15)][0]
    own = hours.iloc[start : start + 168]
    column = "near_zero|2030|zone|{}".format
    demand = sum(own[column(item)] for item in DEMANDS if column(item) in own)
    np.testing.assert_allclose(rows["demand"], demand)
    spare = own[column("battery_in")] + own[column("export")]
    np.testing.assert_allclose(rows.drop(columns="demand").sum(axis=1), demand + spare.to_numpy())
    assert "cold" not in rows
    assert week(hours, "bau", 2030, "summer") is None


def test_every_word_of_the_diagrams_stands_in_both_languages() -> None:
    words = diagram_words()
    assert all(zh.strip() and en.strip() for zh, en in words.values())
    assert all("\u4e00" <= zh[0] <= "\u9fff" or zh[0].isascii() for zh, _ in words.values())


def test_every_node_the_account_can_draw_has_a_name() -> None:
    folder = Path(__file__).parents[2] / "spatial" / "balance"
    primaries = pd.read_csv(folder / "sankey.csv")["node"].str.partition(":")[2]
    uses = pd.read_csv(folder / "end_uses.csv")["end_use"]
    named = set(diagram_words())
    wanted = {f"flow.{name}" for name in (*primaries, *uses, *SERVICES_SHOWN, *CARRIERS)}
    assert wanted - named == set()
    assert {f"effect.{name}" for name in EFFECTS} <= named
