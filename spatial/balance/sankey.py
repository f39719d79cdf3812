"""The Sankey of the zone: from primary energy through carriers and sectors to end use, with losses and exports."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

WHEN = ["scenario", "year"]
FLOW = [*WHEN, "source", "target"]
PLANTS = "plants"
"""Item of a fuel or of electricity that plants take; ``plants_<carrier>`` where what they make of it is known."""
DISTRICT_PLANTS = "district_plants"
LOSS = "_loss"
CLOSING_TOLERANCE = 1e-6
"""A carrier whose sources and uses differ by more is a fault in the account, not rounding."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item that feeds a carrier comes from: primary energy, or a plant and the primary it draws on."""

    carrier: str
    item: str
    kind: str
    node: str


@cache
def sources() -> tuple[Source, ...]:
    """Return what feeds each carrier, the first that fits an item's name being its own."""
    with Path(__file__).with_name("sankey.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(Source(**row) for row in csv.DictReader(stream))


def source_of(carrier: str, item: str) -> Source:
    """Return where an item of SUPPLY comes from.

    Raises
    ------
    KeyError
        If sankey.csv has no row for the carrier.

    Examples
    --------
    >>> source_of("electricity", "pv_roof").node
    'primary:sun'
    """
    for source in sources():
        if source.carrier == carrier and fnmatchcase(item, source.item):
            return source
    raise KeyError(f"sankey.csv has no source for {item!r} of {carrier!r}; add a row")


def flows(supply: pd.DataFrame, end_uses: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Return the flows of energy [MWh] between the nodes of the zone in the given years.

    Parameters
    ----------
    supply
        Table SUPPLY. Items that leave a carrier are ``final``, ``export``, ``curtailed``, what ends in ``_loss``, and
        what plants take: ``district_plants``, ``plants``, or ``plants_<carrier>`` where it is known what they make.
    end_uses
        Table END_USES; negative energy is what a technology gives.
    years
        Years to show.

    Returns
    -------
    DataFrame
        Table FLOWS, sorted, without empty flows. What enters a carrier or sector leaves it.

    Raises
    ------
    ArithmeticError
        If sources and uses of a carrier differ, or its final use and that of the end uses.
    KeyError
        If the source of a carrier is not known.

    Notes
    -----
    What a technology of the end uses gives (its negative rows, or the item of the supply with its name) flows from
    the carriers that it takes to the carrier it gives, and leaves its end use. What plants take without it being
    said for what is spread over what plants make. Where plants give more than they take, the difference is
    ambient heat (or the fuel that the account does not follow); where they give less, it is their loss. Ambient
    heat of heat pumps in buildings is not shown.
    """
    chosen = supply[supply["year"].isin(list(years)) & (supply["energy_mwh"] != 0.0)]
    used = end_uses[end_uses["year"].isin(list(years)) & (end_uses["energy_mwh"] != 0.0)]
    entering = _entering(chosen[chosen["direction"] == "in"])
    leaving = chosen[chosen["direction"] == "out"]
    _check_closed(chosen, used)

    given = _given(used, entering)
    kept, transfers = _transfers(used, given)
    primary = entering[entering["kind"] == "primary"].assign(target=_node("carrier", entering["carrier"]))
    parts = [
        primary.rename(columns={"node": "source"})[[*FLOW, "energy_mwh"]],
        transfers,
        _into_plants(leaving, entering),
        _losses(leaving),
        *_final(kept),
    ]
    found = _summed(parts)
    return _summed([found, _residuals(found, entering)])


def _node(level: str, names: pd.Series) -> pd.Series:
    return f"{level}:" + names.astype(str)


def _summed(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    every = pd.concat([part[[*FLOW, "energy_mwh"]] for part in parts], ignore_index=True)
    found = every.groupby(FLOW, sort=True)["energy_mwh"].sum().reset_index()
    return found[found["energy_mwh"] > 0.0].reset_index(drop=True)


def _entering(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what enters carriers with its kind and the primary node behind it."""
    known = {
        (str(carrier), str(item)): source_of(str(carrier), str(item))
        for carrier, item in rows[["carrier", "item"]].drop_duplicates().to_numpy()
    }
    key = list(zip(rows["carrier"], rows["item"], strict=True))
    return rows.assign(kind=[known[pair].kind for pair in key], node=[known[pair].node for pair in key])


def _check_closed(supply: pd.DataFrame, used: pd.DataFrame) -> None:
    key = [*WHEN, "carrier"]

    def total(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby(key)["energy_mwh"].sum()

    table = pd.DataFrame(
        {
            "in": total(supply[supply["direction"] == "in"]),
            "out": total(supply[supply["direction"] == "out"]),
            "final": total(supply[(supply["direction"] == "out") & (supply["item"] == "final")]),
            "taken": total(used[used["energy_mwh"] > 0.0]),
            "net": total(used),
        }
    ).fillna(0.0)
    allowed = CLOSING_TOLERANCE * table.abs().max(axis=1)
    opened = (table["in"] - table["out"]).abs() > allowed
    # What technologies of the end uses give may stand in the supply or be netted off the final use.
    differs = np.minimum((table["final"] - table["taken"]).abs(), (table["final"] - table["net"]).abs()) > allowed
    faults = [f"{'|'.join(map(str, row))}: sources and uses differ" for row in table.index[opened]]
    faults += [f"{'|'.join(map(str, row))}: final use and end uses differ" for row in table.index[differs]]
    if faults:
        raise ArithmeticError(f"supply and end uses do not close: {'; '.join(faults)}")


def _given(used: pd.DataFrame, entering: pd.DataFrame) -> pd.DataFrame:
    """Return the energy that each technology of the end uses gives to a carrier."""
    key = [*WHEN, "technology", "carrier"]
    credited = used[used["energy_mwh"] < 0.0]
    named = entering[(entering["kind"] == "plant") & entering["item"].isin(used["technology"].unique())]
    given = pd.DataFrame(
        {
            "credit": credited.groupby(key)["energy_mwh"].sum().abs(),
            "item": named.rename(columns={"item": "technology"}).groupby(key)["energy_mwh"].sum(),
        }
    ).fillna(0.0)
    return given.assign(given_mwh=given.max(axis=1))[["given_mwh"]].rename_axis(key).reset_index()


def _transfers(used: pd.DataFrame, given: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the end uses less what goes into energy given, and the flows from carrier to carrier."""
    key = [*WHEN, "technology"]
    taken = used[used["energy_mwh"] > 0.0].reset_index(drop=True)
    takes = taken.groupby(key)["energy_mwh"].transform("sum")
    gives = taken[key].merge(given.groupby(key)["given_mwh"].sum().reset_index(), on=key, how="left")["given_mwh"]
    share = np.minimum(gives.fillna(0.0) / takes, 1.0)
    moved = taken.assign(moved_mwh=taken["energy_mwh"] * share)
    total = given.groupby(key)["given_mwh"].transform("sum")
    split = given.assign(part=given["given_mwh"] / total).rename(columns={"carrier": "to"})
    links = moved.merge(split[[*key, "to", "part"]], on=key)
    links = links[links["moved_mwh"] > 0.0]
    transfers = links[WHEN].assign(
        source=_node("carrier", links["carrier"]),
        target=_node("carrier", links["to"]),
        energy_mwh=links["moved_mwh"] * links["part"],
    )
    return taken.assign(energy_mwh=moved["energy_mwh"] - moved["moved_mwh"]), transfers


def _into_plants(leaving: pd.DataFrame, entering: pd.DataFrame) -> pd.DataFrame:
    """Return the flows from the carriers that plants take to those that they make."""
    items = leaving["item"].astype(str)
    takes = leaving[(items == DISTRICT_PLANTS) | (items == PLANTS) | items.str.startswith(f"{PLANTS}_")]
    items = takes["item"].astype(str)
    directed = takes[items.str.startswith(f"{PLANTS}_")]
    to = directed["item"].astype(str).str.removeprefix(f"{PLANTS}_")
    said = directed.assign(source=_node("carrier", directed["carrier"]), target=_node("carrier", to))

    makes = entering[entering["kind"] == "plant"].groupby([*WHEN, "carrier"])["energy_mwh"].sum()
    made = makes.rename("made_mwh").reset_index().rename(columns={"carrier": "to"})
    open_ = takes[~items.str.startswith(f"{PLANTS}_")].merge(made, on=WHEN)
    open_ = open_[open_["carrier"] != open_["to"]]
    key = [*WHEN, "carrier", "item"]
    part = open_["made_mwh"] / open_.groupby(key)["made_mwh"].transform("sum")
    spread = open_.assign(
        source=_node("carrier", open_["carrier"]),
        target=_node("carrier", open_["to"]),
        energy_mwh=open_["energy_mwh"] * part,
    )
    return pd.concat([said[[*FLOW, "energy_mwh"]], spread[[*FLOW, "energy_mwh"]]], ignore_index=True)


def _losses(leaving: pd.DataFrame) -> pd.DataFrame:
    items = leaving["item"].astype(str)
    lost = leaving[items.str.endswith(LOSS) | (items == "curtailed") | (items == "export")]
    names = lost["item"].astype(str)
    target = _node("loss", names.str.removesuffix(LOSS)).where(names != "export", _node("export", lost["carrier"]))
    return lost.assign(source=_node("carrier", lost["carrier"]), target=target)


def _final(kept: pd.DataFrame) -> Iterator[pd.DataFrame]:
    levels = ("carrier", "sector", "end_use")
    for source, target in pairwise(levels):
        yield kept.assign(source=_node(source, kept[source]), target=_node(target, kept[target]))


def _residuals(found: pd.DataFrame, entering: pd.DataFrame) -> pd.DataFrame:
    """Return what closes each carrier: what plants draw on beside the energy followed here, or lose."""
    enters = found[found["target"].str.startswith("carrier:")].groupby([*WHEN, "target"])["energy_mwh"].sum()
    leaves = found[found["source"].str.startswith("carrier:")].groupby([*WHEN, "source"])["energy_mwh"].sum()
    key = [*WHEN, "at"]
    node = pd.DataFrame({"enters": enters.rename_axis(key), "leaves": leaves.rename_axis(key)}).fillna(0.0)
    node = node.reset_index()
    node["missing"] = node["leaves"] - node["enters"]
    node = node[node["missing"].abs() > ROUNDING * node[["enters", "leaves"]].max(axis=1)]
    lost = node[node["missing"] < 0.0]
    losses = lost.assign(source=lost["at"], target="loss:plants", energy_mwh=-lost["missing"])

    drawn = node[node["missing"] > 0.0]
    plants = entering[entering["kind"] == "plant"]
    made = plants.assign(at=_node("carrier", plants["carrier"]))
    behind = made.groupby([*key, "node"], as_index=False)["energy_mwh"].sum()
    behind["part"] = behind["energy_mwh"] / behind.groupby(key)["energy_mwh"].transform("sum")
    links = drawn.merge(behind.drop(columns="energy_mwh"), on=key, how="left")
    last = links["at"].str.removeprefix("carrier:").map(lambda carrier: source_of(str(carrier), "").node)
    draws = links.assign(
        source=links["node"].fillna(last),
        target=links["at"],
        energy_mwh=links["missing"] * links["part"].fillna(1.0),
    )
    return pd.concat([losses[[*FLOW, "energy_mwh"]], draws[[*FLOW, "energy_mwh"]]], ignore_index=True)
