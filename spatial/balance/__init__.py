"""The zone's energy and carbon account by year, sector, carrier and planning unit."""

from spatial.balance.account import account
from spatial.balance.options import BalanceOptions, Switches, Target

__all__ = ["BalanceOptions", "Switches", "Target", "account"]
