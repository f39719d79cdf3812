"""What became of each network, in one sentence for the notes of a run."""

from collections.abc import Collection

import pandas as pd

MWH_PER_GWH = 1000.0
LEFT_OUT = {
    "too_costly": "too costly",
    "too_far": "too far",
    "no_capacity": "beyond what plants can make",
    "too_sparse": "too sparse",
    "no_street": "off the streets",
    "forbidden": "behind what no pipe may cross",
    "cut_off": "cut off from every site",
}
"""Reason of the connections table to words, in the order they are told."""


def explain(summary: pd.DataFrame, connections: pd.DataFrame) -> list[str]:
    """Return one sentence per network: what it delivers at what cost, or why there is none.

    Parameters
    ----------
    summary
        Table `layers.tables.networks.NETWORK_SUMMARY`.
    connections
        Table `layers.tables.networks.CONNECTIONS`.
    """
    columns = ("network", "parcels_connected", "plants", "delivered_mwh", "cost_cny_mwh", "alternative_cny_mwh")
    sentences = []
    for network, parcels, plants, *figures in zip(*(summary[name] for name in columns), strict=True):
        reasons = connections.loc[connections["network"] == network, "reason"]
        told = _none(reasons)
        if parcels:
            told = _served(int(parcels), int(plants), *(float(figure) for figure in figures)) + _others(reasons)
        sentences.append(f"{network}: {told}")
    return sentences


def unmet(connections: pd.DataFrame, asked: Collection[str]) -> list[str]:
    """Return one sentence for each parcel and network that was to join and does not, with the reason.

    Parameters
    ----------
    connections
        Table `layers.tables.networks.CONNECTIONS`.
    asked
        Identifiers of parcels that must join; of a network for which they have no demand nothing is told, if they have
        some for another.
    """
    own = connections[connections["parcel_id"].isin(asked)]
    told = [
        f"{one} cannot join {network}: it is {LEFT_OUT[str(reason)]}"
        for one, network, reason in own.loc[~own["connected"], ["parcel_id", "network", "reason"]].to_numpy()
    ]
    return told + [f"{one} joins no network: it has no demand" for one in sorted(set(asked) - set(own["parcel_id"]))]


def _served(parcels: int, plants: int, delivered_mwh: float, cost_cny_mwh: float, otherwise_cny_mwh: float) -> str:
    made = (
        f"{_parcels(parcels)} by {plants} plant{'' if plants == 1 else 's'}, {_short(delivered_mwh / MWH_PER_GWH)} GWh"
    )
    return f"{made}, {_short(cost_cny_mwh)} CNY/MWh instead of {_short(otherwise_cny_mwh)}"


def _none(reasons: pd.Series) -> str:
    left = _left(reasons)
    if not left:
        return "no network; no parcel has demand"
    return f"{'no network pays' if 'too_costly' in set(reasons) else 'no network'}; {left}"


def _others(reasons: pd.Series) -> str:
    left = _left(reasons)
    return f"; left out: {left}" if left else ""


def _left(reasons: pd.Series) -> str:
    """Return how many are left out for each reason, in words."""
    number = reasons.value_counts()
    told = [(int(number[reason]), words) for reason, words in LEFT_OUT.items() if reason in number.index]
    return ", ".join(f"{count if place else _parcels(count)} {words}" for place, (count, words) in enumerate(told))


def _parcels(number: int) -> str:
    return f"{number} parcel{'' if number == 1 else 's'}"


def _short(value: float) -> str:
    """Return a number without decimals, or with two digits where it is small."""
    return f"{value:,.0f}" if value >= 10.0 else f"{value:.2g}"
