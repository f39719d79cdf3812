"""What became of each network, in one sentence for the notes of a run."""

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
        told = _served(int(parcels), int(plants), *(float(figure) for figure in figures)) if parcels else _none(reasons)
        sentences.append(f"{network}: {told}")
    return sentences


def _served(parcels: int, plants: int, delivered_mwh: float, cost_cny_mwh: float, otherwise_cny_mwh: float) -> str:
    made = (
        f"{_parcels(parcels)} by {plants} plant{'' if plants == 1 else 's'}, {_short(delivered_mwh / MWH_PER_GWH)} GWh"
    )
    return f"{made}, {_short(cost_cny_mwh)} CNY/MWh instead of {_short(otherwise_cny_mwh)}"


def _none(reasons: pd.Series) -> str:
    number = reasons.value_counts()
    told = [(int(number[reason]), words) for reason, words in LEFT_OUT.items() if reason in number.index]
    if not told:
        return "no network; no parcel has demand"
    (most, words), *others = told
    why = ", ".join([f"{_parcels(most)} {words}", *(f"{count} {words}" for count, words in others)])
    return f"{'no network pays' if 'too_costly' in number.index else 'no network'}; {why}"


def _parcels(number: int) -> str:
    return f"{number} parcel{'' if number == 1 else 's'}"


def _short(value: float) -> str:
    """Return a number without decimals, or with two digits where it is small."""
    return f"{value:,.0f}" if value >= 10.0 else f"{value:.2g}"
