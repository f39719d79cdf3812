"""Marginal abatement cost: what each measure saves and costs, alone and on top of those before it.

The measures interact (a battery car saves more on green power, a retrofit less behind a heat pump), so none has a cost
per tonne of its own: it has one *after* some others. `abatement` therefore evaluates the whole zone again for every
measure on top of every set taken so far, and takes the cheapest next tonne. How the zone is evaluated is the caller's.

Ranking. Cost per tonne ranks measures only where they cost money. Where a measure saves money, dividing by its tonnes
turns the order round: of two that save the same money, the one that saves less CO2 would come first [1]_. Measures that
save both are hence taken first, by the money they save; those that cost money follow by cost per tonne; those that save
no CO2 come last and have no cost per tonne. Kesicki and Ekins [2]_ list what such a curve leaves out: that measures
interact (met here), that costs beyond equipment and energy are not seen, and how sure the figures are.

No evaluation is left out. Where measures can only weaken each other, a bound from an earlier round would spare most of
them; but here some strengthen each other, and a bound would then pass over the very measure that has become cheapest.

References
----------
.. [1] Taylor, S. (2012). The ranking of negative-cost emissions reduction measures. Energy Policy 48, 430-438.
   doi:10.1016/j.enpol.2012.05.063
.. [2] Kesicki, F., Ekins, P. (2012). Marginal abatement cost curves: a call for caution. Climate Policy 12(2), 219-236.
   doi:10.1080/14693062.2011.582347
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

PRICES_CNY_T = (0.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0)
"""Carbon prices at which the level of ambition is told, beside the study's own [CNY/t]."""

RESOLUTION = 1e-9
"""Share of the zone's CO2 below which a saving is taken for rounding."""


@dataclass(frozen=True, slots=True)
class State:
    """The zone in the target year under one set of measures.

    Attributes
    ----------
    co2_t
        CO2 of the year [t].
    cost_cny
        Cost of the year [CNY]; only its changes matter.
    population
        Persons the CO2 is divided by; 0 where nobody lives there.
    """

    co2_t: float
    cost_cny: float
    population: float


Evaluate = Callable[[frozenset[str]], State]


@dataclass(frozen=True, slots=True)
class Step:
    """One measure on top of a state: what it saves [t] and costs [CNY], and the state it leads to."""

    measure: str
    saved_t: float
    cost_cny: float
    after: State
    saves: bool

    @property
    def cost_cny_t(self) -> float:
        """Cost per tonne saved [CNY/t]; not a number where nothing is saved."""
        return self.cost_cny / self.saved_t if self.saves else np.nan

    @property
    def rank(self) -> tuple[int, float, str]:
        """What is taken first: see the module; ties are settled by name."""
        if not self.saves:
            return 2, self.cost_cny, self.measure
        if self.cost_cny <= 0.0:
            return 0, self.cost_cny, self.measure
        return 1, self.cost_cny_t, self.measure


class Curve(NamedTuple):
    """The curve (table ``abatement``), and how far measures pay at each price (table ``ambition``)."""

    abatement: pd.DataFrame
    ambition: pd.DataFrame


def abatement(
    measures: Sequence[str],
    evaluate: Evaluate,
    carbon_price: float,
    prices: Iterable[float] = PRICES_CNY_T,
) -> Curve:
    """Return the marginal abatement cost curve of measures that may interact, and the ambition each price pays for.

    Parameters
    ----------
    measures
        Names of the measures, each once; their order does not matter.
    evaluate
        Gives the state of the zone under any set of them; the same set must give the same state. It is called
        once a set, ``1 + n (n + 1) / 2`` times for n measures.
    carbon_price
        The study's own price of CO2 [CNY/t].
    prices
        Other prices to tell the level of ambition at [CNY/t].

    Returns
    -------
    Curve
        ``abatement``, a row a measure in the order taken, whose steps sum to the change from no measure to all; and
        ``ambition``, a row a price. Measures ``pay`` as far as every step up to and with them saves CO2 at no more
        than the price; a later step that is cheaper only because of one too dear does not count.

    Raises
    ------
    ValueError
        If a measure stands twice, or a state is not a number.

    Examples
    --------
    >>> saved = {"lamps": (10.0, -500.0), "pumps": (20.0, 4000.0)}
    >>> def evaluate(taken: frozenset[str]) -> State:
    ...     return State(100.0 - sum(saved[m][0] for m in taken), sum(saved[m][1] for m in taken), 50.0)
    >>> curve = abatement(["pumps", "lamps"], evaluate, 150.0)
    >>> curve.abatement[["measure", "step_t", "step_cny_t", "pays"]].values.tolist()
    [['lamps', 10.0, -50.0, True], ['pumps', 20.0, 200.0, False]]
    """
    repeated = sorted(name for name, times in Counter(measures).items() if times > 1)
    if repeated:
        raise ValueError(f"measures stand twice: {', '.join(repeated)}")
    known: dict[frozenset[str], State] = {}

    def state(taken: frozenset[str]) -> State:
        if taken not in known:
            known[taken] = _checked(evaluate(taken), taken)
        return known[taken]

    first = state(frozenset())
    rounding = RESOLUTION * abs(first.co2_t)
    names = sorted(measures)
    alone = {name: _step(name, first, state(frozenset({name})), rounding) for name in names}
    taken, before, steps = frozenset[str](), first, list[Step]()
    while len(steps) < len(names):
        rest = (name for name in names if name not in taken)
        best = min((_step(name, before, state(taken | {name}), rounding) for name in rest), key=lambda step: step.rank)
        steps.append(best)
        taken, before = taken | {best.measure}, best.after
    ambition = _ambition(first, steps, carbon_price, prices)
    return Curve(_table(first, alone, steps, _paying(steps, carbon_price)), ambition)


def empty_curve() -> Curve:
    """Return a curve of no measures at all."""
    nowhere = State(0.0, 0.0, 0.0)
    return Curve(_table(nowhere, {}, [], 0), _ambition(nowhere, [], 0.0, ()).iloc[:0])


def _checked(state: State, taken: frozenset[str]) -> State:
    if not np.isfinite([state.co2_t, state.cost_cny, state.population]).all():
        raise ValueError(f"the zone with {', '.join(sorted(taken)) or 'no measure'} has no finite CO2, cost or people")
    return state


def _step(measure: str, before: State, after: State, rounding: float) -> Step:
    saved = before.co2_t - after.co2_t
    return Step(measure, saved, after.cost_cny - before.cost_cny, after, saved > rounding)


def _paying(steps: Sequence[Step], price: float) -> int:
    """Return how many steps pay at a price: all before the first that does not."""
    for position, step in enumerate(steps):
        if not (step.saves and step.cost_cny_t <= price):
            return position
    return len(steps)


def _table(first: State, alone: dict[str, Step], steps: Sequence[Step], paying: int) -> pd.DataFrame:
    singly = [alone[step.measure] for step in steps]
    return pd.DataFrame(
        {
            "measure": pd.array([step.measure for step in steps], dtype="str"),
            "alone_t": np.array([step.saved_t for step in singly], dtype=np.float64),
            "alone_cny": np.array([step.cost_cny for step in singly], dtype=np.float64),
            "alone_cny_t": np.array([step.cost_cny_t for step in singly], dtype=np.float64),
            "order": np.arange(1, len(steps) + 1, dtype=np.int64),
            "step_t": np.array([step.saved_t for step in steps], dtype=np.float64),
            "step_cny": np.array([step.cost_cny for step in steps], dtype=np.float64),
            "step_cny_t": np.array([step.cost_cny_t for step in steps], dtype=np.float64),
            "zone_t": np.array([step.after.co2_t for step in steps], dtype=np.float64),
            "zone_cny": np.array([step.after.cost_cny - first.cost_cny for step in steps], dtype=np.float64),
            "pays": np.arange(len(steps)) < paying,
        }
    )


def _ambition(first: State, steps: Sequence[Step], carbon_price: float, prices: Iterable[float]) -> pd.DataFrame:
    told = sorted({float(carbon_price), *map(float, prices)})
    states = [first, *(step.after for step in steps)]
    taken = [_paying(steps, price) for price in told]
    reached = [states[count] for count in taken]
    return pd.DataFrame(
        {
            "carbon_price_cny_t": told,
            "measures": np.array(taken, dtype=np.int64),
            "co2_t": [state.co2_t for state in reached],
            "cost_cny": [state.cost_cny - first.cost_cny for state in reached],
            "co2_per_head_t": [state.co2_t / state.population if state.population else np.nan for state in reached],
            "chosen": [price == float(carbon_price) for price in told],
        }
    )
