"""Layout of a Sankey diagram: nodes in columns, as high as their energy, and bands between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

LEVELS = ("primary", "carrier", "sector", "end_use")
"""Levels from left to right; ``loss`` and ``export`` leave at the far right, below all else."""
EXITS = ("loss", "export")
OTHER = "other"
LEAST = 0.004
"""Share of what flows below which nodes of a level are drawn as one: a band of a pixel tells nobody anything."""
DEEPEST = 2
"""Times a carrier may be made of another: power of fuels, and heat or cold of that power."""
SWEEPS = 6
"""Times the order within columns is improved, once to the right and once to the left each time."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its level and name, its column, where it begins and ends from the top, and its energy [MWh]."""

    level: str
    name: str
    column: int
    top: float
    bottom: float
    energy_mwh: float


@dataclass(frozen=True, slots=True)
class Link:
    """A band from one node to another, by their places, where it leaves and arrives, its width and energy [MWh]."""

    source: int
    target: int
    leaves: float
    arrives: float
    width: float
    energy_mwh: float


@dataclass(frozen=True, slots=True)
class Sankey:
    """Nodes and links of one diagram, and how high it is."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    columns: int
    height: float


def sankey(flows: pd.DataFrame, height: float = 260.0, gap: float = 13.0, least: float = LEAST) -> Sankey:
    """Return the layout of the flows of one scenario and year.

    The fullest column is `height` high without its gaps, and all bands are drawn to that scale. Within a column nodes
    stand by the mean place of their neighbours, so that bands cross little; the same flows give the same layout.

    Parameters
    ----------
    flows
        Columns ``source``, ``target`` (as ``level:name``) and ``energy_mwh``; rows of nothing are passed over.
    height
        Height of the fullest column without gaps.
    gap
        Room between nodes, enough for a line of text.
    least
        Share of the largest column below which nodes of a level are drawn as one, named ``other``.
    """
    plain = _summed(flows)
    plain = plain[plain["energy_mwh"] > 0.0]
    if plain.empty:
        return Sankey((), (), 0, 0.0)
    plain = _gathered(plain, least)
    names = sorted({*plain["source"], *plain["target"]})
    place = {name: number for number, name in enumerate(names)}
    source = plain["source"].map(place).to_numpy(dtype=np.int64)
    target = plain["target"].map(place).to_numpy(dtype=np.int64)
    energy = plain["energy_mwh"].to_numpy(dtype=np.float64)
    size = _sizes(len(names), source, target, energy)
    column = _columns(names, source, target)
    totals = np.bincount(column, weights=size)
    scale = height / totals.max()
    order = _ordered(names, column, source, target, energy)
    tallest = max(totals[c] * scale + gap * (len(rows) - 1) for c, rows in enumerate(order) if rows)
    top = np.zeros(len(names))
    for rows in order:
        used = sum(size[rows]) * scale + gap * (len(rows) - 1)
        at = (tallest - used) / 2.0
        for row in rows:
            top[row] = at
            at += size[row] * scale + gap
    nodes = tuple(
        Node(*_parts(name), int(column[i]), float(top[i]), float(top[i] + size[i] * scale), float(size[i]))
        for i, name in enumerate(names)
    )
    return Sankey(nodes, _links(top, source, target, energy, scale), len(order), float(tallest))


def _summed(flows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each pair of nodes, sorted."""
    return flows.groupby(["source", "target"], sort=True)[["energy_mwh"]].sum().reset_index()


def _parts(name: str) -> tuple[str, str]:
    level, _, rest = name.partition(":")
    return level, rest


def _sizes(count: int, source: np.ndarray, target: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """Return what enters or leaves each node, whichever is more [MWh]."""
    left = np.bincount(source, weights=energy, minlength=count)
    entered = np.bincount(target, weights=energy, minlength=count)
    return np.maximum(left, entered)


def _gathered(flows: pd.DataFrame, least: float) -> pd.DataFrame:
    """Return the flows with the small nodes of each level drawn as one, where there are two or more of them."""
    leaving = flows.groupby("source")["energy_mwh"].sum()
    entering = flows.groupby("target")["energy_mwh"].sum()
    size = pd.concat([leaving, entering], axis=1).max(axis=1)
    level = size.index.to_series().str.partition(":")[0]
    limit = least * size.groupby(level).sum().max()
    small = size.index[(size < limit) & ~level.isin(EXITS)]
    crowd = level.loc[small].value_counts()
    renamed = {name: f"{level[name]}:{OTHER}" for name in small if crowd[level[name]] > 1}
    moved = flows.assign(source=flows["source"].replace(renamed), target=flows["target"].replace(renamed))
    moved = moved[moved["source"] != moved["target"]]
    return _summed(moved)


def _columns(names: Sequence[str], source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the column of each node: its level, and after that what is made of nodes of its own level."""
    level = [_parts(name)[0] for name in names]
    rank = [LEVELS.index(name) if name in LEVELS else len(LEVELS) for name in level]
    depth = np.zeros(len(names), dtype=np.int64)
    within = [(s, t) for s, t in zip(source.tolist(), target.tolist(), strict=True) if rank[s] == rank[t]]
    for _ in range(DEEPEST):
        for s, t in within:
            depth[t] = min(max(depth[t], depth[s] + 1), DEEPEST)
    place = {pair: n for n, pair in enumerate(sorted({(rank[i], int(depth[i])) for i in range(len(names))}))}
    column = np.array([place[rank[i], int(depth[i])] for i in range(len(names))])
    exits = np.array([name in EXITS for name in level])
    if exits.any() and (~exits).any():
        column[exits] = column[~exits].max()
    return column


def _ordered(
    names: Sequence[str], column: np.ndarray, source: np.ndarray, target: np.ndarray, energy: np.ndarray
) -> list[list[int]]:
    """Return the nodes of each column from top to bottom."""
    count = len(names)
    size = _sizes(count, source, target, energy)
    exits = np.array([_parts(name)[0] in EXITS for name in names])
    order = [
        sorted(np.flatnonzero(column == c).tolist(), key=lambda i: (exits[i], -size[i], names[i]))
        for c in range(int(column.max()) + 1)
    ]
    middle = np.zeros(count)
    for rows in order:
        _centred(rows, size, middle)
    for sweep in range(2 * SWEEPS):
        here, there = (target, source) if sweep % 2 == 0 else (source, target)
        weight = np.bincount(here, weights=energy, minlength=count)
        for rows in order if sweep % 2 == 0 else reversed(order):
            pull = np.bincount(here, weights=energy * middle[there], minlength=count)
            wanted = np.where(weight > 0.0, pull / np.where(weight > 0.0, weight, 1.0), middle)
            keys = {i: (bool(exits[i]), round(float(wanted[i]), 9), names[i]) for i in rows}
            rows.sort(key=keys.__getitem__)
            _centred(rows, size, middle)
    return order


def _centred(rows: Sequence[int], size: np.ndarray, middle: np.ndarray) -> None:
    """Write the middle of each node of a column into `middle`, from 0 at the top to 1 at the bottom."""
    ends = np.cumsum(size[list(rows)])
    middle[list(rows)] = (ends - size[list(rows)] / 2.0) / ends[-1]


def _links(
    top: np.ndarray, source: np.ndarray, target: np.ndarray, energy: np.ndarray, scale: float
) -> tuple[Link, ...]:
    """Return the bands, stacked at both ends in the order of the nodes at the other end."""
    count = len(energy)
    leaves, arrives = np.zeros(count), np.zeros(count)
    for ends, others, found in ((source, target, leaves), (target, source, arrives)):
        used = top.copy()
        for i in np.lexsort((np.arange(count), top[others])):
            found[i] = used[ends[i]]
            used[ends[i]] += energy[i] * scale
    return tuple(
        Link(
            int(source[i]),
            int(target[i]),
            float(leaves[i]),
            float(arrives[i]),
            float(energy[i] * scale),
            float(energy[i]),
        )
        for i in range(count)
    )
