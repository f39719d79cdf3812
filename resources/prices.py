"""What energy carriers cost their users, by energy."""

from functools import cache

from layers.constants import constants
from layers.units import KWH_PER_MWH

_KEYS = {"natural_gas": "gas"}
"""Carriers whose price has a name of its own in ``finance.csv``."""


@cache
def carrier_price_cny_mwh(carrier: str, sector: str) -> float:
    """Return what a sector pays for a carrier [CNY/MWh of lower heating value], delivered.

    A price of the sector's own comes first (``price.gas.residential``), then the commercial one, then that which is the
    same for everybody. Ships are no sector of the account, but may be asked for: their diesel is cheaper. Prices are
    those that users pay today, taxes included, in all years and in real terms.

    Parameters
    ----------
    carrier
        Carrier bought.
    sector
        Sector that buys it, or ``ships``.

    Raises
    ------
    KeyError
        If ``finance.csv`` has no price of the carrier, as of heat and cold that the zone makes itself.
    ValueError
        If price and heating value are not per the same unit.

    Examples
    --------
    >>> round(carrier_price_cny_mwh("natural_gas", "residential"), 1)
    295.9
    >>> carrier_price_cny_mwh("electricity", "service")
    720.0
    """
    finance = constants("resources", "finance.csv")
    key = f"price.{_KEYS.get(carrier, carrier)}"
    names = [f"{key}.{sector}", f"{key}.commercial", key]
    price = next((finance[name] for name in names if name in finance), None)
    if price is None:
        raise KeyError(f"finance.csv has no price of {carrier}")
    if price.unit == "CNY/kWh":
        return price.value * KWH_PER_MWH
    heating_value = finance[f"lhv.{carrier}"]
    if heating_value.unit != price.unit.replace("CNY/", "kWh/"):
        raise ValueError(f"finance.csv: {price.key} in {price.unit} does not go with {heating_value.unit}")
    return price.value / heating_value.value * KWH_PER_MWH
