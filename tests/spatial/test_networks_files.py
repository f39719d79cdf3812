"""Networks as files of other programs: what they hold, and what the others compute from them."""

import ctypes
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_networks import COLD_WATER, NET1_M, NET1_NODES, RING, RING_INNER_M, RING_M, net1
from spatial.networks.hydraulics.district import operate
from spatial.networks.hydraulics.epanet import epanet_input
from spatial.networks.hydraulics.flow import steady_flow
from spatial.networks.hydraulics.network import GRAVITY, PipeNetwork, pipe_network
from spatial.networks.hydraulics.pandapipes import pandapipes_circuit, pandapipes_tables
from spatial.networks.hydraulics.pipe import water

WARM = water(50.0)
XY = np.stack([np.arange(8.0), np.arange(8.0) ** 2], axis=1)
RING_HEADS_M = [63.924, 62.629, 61.643, 59.697, 58.572, 58.667, 58.018, 55.662]
"""Heads of `ring` by EPANET 2.2 from the file that we write; all its flow is turbulent, Re 5e4 to 3e5."""
FORMULAS = 0.011
"""By how much heads lost may differ from EPANET's: friction after Swamee and Jain (1 %), another gravity (0.08 %)."""


def ring() -> PipeNetwork:
    return pipe_network(
        RING, RING_M, RING_INNER_M, 2e-4, [0.0, 0.0, 4.0, 5.0, 6.0, 3.0, 0.0, 8.0], supply=[0], supply_pa=6e5,
        local_loss=[2.0, 1.0, 1.5, 0.0, 1.0, 2.0, 0.0, 0.5, 3.0], fittings_share=0.1,
        height_m=[2.0, 3.0, 5.0, 4.0, 6.0, 8.0, 7.0, 10.0],
    )  # fmt: skip


def sections(text: str) -> dict[str, list[list[str]]]:
    """Return the rows of each section of an EPANET file."""
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            rows = found.setdefault(line.strip("[]"), [])
        elif line:
            rows.append(line.split("\t"))
    return found


def epanet_heads(text: str, names: list[str], folder: Path) -> list[float]:
    """Return the heads at some nodes by the library of EPANET 2.2 that wntr brings along; skip where it is not."""
    found = importlib.util.find_spec("wntr")
    library = (
        Path(found.origin).parent / "epanet/libepanet/linux-x64/libepanet22.so" if found and found.origin else None
    )
    if library is None or not library.is_file():
        pytest.skip("no library of EPANET")
    engine = ctypes.CDLL(str(library))
    project, index, value, head = ctypes.c_void_p(), ctypes.c_int(), ctypes.c_double(), 10
    source = folder / "network.inp"
    source.write_text(text, encoding="utf-8")
    files = [str(source).encode(), str(folder / "report").encode(), str(folder / "results").encode()]
    assert engine.EN_createproject(ctypes.byref(project)) == 0
    try:
        assert engine.EN_open(project, *files) == 0
        assert engine.EN_solveH(project) == 0
        heads = []
        for name in names:
            assert engine.EN_getnodeindex(project, name.encode(), ctypes.byref(index)) == 0
            assert engine.EN_getnodevalue(project, index, head, ctypes.byref(value)) == 0
            heads.append(value.value)
    finally:
        engine.EN_deleteproject(project)
    return heads


def test_epanet_file_holds_the_network() -> None:
    names = [f"节点{at}" for at in range(8)]
    bends = [[[0.5, 0.0], [0.5, 1.0]], *([[]] * 8)]
    text = epanet_input(ring(), WARM, XY, node_id=names, vertices=bends, title="A ring;\n of pipes")
    read = sections(text)
    assert list(read) == ["TITLE", "JUNCTIONS", "RESERVOIRS", "PIPES", "PUMPS", "CURVES", "OPTIONS", "TIMES",
                          "COORDINATES", "VERTICES", "END"]  # fmt: skip
    assert read["TITLE"] == [["A ring; of pipes"]]
    assert read["RESERVOIRS"] == [["节点0", f"{2.0 + 6e5 / WARM.density / GRAVITY:.10g}"]]
    assert [row[0] for row in read["JUNCTIONS"]] == names[1:]
    litres = [float(row[2]) for row in read["JUNCTIONS"]]
    assert litres == pytest.approx(np.array([0.0, 4.0, 5.0, 6.0, 3.0, 0.0, 8.0]) / WARM.density * 1000.0, rel=1e-9)
    assert read["PIPES"][1] == ["1", "节点1", "节点2", "275", "150", "0.2", "1", "Open"]
    options = dict(read["OPTIONS"])
    assert (options["Units"], options["Headloss"]) == ("LPS", "D-W")
    assert float(options["Viscosity"]) * 1.0219e-6 == pytest.approx(WARM.viscosity / WARM.density, rel=1e-4)
    assert read["VERTICES"] == [["0", "0.5", "0"], ["0", "0.5", "1"]]
    assert len(read["COORDINATES"]) == 8


def test_epanet_file_of_net1() -> None:
    read = sections(epanet_input(net1(), COLD_WATER, np.zeros((11, 2)), node_id=[str(name) for name in NET1_NODES]))
    assert read["PUMPS"] == [["12", "9", "10", "HEAD", "curve0"]]
    assert [float(value) for value in read["CURVES"][0][1:]] == pytest.approx([94.6353, 76.2])
    assert dict(read["OPTIONS"])["Headloss"] == "H-W"
    assert read["RESERVOIRS"][1][0] == "2"
    assert float(read["RESERVOIRS"][1][1]) == pytest.approx(970.0 * 0.3048)
    assert {row[5] for row in read["PIPES"]} == {"100"}


def test_heads_of_epanet() -> None:
    flow = steady_flow(ring(), WARM)
    heads = flow.total_pa / WARM.density / GRAVITY
    lost, theirs = heads[0] - heads, RING_HEADS_M[0] - np.array(RING_HEADS_M)
    assert heads[0] == pytest.approx(RING_HEADS_M[0], abs=1e-3)
    assert lost[1:] == pytest.approx(theirs[1:], rel=FORMULAS)


def test_epanet_computes_our_files(tmp_path: Path) -> None:
    heads = epanet_heads(epanet_input(ring(), WARM, XY), [str(at) for at in range(8)], tmp_path)
    assert heads == pytest.approx(RING_HEADS_M, abs=2e-3)
    names = [str(name) for name in NET1_NODES]
    heads = epanet_heads(epanet_input(net1(), COLD_WATER, np.zeros((11, 2)), node_id=names), names, tmp_path)
    above = {name: head - 0.3048 * NET1_NODES[name][0] for name, head in zip(NET1_NODES, heads, strict=True)}
    assert {name: above[name] for name in NET1_M} == pytest.approx(NET1_M, abs=2e-3)


@pytest.mark.parametrize("name", ["", "two words", "a;b", "[a", "路" * 11, "0"])
def test_names_that_epanet_cannot_read_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="node_id"):
        epanet_input(ring(), WARM, XY, node_id=[name, *map(str, range(7))])


def test_places_must_fit_the_network() -> None:
    told = {"supply_c": 75.0, "loss_w_mk": 0.4, "ground_c": 12.0}
    with pytest.raises(ValueError, match=r"shape \(8, 2\), not \(7, 2\)"):
        epanet_input(ring(), WARM, XY[1:])
    with pytest.raises(ValueError, match="vertices must be given for 9 pipes, not 1"):
        epanet_input(ring(), WARM, XY, vertices=[[]])
    with pytest.raises(ValueError, match=r"shape \(8, 2\), not \(7, 2\)"):
        pandapipes_tables(ring(), xy_m=XY[1:], **told)
    with pytest.raises(ValueError, match="pandapipes has neither"):
        pandapipes_tables(net1(), **told)


def test_tables_for_pandapipes(tmp_path: Path) -> None:
    network = pipe_network([[0, 1], [2, 1]], [100.0, 50.0], 0.1, 1e-4, [0.0, 3.0, -1.0], supply=[0], supply_pa=5e5,
                           fittings_share=0.2, local_loss=1.5)  # fmt: skip
    tables = pandapipes_tables(network, supply_c=[75.0, 0.0, 80.0], loss_w_mk=0.4, ground_c=12.0, xy_m=XY[:3])
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    read = {name: pd.read_csv(tmp_path / f"{name}.csv") for name in tables}
    assert read["junction_geodata"].to_numpy().tolist() == XY[:3].tolist()
    assert read["ext_grid"][["junction", "p_bar", "t_k", "type"]].to_numpy().tolist() == [[0, 5.0, 348.15, "pt"]]
    assert read["sink"][["junction", "mdot_kg_per_s", "scaling"]].to_numpy().tolist() == [[1, 3.0, 1.0]]
    assert read["source"][["junction", "mdot_kg_per_s"]].to_numpy().tolist() == [[2, 1.0]]
    pipe = read["pipe"]
    assert list(pipe.columns) == [
        "name", "from_junction", "to_junction", "std_type", "length_km", "inner_diameter_mm", "outer_diameter_mm",
        "k_mm", "loss_coefficient", "u_w_per_m2k", "text_k", "sections", "in_service", "type",
    ]  # fmt: skip
    assert pipe["length_km"].tolist() == pytest.approx([0.12, 0.06])
    # what a pipe loses in all is what it lost before it was made longer
    surface = np.pi * pipe["outer_diameter_mm"] / 1000.0 * pipe["length_km"] * 1000.0
    assert (pipe["u_w_per_m2k"] * surface).tolist() == pytest.approx([40.0, 20.0])
    assert set(pipe["text_k"]) == {285.15}


def test_circuit_for_pandapipes() -> None:
    """The tables from which pandapipes computed the figures in the tests of temperatures."""
    network = pipe_network(RING, RING_M, RING_INNER_M, 2e-4, np.zeros(8), supply=[0], supply_pa=6e5)
    told = {"supply_c": 75.0, "loss_w_mk": 0.4, "ground_c": 12.0}
    heat_kw = np.array([0.0, 0.0, 400.0, 300.0, 500.0, 250.0, 0.0, 600.0])
    works = operate(network, water(55.0), least_difference_pa=5e4, return_c=40.0, heat_kw=heat_kw, **told)
    tables = pandapipes_circuit(works, xy_m=XY, **told)
    assert set(tables) == {"junction", "pipe", "heat_consumer", "circ_pump_pressure", "junction_geodata"}
    assert len(tables["junction"]) == len(tables["junction_geodata"]) == 16
    pipe = tables["pipe"]
    assert pipe["from_junction"].tolist()[9:] == (pipe["to_junction"][:9] + 8).tolist()
    assert pipe["length_km"].tolist()[9:] == pipe["length_km"].tolist()[:9]
    consumer = tables["heat_consumer"]
    assert (consumer["to_junction"] - consumer["from_junction"] == 8).all()
    assert consumer["qext_w"].tolist() == pytest.approx([4e5, 3e5, 5e5, 2.5e5, 6e5], rel=1e-8)
    pump = tables["circ_pump_pressure"]
    assert pump["plift_bar"].tolist() == pytest.approx([works.head_pa[0] / 1e5])
    assert (pump["return_junction"].tolist(), pump["flow_junction"].tolist()) == ([8], [0])
    feeding = operate(pipe_network([[0, 1], [1, 2]], 10.0, 0.1, 0.0, [0.0, -1.0, 2.0], supply=[0]), WARM,
                      least_difference_pa=5e4, return_c=40.0, **told)  # fmt: skip
    with pytest.raises(ValueError, match="no nodes that feed in"):
        pandapipes_circuit(feeding, **told)
