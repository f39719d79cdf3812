"""Steiner trees on problems of every kind that the literature tries algorithms on, beside what is proven.

Run ``python tests/validation/steiner_table.py [part of a name] ...`` for the table: nodes, edges, terminals, the
optimum or the best bound, our length and bound, gaps in per cent and CPU seconds. With ``--prove`` the optima of
problems of up to `PROVABLE` nodes are proven first, by HiGHS (see `steiner_exact`), and kept in ``steiner_optima.csv``.
"""

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import steiner_graphs as made
from spatial.networks.steiner import solve
from steiner_exact import Proof, prove
from steiner_graphs import Instance

OPTIMA = Path(__file__).with_name("steiner_optima.csv")
PROVABLE = 1_100
"""Nodes up to which optima are proven."""
SECONDS = 60.0
"""How long a proof may take."""
LITERATURE = {"HC 6u": 39.0, "HC 7u": 77.0, "HC 8u": 148.0, "HC 9u": 292.0}
"""Optima of hypercubes with unit lengths, which are the same graphs in SteinLib (doi:10.1007/978-1-4613-0255-1_9)."""

Made = Callable[[], Instance]


def problems() -> Iterator[tuple[str, str, Made]]:  # noqa: C901, PLR0912 -- a list
    """Yield family, name and how the problem is made."""
    for seed, (nodes, edges, number) in enumerate([(50, 63, 9), (75, 150, 38), (100, 200, 17)]):
        yield "B", f"B {nodes} {edges}", lambda a=(nodes, edges, number, seed): made.sparse(*a)
    for seed, (edges, number) in enumerate([(625, 83), (625, 250), (1000, 125), (2500, 83), (2500, 250), (12500, 125)]):
        yield "C", f"C {edges} {number}", lambda a=(500, edges, number, seed): made.sparse(*a)
    for seed, (edges, number) in enumerate([(1250, 167), (2000, 250), (5000, 167), (5000, 500), (25000, 250)]):
        yield "D", f"D {edges} {number}", lambda a=(1000, edges, number, seed): made.sparse(*a)
    for seed, (edges, number) in enumerate([(3125, 417), (5000, 625), (12500, 417), (62500, 625)]):
        yield "E", f"E {edges} {number}", lambda a=(2500, edges, number, seed): made.sparse(*a)
    for nodes, numbers in ((80, (6, 20)), (160, (12, 40)), (320, (17, 80)), (640, (50, 160))):
        dense = int(nodes * np.log(nodes))
        for edges in (3 * nodes // 2, 2 * nodes, dense, 2 * dense, nodes * (nodes - 1) // 2):
            for number in numbers:
                name = f"I{nodes:03d} {edges} {number}"
                yield f"I{nodes:03d}", name, lambda a=(nodes, edges, number, edges): made.incidence(*a)
    for number in (10, 50):
        for kind in (True, False):
            name = f"P4{'E' if kind else 'Z'} {number}"
            yield "P4", name, lambda n=number, k=kind: made.complete(100, n, n, euclidean=k)
    for size in (6, 7, 8, 9, 10, 11, 12):
        yield "HC", f"HC {size}u", lambda d=size: made.hypercube(d)
    for size in (6, 7, 8, 9, 10):
        yield "HC", f"HC {size}p", lambda d=size: made.hypercube(d, 1)
    for size, symbols, number in ((3, 4, 8), (6, 2, 12), (9, 2, 64), (10, 2, 135), (11, 2, 244), (12, 2, 473),
                                  (5, 3, 27), (7, 3, 222), (3, 10, 50), (3, 12, 74)):  # fmt: skip
        for unit in (True, False):
            name = f"CC {size}-{symbols}{'u' if unit else 'p'}"
            yield "CC", name, lambda a=(size, symbols, number, 1), u=unit: made.code_cover(*a, unit=u)
    for name, others, number, edges in (("42", 1000, 200, 3982), ("52", 2000, 200, 7997), ("62", 1000, 200, 10002),
                                        ("a2", 3000, 300, 18073), ("e2", 500, 50, 5013)):  # fmt: skip
        for unit in (True, False):
            full = f"BIP {name}{'u' if unit else 'p'}"
            yield "BIP", full, lambda a=(others, number, edges, 1), u=unit: made.bipartite(*a, unit=u)
    for number in (10, 20, 30, 60, 100):
        yield "ES", f"ES {number}", lambda n=number: made.rectilinear(n, n)
    for side, number in ((15, 15), (25, 40), (30, 20), (60, 100), (100, 60), (150, 500), (180, 2000)):
        yield "VLSI", f"VLSI {side} {number}", lambda s=side, n=number: made.grid_with_holes(s, s, n, s)
    for side, number in ((10, 10), (20, 30), (30, 60), (60, 90)):
        yield "WRP", f"WRP {side} {number}", lambda s=side, n=number: made.wires(s, s, n, s)
    for nodes, number in ((200, 30), (600, 100), (1000, 200), (5000, 500), (10000, 2000)):
        yield "geometric", f"geometric {nodes} {number}", lambda n=nodes, t=number: made.geometric(n, t, 1)
    for nodes, number in ((200, 60), (600, 200), (3000, 1000), (8000, 2000), (45000, 2000)):
        yield "streets", f"streets {nodes} {number}", lambda n=nodes, t=number: made.streets(n, t, 1)
    for side, number in ((10, 20), (20, 50), (30, 90), (60, 200), (100, 500), (100, 2000)):
        yield "grid", f"grid {side} {number}", lambda s=side, n=number: made.grid(s, n, 1)


def optima() -> dict[str, Proof]:
    """Return what is proven, by the name of the problem."""
    proofs = {name: Proof(length, length) for name, length in LITERATURE.items()}
    if OPTIMA.exists():
        with OPTIMA.open(newline="", encoding="utf-8") as file:
            proofs |= {row["name"]: Proof(float(row["lower"]), float(row["upper"])) for row in csv.DictReader(file)}
    return proofs


def _prove(chosen: list[tuple[str, str, Made]]) -> None:
    fresh = not OPTIMA.exists()
    known = optima()
    with OPTIMA.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if fresh:
            writer.writerow(["name", "lower", "upper", "proof_s"])
        for _, name, make in chosen:
            problem = make()
            if name in known or problem.count > PROVABLE:
                continue
            begin = time.process_time()
            proof = prove(problem, solve(*problem).length, SECONDS)
            writer.writerow([name, repr(proof.lower), repr(proof.upper), round(time.process_time() - begin)])
            file.flush()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table, a line per problem, and mean and worst gap of each family."""
    words = [word for word in sys.argv[1:] if word != "--prove"]
    chosen = [row for row in problems() if not words or any(word in row[1] for word in words)]
    if "--prove" in sys.argv:
        _prove(chosen)
    proofs = optima()
    gaps: dict[str, list[float]] = defaultdict(list)
    _say(f"{'problem':22}{'nodes':>7}{'edges':>8}{'ends':>6}{'proven':>15}{'ours':>15}{'bound':>15}"
          f"{'gap %':>8}{'own %':>8}{'cpu s':>7}")  # fmt: skip
    for family, name, make in chosen:
        problem = make()
        begin = time.process_time()
        found = solve(*problem)
        seconds = time.process_time() - begin
        proof = proofs.get(name)
        own = 100.0 * (found.length / found.lower_bound - 1.0)
        text, gap = "", "-"
        if proof is not None:
            text = f"{proof.lower:.10g}" if proof.closed else f">={proof.lower:.10g}"
            gap = f"{100.0 * (found.length / proof.lower - 1.0):.2f}"
            gaps[f"{family}, to the optimum" if proof.closed else f"{family}, to a bound"].append(float(gap))
        if problem.count > 1000:
            gaps[f"{family} beyond 1,000 nodes, to our bound"].append(own)
        _say(f"{name:22}{problem.count:7}{len(problem.ends):8}{len(problem.terminals):6}{text:>15}"
              f"{found.length:15.10g}{found.lower_bound:15.10g}{gap:>8}{own:8.2f}{seconds:7.1f}")  # fmt: skip
    for family, row in gaps.items():
        _say(f"{family:45} {len(row):3} problems: mean gap {np.mean(row):6.2f} %, worst {max(row):6.2f} %")


if __name__ == "__main__":
    main()
