"""The cheapest layout of small districts by mixed-integer programming, to judge ours by.

Every pipe has one variable for each size and direction, whose flow lies between what the next smaller size carries and
what it carries itself: no bound is loose. What pumps use is a convex function of the flow, taken from below by
tangents; so the solver's bound holds for the true cost, and its layout is priced again by `layout.yearly_cny`. Cuts
that say what a set of consumers can send through a pipe are added while the relaxation breaks them: with those of one
consumer the bound is that of the multi-commodity formulation, with larger sets it knows that a small pipe carries few.
Peaks add up (no diversity) and all
consumers have the same full-load hours: then, and only then, is the whole linear in what is chosen and convex in the
flow.

Run ``python tests/validation/district_exact.py table.csv 30 360`` to compare 30 districts with 360 s each; rows that
the table has are kept. With 0 s, nothing is solved: our layouts of today are put beside what was found before.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import highspy
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial.networks.layout.district import Candidates, District, Layout, Sites, Streets, yearly_cny
from spatial.networks.layout.pricing import catalogue_of, numbers_of, pipe_cny_m
from spatial.networks.layout.solve import lay_out
from spatial.networks.options import CarrierOptions, Network, NetworkOptions
from spatial.networks.tree import Engineer

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

TANGENTS = 4
"""Tangents to what pumps use, for each size."""
NEAR = 1e-4
"""A bound within this share of the cost of serving everyone proves an optimum."""
ROUNDS = 40
"""Rounds of cuts."""
STEP_M = 90.0


def random_district(seed: int, consumers: int, network: Network, *, forced: bool) -> District:
    """Return a district on a bent grid of streets with some missing, in which heat or cold pays for about half."""
    chance = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(1.8 * consumers)))
    grid = nx.grid_2d_graph(side, side)
    for edge in sorted(grid.edges):
        grid.remove_edge(*edge)
        if chance.random() > 0.15 or not nx.is_connected(grid):
            grid.add_edge(*edge)
    number = {place: at for at, place in enumerate(sorted(grid))}
    places = np.array(sorted(grid)) * STEP_M + chance.uniform(-25.0, 25.0, (len(number), 2))
    ends = np.array([(number[tail], number[head]) for tail, head in sorted(grid.edges)])
    lengths = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T) * chance.uniform(1.0, 1.2, len(ends))
    alike = {"diversity_limit": 1.0, "diversity_range": 0.0}
    carrier = CarrierOptions.standard(network).model_copy(update=alike)
    engineer = Engineer(network, NetworkOptions(**{network: carrier}))
    peak = np.exp(chance.normal(5.0, 0.9, consumers))
    energy = 1.2 * peak
    plant = carrier.plant_cny_kw * engineer.plant_rate
    sites = Sites(
        node=chance.choice(len(number), 3, replace=False),
        capacity_kw=np.full(3, np.inf),
        fixed_cny=chance.uniform(2e4, 8e4, 3),
        cny_kw=np.full(3, plant),
        cny_mwh=np.full(3, engineer.production_cny_mwh),
    )
    # what plant and production cost, and by chance more or less than the pipes
    at_plant = energy * engineer.production_cny_mwh + peak * plant
    worth = at_plant + peak * chance.uniform(0.2, 1.8, consumers) * 110.0 * (150.0 / peak) ** 0.5
    who = Candidates(
        node=chance.choice(len(number), consumers, replace=False),
        energy_mwh=energy, peak_kw=peak, count=np.ones(consumers), worth_cny=worth, forced=np.full(consumers, forced),
    )  # fmt: skip
    streets = Streets(
        len(number), ends, lengths, chance.choice([0.8, 1.0, 1.4], len(ends)),
        np.where(chance.random(len(ends)) < 0.05, 2e5, 0.0),
    )  # fmt: skip
    return District(engineer, streets, who, sites)


@dataclass
class Exact:
    """What the solver found: its layout, what that costs less what is brought, and what no layout undercuts [CNY/a]."""

    layout: Layout
    value: float
    bound: float
    proved: bool
    seconds: float


class Model:
    """The program of one district, row by row."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.catalogue, self.numbers = catalogue_of(district.engineer), numbers_of(district.engineer)
        who, streets = district.candidates, district.streets
        self.root = streets.nodes
        self.peak = np.bincount(who.node, who.peak_kw, streets.nodes)
        self.hours = float(who.energy_mwh[0] / who.peak_kw[0])
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.cost: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []
        self.joins = [
            self.variable(-float(worth), 1.0 if must else 0.0, 1.0, whole=True)
            for worth, must in zip(who.worth_cny, who.forced, strict=True)
        ]
        # arcs: (tail, head) -> variables of use, and of flow with their coefficient
        self.uses: dict[tuple[int, int, int], list[int]] = {}
        self.flows: dict[tuple[int, int, int], list[int]] = {}
        self._pipes()
        self._plants()
        self.arcs = list(self.uses)
        self.sent = np.array([[self.variable(0.0, 0.0, float(peak)) for _ in self.arcs] for peak in who.peak_kw])
        self._balance()
        self._send()

    def variable(self, cost: float, lower: float, upper: float, *, whole: bool = False) -> int:
        """Add a variable."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        if whole:
            self.whole.append(len(self.cost) - 1)
        return len(self.cost) - 1

    def row(self, lower: float, upper: float, terms: list[tuple[int, float]]) -> None:
        """Add a row."""
        self.rows.append((lower, upper, [at for at, _ in terms], [value for _, value in terms]))

    def _pipes(self) -> None:
        streets, total = self.district.streets, float(self.peak.sum())
        able = self.catalogue[0] / self.numbers[4]  # kW that each size carries
        price = float(self.district.sites.cny_mwh[0])
        rate = self.district.engineer.pipe_rate
        for edge, (tail, head) in enumerate(streets.ends.tolist()):
            both: list[int] = []
            for one, other in ((tail, head), (head, tail)):
                uses, flows = [], []
                least = 0.0
                for most in able:
                    top = min(float(most), total)
                    if least >= total:
                        break
                    use = self.variable(0.0, 0.0, 1.0, whole=True)
                    flow = self.variable(0.0, 0.0, top)
                    self.row(-np.inf, 0.0, [(flow, 1.0), (use, -top)])
                    self.row(0.0, np.inf, [(flow, 1.0), (use, -least)])
                    self._price(edge, use, flow, (least, top), price, rate)
                    uses.append(use)
                    flows.append(flow)
                    least = float(most)
                self.uses[one, other, edge], self.flows[one, other, edge] = uses, flows
                both += uses
            self.row(-np.inf, 1.0, [(use, 1.0) for use in both])

    def _price(self, edge: int, use: int, flow: int, within: tuple[float, float], price: float, rate: float) -> None:
        streets = self.district.streets
        least, top = within
        middle = 0.5 * (least + top)
        _, instalment, _ = pipe_cny_m(middle, middle * self.hours, price, self.catalogue, self.numbers)

        def running(kw: float) -> float:
            return float(
                streets.length_m[edge] * pipe_cny_m(kw, kw * self.hours, price, self.catalogue, self.numbers)[0]
            )

        self.cost[use] += streets.length_m[edge] * instalment * streets.dig[edge] + streets.crossing_cny[edge] * rate
        places = least + (top - least) * (np.arange(TANGENTS) + 0.5) / TANGENTS
        cost = self.variable(1.0, 0.0, np.inf)
        for at in places:
            step = 1e-4 * (top - least)
            slope = (running(at + step) - running(at - step)) / (2.0 * step)
            self.row(0.0, np.inf, [(cost, 1.0), (flow, -slope), (use, -(running(at) - slope * at))])

    def _plants(self) -> None:
        sites, total = self.district.sites, float(self.peak.sum())
        for site, node in enumerate(sites.node.tolist()):
            use = self.variable(float(sites.fixed_cny[site]), 0.0, 1.0, whole=True)
            top = min(float(sites.capacity_kw[site]), total)
            flow = self.variable(float(sites.cny_kw[site] + sites.cny_mwh[site] * self.hours), 0.0, top)
            self.row(-np.inf, 0.0, [(flow, 1.0), (use, -top)])
            arc = (self.root, node, -1 - site)
            self.uses[arc], self.flows[arc] = [use], [flow]

    def _balance(self) -> None:
        who = self.district.candidates
        joins: dict[int, list[int]] = {}
        for one, node in enumerate(who.node.tolist()):
            joins.setdefault(node, []).append(one)
        for node in range(self.root):
            enter = [arc for arc in self.uses if arc[1] == node]
            leave = [arc for arc in self.uses if arc[0] == node]
            terms = [(flow, 1.0) for arc in enter for flow in self.flows[arc]]
            terms += [(flow, -1.0) for arc in leave for flow in self.flows[arc]]
            mine = joins.get(node, [])
            terms += [(self.joins[one], -float(who.peak_kw[one])) for one in mine]
            self.row(0.0, 0.0, terms)
            inward = [(use, 1.0) for arc in enter for use in self.uses[arc]]
            self.row(-np.inf, 1.0, inward)
            outward = [(use, -1.0) for arc in leave for use in self.uses[arc]]
            self.row(-np.inf, 0.0, inward + outward + [(self.joins[one], -1.0) for one in mine])
            for one in mine:
                self.row(0.0, np.inf, [*inward, (self.joins[one], -1.0)])
            for arc in leave:
                back = [term for term in enter if term[2] != arc[2]]
                terms = [(use, 1.0) for other in back for use in self.uses[other]]
                self.row(0.0, np.inf, terms + [(use, -1.0) for use in self.uses[arc]])

    def _send(self) -> None:
        """Every consumer's own flow is kept at each node; together they are the flow of each pipe."""
        who = self.district.candidates
        enter: list[list[int]] = [[] for _ in range(self.root)]
        leave: list[list[int]] = [[] for _ in range(self.root)]
        for at, (tail, head, _) in enumerate(self.arcs):
            enter[head].append(at)
            if tail != self.root:
                leave[tail].append(at)
        for one, node in enumerate(who.node.tolist()):
            for place in range(self.root):
                terms = [(int(self.sent[one, at]), 1.0) for at in enter[place]]
                terms += [(int(self.sent[one, at]), -1.0) for at in leave[place]]
                if place == node:
                    terms.append((self.joins[one], -float(who.peak_kw[one])))
                self.row(0.0, 0.0, terms)
        for at, arc in enumerate(self.arcs):
            terms = [(int(var), 1.0) for var in self.sent[:, at]]
            self.row(0.0, 0.0, terms + [(flow, -1.0) for flow in self.flows[arc]])

    def _load(self) -> None:
        """Hand the relaxation to the solver."""
        self.solver.clearModel()
        count = len(self.cost)
        self.solver.addVars(count, np.array(self.lower), np.array(self.upper))
        self.solver.changeColsCost(count, np.arange(count, dtype=np.int32), np.array(self.cost))
        self._add(self.rows)

    def _add(self, rows: list[tuple[float, float, list[int], list[float]]]) -> None:
        starts = np.cumsum([0, *(len(row[2]) for row in rows)])[:-1]
        index = np.concatenate([np.array(row[2]) for row in rows]).astype(np.int32)
        value = np.concatenate([np.array(row[3], dtype=np.float64) for row in rows])
        self.solver.addRows(
            len(rows), np.array([row[0] for row in rows]), np.array([row[1] for row in rows]),
            len(index), starts.astype(np.int32), index, value,
        )  # fmt: skip

    def _cuts(self, values: Floats) -> list[tuple[float, float, list[int], list[float]]]:
        """Return cuts that a relaxed solution breaks.

        What the consumers of a set send through a pipe of some size is at most what it carries, and at most the sum of
        their peaks. Those sets are looked at whose consumers send a larger share of their peak than the pipes above a
        size are used.
        """
        peak = self.district.candidates.peak_kw
        able = self.catalogue[0] / self.numbers[4]
        found: list[tuple[float, float, list[int], list[float]]] = []
        sent = values[self.sent]
        for at, arc in enumerate(self.arcs):
            uses = self.uses[arc]
            used = values[uses]
            if used.sum() < 1e-6:
                continue
            most = np.full(len(uses), np.inf) if arc[0] == self.root else able[: len(uses)]
            share = sent[:, at] / peak
            alone = np.flatnonzero(share > used.sum() + 1e-4)
            found += [self._limit(at, np.array([one]), most, uses) for one in alone]
            tails = used[::-1].cumsum()[::-1]
            for least in np.unique(np.round(tails[1:], 6)):
                chosen = np.flatnonzero(share > least + 1e-6)
                if len(chosen) < 2:
                    continue
                over = sent[chosen, at].sum() - float(np.minimum(most, peak[chosen].sum()) @ used)
                if over > 1e-3 * peak[chosen].sum():
                    found.append(self._limit(at, chosen, most, uses))
        return found

    def _limit(
        self, at: int, chosen: Integers, most: Floats, uses: list[int]
    ) -> tuple[float, float, list[int], list[float]]:
        peak = float(self.district.candidates.peak_kw[chosen].sum())
        terms = [int(var) for var in self.sent[chosen, at]]
        return -np.inf, 0.0, terms + uses, [1.0] * len(terms) + [-min(float(one), peak) for one in most]

    def solve(self, seconds: float, known: float) -> Exact:
        """Solve; `known` is the value of a layout at hand, above which the solver need not look [CNY/a]."""
        begun = time.perf_counter()
        self._load()
        last = -np.inf
        for _ in range(ROUNDS):
            self.solver.run()
            value = self.solver.getInfo().objective_function_value
            cuts = self._cuts(np.array(self.solver.getSolution().col_value))
            if not cuts or value - last < 1e-6 * abs(known) or time.perf_counter() - begun > 0.5 * seconds:
                break
            self._add(cuts)
            last = value
        whole = np.array(self.whole, dtype=np.int32)
        self.solver.changeColsIntegrality(len(whole), whole, np.full(len(whole), highspy.HighsVarType.kInteger))
        self.solver.setOptionValue("mip_abs_gap", NEAR * (known + float(self.district.candidates.worth_cny.sum())))
        self.solver.setOptionValue("objective_bound", known + abs(known) * 1e-7 + 1.0)
        self.solver.setOptionValue("time_limit", max(10.0, seconds - (time.perf_counter() - begun)))
        self.solver.run()
        info = self.solver.getInfo()
        values = np.array(self.solver.getSolution().col_value)
        layout = self._layout(values) if len(values) and info.primal_solution_status == 2 else None
        value = yearly_cny(self.district, layout) if layout is not None else np.inf
        done = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveBound}
        proved = self.solver.getModelStatus() in done
        bound = max(float(info.mip_dual_bound), last)
        return Exact(layout, value, min(bound, known), proved, time.perf_counter() - begun)

    def _layout(self, values: Floats) -> Layout:
        joined = values[self.joins] > 0.5
        used = [arc for arc, uses in self.uses.items() if sum(values[use] for use in uses) > 0.5]
        above = {arc[1]: arc for arc in used}
        edges: dict[int, list[int]] = {-1 - arc[2]: [] for arc in used if arc[0] == self.root}
        for arc in used:
            if arc[0] == self.root:
                continue
            top = arc
            while top[0] != self.root:
                top = above[top[0]]
            edges[-1 - top[2]].append(arc[2])
        order = sorted(edges)
        return Layout(
            joined,
            np.array(order, dtype=np.int64),
            tuple(np.array(sorted(edges[one])) for one in order),
            np.full(len(joined), np.nan),
        )


def compare(seed: int, consumers: int, network: Network, *, forced: bool, seconds: float) -> dict[str, float | str]:
    """Return ours beside the solver's and how far from the best ours can be.

    `gap` is of the cost of serving everyone, by the network or by what else they would pay; `gap_pipes` is of what
    pipes and plants cost beyond production and plant capacity, which no layout saves: the harder measure.
    """
    district = random_district(seed, consumers, network, forced=forced)
    ours = lay_out(district)
    exact = Model(district).solve(seconds, yearly_cny(district, ours))
    return {
        "seed": seed, "consumers": consumers, "network": network, "forced": str(forced),
        **beside(district, ours, exact.value, exact.bound), "proved": bool(exact.proved), "seconds": exact.seconds,
    }  # fmt: skip


def beside(district: District, ours: Layout, solver: float, bound: float) -> dict[str, float | str]:
    """Return our layout beside the value that the solver found, and the bound that it proved [CNY/a]."""
    who, sites, value = district.candidates, district.sites, yearly_cny(district, ours)
    everyone = value + float(who.worth_cny.sum())
    at_plant = who.energy_mwh * sites.cny_mwh[0] + who.peak_kw * sites.cny_kw[0]
    pipes = value + float((who.worth_cny - at_plant)[ours.joined].sum())
    over = max(0.0, value - bound)
    return {
        "joined": int(ours.joined.sum()), "ours": value, "solver": solver, "bound": bound,
        "gap": over / everyone, "gap_pipes": over / max(pipes, 1.0),
        "beaten_by": max(0.0, value - solver) / everyone,
    }  # fmt: skip


def cases(count: int) -> list[tuple[int, int, Network, bool]]:
    """Return seed, consumers, network and whether all must join of so many districts of 20 to 60 consumers."""
    networks: tuple[Network, Network] = ("cooling", "heating")
    return [(seed, 20 + 40 * (seed // 4 % 8) // 7, networks[seed % 2], seed % 4 < 2) for seed in range(count)]


def lay_anew(target: Path) -> None:
    """Write our layouts of today into a table, beside what the solver found before."""
    table = pd.read_csv(target)
    for at, row in table.iterrows():
        district = random_district(row["seed"], row["consumers"], row["network"], forced=bool(row["forced"]))
        for name, told in beside(district, lay_out(district), row["solver"], row["bound"]).items():
            table.loc[at, name] = told
    table.to_csv(target, index=False, float_format="%.8g", lineterminator="\n")


def main(arguments: list[str]) -> None:
    """Write one row a district to a table, as they are solved, after those that it has already."""
    target, count, seconds = Path(arguments[0]), int(arguments[1]), float(arguments[2])
    if target.exists() and not seconds:
        lay_anew(target)
        return
    table = pd.read_csv(target) if target.exists() else pd.DataFrame()
    for seed, consumers, network, forced in cases(count)[len(table) :]:
        row = pd.DataFrame([compare(seed, consumers, network, forced=forced, seconds=seconds)])
        table = pd.concat([table, row], ignore_index=True)
        table.to_csv(target, index=False, float_format="%.8g", lineterminator="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
