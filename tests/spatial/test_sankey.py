"""The flows of energy: a zone by hand, and that nothing is lost at any node."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import CARRIERS, FLOWS
from spatial.balance.sankey import flows, source_of

Found = dict[tuple[str, str], float]


def supplied(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["carrier", "direction", "item", "energy_mwh"])
    return frame.assign(scenario="bau", year=2030)


def used(rows: list[tuple[str, str, str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["sector", "end_use", "technology", "carrier", "energy_mwh"])
    return frame.assign(scenario="bau", year=2030, subsector="all", co2_t=0.0)


def links(supply: pd.DataFrame, end_uses: pd.DataFrame) -> Found:
    table = FLOWS.check(flows(supply, end_uses, [2030]))
    return dict(zip(zip(table["source"], table["target"], strict=True), table["energy_mwh"], strict=True))


def check_nodes(table: pd.DataFrame) -> None:
    assert (table["energy_mwh"] > 0.0).all()
    enters = table.groupby(["scenario", "year", "target"])["energy_mwh"].sum()
    leaves = table.groupby(["scenario", "year", "source"])["energy_mwh"].sum()
    inner = [node for node in {*enters.index, *leaves.index} if node[2].startswith(("carrier:", "sector:"))]
    for node in inner:
        assert enters.get(node, 0.0) == pytest.approx(leaves.get(node, 0.0), rel=1e-9)


def test_a_zone_with_a_heat_pump_plant_by_hand() -> None:
    supply = supplied(
        [
            ("electricity", "in", "grid", 60.0),
            ("electricity", "in", "pv_roof", 50.0),
            ("electricity", "out", "final", 70.0),
            ("electricity", "out", "district_plants", 20.0),
            ("electricity", "out", "distribution_loss", 5.0),
            ("electricity", "out", "storage_loss", 2.0),
            ("electricity", "out", "curtailed", 3.0),
            ("electricity", "out", "export", 10.0),
            ("district_heat", "in", "plant", 66.0),
            ("district_heat", "out", "final", 60.0),
            ("district_heat", "out", "network_loss", 6.0),
            ("coal", "in", "delivered", 0.0),
            ("coal", "out", "final", 0.0),
        ]
    )
    end_uses = used(
        [
            ("service", "lighting", "lamp", "electricity", 70.0),
            ("service", "heating", "district", "district_heat", 60.0),
        ]
    )
    found = links(supply, end_uses)
    assert found == pytest.approx(
        {
            ("primary:grid", "carrier:electricity"): 60.0,
            ("primary:sun", "carrier:electricity"): 50.0,
            ("carrier:electricity", "sector:service"): 70.0,
            ("carrier:electricity", "carrier:district_heat"): 20.0,
            ("carrier:electricity", "loss:distribution"): 5.0,
            ("carrier:electricity", "loss:storage"): 2.0,
            ("carrier:electricity", "loss:curtailed"): 3.0,
            ("carrier:electricity", "export:electricity"): 10.0,
            ("primary:ambient", "carrier:district_heat"): 46.0,
            ("carrier:district_heat", "loss:network"): 6.0,
            ("carrier:district_heat", "sector:service"): 60.0,
            ("sector:service", "end_use:lighting"): 70.0,
            ("sector:service", "end_use:heating"): 60.0,
        }
    )


def test_what_a_technology_gives_leaves_its_end_use() -> None:
    # A gas engine takes 100 of gas and gives 40 of power; the zone uses 90 of power. It may be told in three ways.
    engine = [("industry", "process", "chp", "natural_gas", 100.0)]
    lamp = [("industry", "lighting", "lamp", "electricity", 90.0)]
    gave = [("industry", "process", "chp", "electricity", -40.0)]
    gas = [("natural_gas", "in", "delivered", 100.0), ("natural_gas", "out", "final", 100.0)]
    shown = [("electricity", "in", "chp", 40.0), ("electricity", "out", "final", 90.0)]
    grid = [("electricity", "in", "grid", 50.0)]
    expected = {
        ("primary:natural_gas", "carrier:natural_gas"): 100.0,
        ("primary:grid", "carrier:electricity"): 50.0,
        ("carrier:natural_gas", "carrier:electricity"): 40.0,
        ("carrier:natural_gas", "sector:industry"): 60.0,
        ("carrier:electricity", "sector:industry"): 90.0,
        ("sector:industry", "end_use:process"): 60.0,
        ("sector:industry", "end_use:lighting"): 90.0,
    }
    assert links(supplied([*gas, *grid, *shown]), used([*engine, *lamp, *gave])) == pytest.approx(expected)
    assert links(supplied([*gas, *grid, *shown]), used([*engine, *lamp])) == pytest.approx(expected)
    netted = supplied([*gas, *grid, ("electricity", "out", "final", 50.0)])
    assert links(netted, used([*engine, *lamp, *gave])) == pytest.approx(expected)


def test_a_plant_that_burns_gas_for_heat_and_power_shows_its_loss() -> None:
    supply = supplied(
        [
            ("natural_gas", "in", "delivered", 250.0),
            ("natural_gas", "out", "plants", 250.0),
            ("electricity", "in", "chp", 105.0),
            ("electricity", "out", "final", 105.0),
            ("district_heat", "in", "plant", 100.0),
            ("district_heat", "out", "final", 100.0),
        ]
    )
    end_uses = used(
        [
            ("service", "lighting", "lamp", "electricity", 105.0),
            ("service", "heating", "district", "district_heat", 100.0),
        ]
    )
    found = links(supply, end_uses)
    lost = found["carrier:electricity", "loss:plants"] + found["carrier:district_heat", "loss:plants"]
    assert lost == pytest.approx(250.0 - 205.0)
    assert found["carrier:natural_gas", "carrier:district_heat"] == pytest.approx(250.0 * 100.0 / 205.0)

    told = supply.assign(item=supply["item"].replace("plants", "plants_district_heat"))
    found = links(told, end_uses)
    assert found["carrier:natural_gas", "carrier:district_heat"] == 250.0
    assert found["primary:natural_gas", "carrier:electricity"] == 105.0


def test_an_account_that_does_not_close_is_refused() -> None:
    supply = supplied([("diesel", "in", "delivered", 2.0), ("diesel", "out", "final", 1.0)])
    with pytest.raises(ArithmeticError, match=r"bau\|2030\|diesel: sources and uses differ"):
        flows(supply, used([("port", "ships", "engine", "diesel", 1.0)]), [2030])
    supply = supplied([("diesel", "in", "delivered", 2.0), ("diesel", "out", "final", 2.0)])
    with pytest.raises(ArithmeticError, match=r"bau\|2030\|diesel: final use and end uses differ"):
        flows(supply, used([("port", "ships", "engine", "diesel", 1.0)]), [2030])


def test_every_carrier_has_a_source() -> None:
    assert all(source_of(carrier, "anything").node.startswith("primary:") for carrier in CARRIERS)
    with pytest.raises(KeyError, match="no source for 'tank' of 'hydrogen'"):
        source_of("hydrogen", "tank")


energy = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))


@st.composite
def accounts(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows: list[tuple[str, str, str, str, float]] = []
    for sector in ("service", "port"):
        rows += [(sector, use, "any", c, draw(energy)) for use in ("heating", "other") for c in CARRIERS]
        rows += [(sector, "process", "chp", "natural_gas", draw(energy))]
        rows += [(sector, "process", "chp", "electricity", -draw(energy))]
    end_uses = used(rows)
    final = end_uses[end_uses["energy_mwh"] > 0.0].groupby("carrier")["energy_mwh"].sum().to_dict()
    given_ = -end_uses.loc[end_uses["energy_mwh"] < 0.0, "energy_mwh"].sum()
    supply: list[tuple[str, str, str, float]] = []
    for carrier in CARRIERS:
        out = {"final": final.get(carrier, 0.0)}
        makes = {"plant": 0.0} if carrier.startswith("district") else {}
        if carrier.startswith("district"):
            out["network_loss"] = draw(energy)
        elif carrier in {"electricity", "natural_gas"}:
            out |= {"district_plants" if carrier == "electricity" else "plants": draw(energy)}
        if carrier == "electricity":
            out |= {"distribution_loss": draw(energy), "export": draw(energy)}
            makes = {"chp": given_, "wte": draw(energy), "new_plant": draw(energy)}
        rest = sum(out.values()) - sum(makes.values())
        first = {"electricity": "grid"}.get(carrier, "plant" if carrier.startswith("district") else "delivered")
        makes[first] = makes.get(first, 0.0) + max(rest, 0.0)
        out["export"] = out.get("export", 0.0) + max(-rest, 0.0)
        supply += [(carrier, "in", item, amount) for item, amount in makes.items()]
        supply += [(carrier, "out", item, amount) for item, amount in out.items()]
    # Plants run only where they make something.
    supply += [("district_heat", direction, item, 1.0) for direction, item in (("in", "extra"), ("out", "other_loss"))]
    return supplied(supply), end_uses


@settings(deadline=None, max_examples=40)
@given(accounts())
def test_what_enters_a_node_leaves_it(zone: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    supply, end_uses = zone
    table = flows(supply, end_uses, [2030])
    check_nodes(table)
    pd.testing.assert_frame_equal(table, table.sort_values(["scenario", "year", "source", "target"]))
    # Primary energy is what is used, lost or exported: nothing else ends or begins.
    first = table.loc[table["source"].str.startswith("primary:"), "energy_mwh"].sum()
    last = table.loc[table["target"].str.startswith(("end_use:", "loss:", "export:")), "energy_mwh"].sum()
    np.testing.assert_allclose(first, last, rtol=1e-9)
