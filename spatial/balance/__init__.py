"""The zone's energy and carbon account by year, sector, carrier and planning unit."""

from spatial.balance.account import account, rank_measures, read_targets, system_loads
from spatial.balance.money import Market
from spatial.balance.options import BalanceOptions, Switches, Target

__all__ = [
    "BalanceOptions",
    "Market",
    "Switches",
    "Target",
    "account",
    "rank_measures",
    "read_targets",
    "system_loads",
]
