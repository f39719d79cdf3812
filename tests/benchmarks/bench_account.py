"""The account of 100,000 made-up parcels in two scenarios and 14 years: at most 20 s and 4 GiB."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measure

from spatial import balance

PARCELS, UNITS, HOURS = 100_000, 20, 8760
TARGET = 2030
CONNECTED_SHARE = 0.2

spec = importlib.util.spec_from_file_location(
    "account_tables", Path(__file__).parents[1] / "shared" / "account_tables.py"
)
if spec is None or spec.loader is None:
    raise SystemExit("account_tables.py is missing")
made_up = importlib.util.module_from_spec(spec)
sys.modules["account_tables"] = made_up
spec.loader.exec_module(made_up)

draw = np.random.default_rng(1)
parcel = [f"p{number:06d}" for number in range(PARCELS)]
unit = [f"U{number:02d}" for number in draw.integers(0, UNITS, PARCELS)]
kinds = (("res_highrise", "R2"), ("office", "B2"), ("retail", "B1"), ("hotel", "B1"), ("school", "A33"),
         ("factory_general", "M2"), ("warehouse", "W1"), ("port_terminal", "S4"), ("res_lowrise", "R1"),
         ("hospital", "A51"))  # fmt: skip
kind = [kinds[number] for number in draw.integers(0, len(kinds), PARCELS)]
vintage = [("pre2001", "code2010", "code2021")[number] for number in draw.integers(0, 3, PARCELS)]
phase = [
    int(year) if age == "code2021" else 2017
    for age, year in zip(vintage, draw.integers(2017, TARGET + 1, PARCELS), strict=True)
]
area = draw.uniform(500.0, 40_000.0, PARCELS).tolist()
rows = zip(parcel, unit, kind, vintage, phase, area, strict=True)
connected = draw.random(PARCELS) < CONNECTED_SHARE
factories = [
    ("industry_general", unit[at], parcel[at], "industry", "million CNY", 1.0, 3.0)
    for at in range(0, PARCELS, PARCELS // 1000)
]
zone = made_up.Zone(
    stock=[(name, place, use, age, year, m2) for name, place, (use, _), age, year, m2 in rows],
    parcels={name: (place, code, year) for name, place, (_, code), year in zip(parcel, unit, kind, phase, strict=True)},
    activity=[*(row for row in made_up.ACTIVITY if not row[2]), *factories],
    connected=[
        (network, name)
        for network in ("cooling", "heating")
        for name, one in zip(parcel, connected, strict=True)
        if one
    ],
    hours=HOURS,
    end_year=TARGET,
)
tables = made_up.tables(zone)
market = made_up.market(HOURS)
cost = made_up.measures_cost(tables, zone)
found: dict[str, pd.DataFrame] = {}


def draw_up() -> None:
    """Draw up the account, and keep it so that its memory counts."""
    found.update(balance.account(tables, balance.BalanceOptions(), TARGET, market, cost))


measure("account", {"parcels": PARCELS, "scenarios": len(zone.scenarios), "years": TARGET - made_up.BASE + 1}, draw_up)
