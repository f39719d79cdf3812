"""Made-up tables of the deep account: paths beyond the target year, flows, costs, abatement, hourly power."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

EVIL = "<script>window.evil=3</script><b onmouseover=window.evil=4>"
BASE, TARGET, END = 2017, 2030, 2040
SAVINGS = (
    ("wind_sea", "海上风电", "Offshore wind", 210.0, 120.0),
    ("pv_roof", "屋顶光伏", "Rooftop PV", 150.0, -180.0),
    ("ev_cars", "电动小汽车", "Battery cars", 90.0, -60.0),
    ("retrofit", EVIL, EVIL, 60.0, 900.0),
    ("shore_power", "船舶岸电", "Shore power for ships at berth", 45.0, 260.0),
    ("res_heat_pump", "住宅高效热泵供暖", "Efficient heat pumps for dwellings", 40.0, -20.0),
    ("green_power", "绿电采购", "Green power purchase", 30.0, 60.0),
    ("light_electric", "轻工业电气化", "Electrification of light industry", 12.0, 340.0),
    ("res_cooking", "住宅电炊", "Electric cooking in dwellings", 3.0, 1500.0),
)
"""Measure, names, tonnes saved [t] and cost of a tonne [CNY/t]."""
PRICE = 300.0
SECTOR_USES = {
    "residential": ("heating", "cooling", "hot_water", "cooking", "equipment"),
    "service": ("heating", "cooling", "lighting", "equipment"),
    "industry": ("process", "cooling"),
    "transport": ("traction",),
    "port": ("handling", "ships"),
    "waste": ("treatment",),
}
CARRIER_OF = {
    "residential": {"electricity": 30.0, "natural_gas": 18.0, "district_cold": 6.0},
    "service": {"electricity": 40.0, "natural_gas": 9.0, "district_cold": 14.0, "district_heat": 5.0},
    "industry": {"electricity": 55.0, "natural_gas": 22.0, "coal": 12.0},
    "transport": {"electricity": 9.0, "gasoline": 24.0, "diesel": 11.0},
    "port": {"electricity": 14.0, "diesel": 17.0},
    "waste": {"electricity": 0.2, "diesel": 0.1},
}


def flows(scenario: str, year: int) -> pd.DataFrame:
    """Return flows that conserve energy at every carrier, sector and end use [MWh]."""
    grown = 1.0 if year == BASE else 2.2 if scenario == "bau" else 1.6
    rows: list[tuple[str, str, float]] = []
    need: dict[str, float] = {}
    for sector, carriers in CARRIER_OF.items():
        for carrier, value in carriers.items():
            rows.append((f"carrier:{carrier}", f"sector:{sector}", value * grown * 1000))
            need[carrier] = need.get(carrier, 0.0) + value * grown * 1000
        uses = SECTOR_USES[sector]
        total = sum(carriers.values()) * grown * 1000
        weights = np.arange(len(uses), 0, -1) / sum(range(len(uses) + 1))
        rows += [
            (f"sector:{sector}", f"end_use:{use}", total * w) for use, w in zip(uses, weights.tolist(), strict=True)
        ]
    plants = (need["district_cold"] + need["district_heat"]) / 4
    rows += [
        ("carrier:electricity", "carrier:district_cold", need["district_cold"] / 4),
        ("carrier:electricity", "carrier:district_heat", need["district_heat"] / 4),
        ("primary:ambient", "carrier:district_cold", need["district_cold"] * 3 / 4),
        ("primary:ambient", "carrier:district_heat", need["district_heat"] * 3 / 4),
    ]
    electricity = need["electricity"] + plants
    loss, export = electricity * 0.05, electricity * (0.0 if scenario == "bau" else 0.08)
    rows += [
        ("carrier:electricity", "loss:distribution", loss),
        ("carrier:electricity", "export:electricity", export),
    ]
    whole = electricity + loss + export
    gas = 0.04 * whole
    rows.append(("carrier:natural_gas", "carrier:electricity", gas))
    need["natural_gas"] += gas
    own = {"sun": 0.05, "wind": 0.1} if scenario == "bau" or year == BASE else {"sun": 0.3, "wind": 0.45}
    rows += [(f"primary:{name}", "carrier:electricity", whole * part) for name, part in own.items()]
    rows.append(("primary:grid", "carrier:electricity", whole * (1 - sum(own.values())) - gas))
    rows += [
        (f"primary:{name}", f"carrier:{name}", need[name]) for name in ("natural_gas", "coal", "gasoline", "diesel")
    ]
    table = pd.DataFrame(rows, columns=["source", "target", "energy_mwh"])
    return table[table["energy_mwh"] > 0.0].assign(scenario=scenario, year=year)


def abatement(start_t: float) -> pd.DataFrame:
    """Return measures in the order taken, with the zone's CO2 and cost along the way."""
    ordered = sorted(SAVINGS, key=lambda row: row[4])
    rows = []
    zone_t, zone_cny = start_t, 0.0
    for place, (measure, _, _, saved, price) in enumerate(ordered, start=1):
        step = saved * (1 - 0.02 * place)
        zone_t, zone_cny = zone_t - step, zone_cny + step * price
        rows.append(
            (measure, saved, saved * price * 0.95, price * 0.95, place, step, step * price, price, zone_t, zone_cny,
             price <= PRICE)
        )  # fmt: skip
    names = ["measure", "alone_t", "alone_cny", "alone_cny_t", "order", "step_t", "step_cny", "step_cny_t", "zone_t"]
    return pd.DataFrame(rows, columns=[*names, "zone_cny", "pays"])


def dispatch(scenarios: Sequence[str]) -> pd.DataFrame:
    """Return hours whose supply meets demand, stores and export."""
    time = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Etc/GMT-8", name="time")
    hour = np.arange(8760)
    sun = np.maximum(np.sin((hour % 24 - 6) / 12 * np.pi), 0.0)
    found: dict[str, np.ndarray] = {}
    for scenario in scenarios:
        size = 20.0 if scenario == "bau" else 120.0
        use = 60 + 25 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi) + 15 * np.cos(hour / 8760 * 4 * np.pi)
        cold = np.where((hour // 24 > 150) & (hour // 24 < 270), 12.0, 0.0)
        wind = 15 + 10 * np.sin(hour / 37)
        pv = size * sun
        store = np.where(pv > use, np.minimum(10.0, pv - use), 0.0)
        out = np.where(hour % 24 >= 20, store.sum() * 0.9 / np.sum(hour % 24 >= 20), 0.0)
        rest = use + cold + store - pv - wind - out
        parts = {
            "use": use, "cold_plant": cold, "cold": cold * 4, "pv_roof": pv, "wind_sea": wind, "battery_in": store,
            "battery_out": out, "import": np.maximum(rest, 0), "export": np.maximum(-rest, 0), "curtailed": 0.0 * hour,
        }  # fmt: skip
        found |= {f"{scenario}|{TARGET}|zone|{item}": values for item, values in parts.items()}
    return pd.DataFrame(found, index=time)


def summary(scenarios: Sequence[str]) -> pd.DataFrame:
    """Return yearly figures of the hourly system."""
    rows = []
    for number, scenario in enumerate(scenarios):
        values = {
            "use_mwh": (550_000.0, "MWh"),
            "generation_mwh": (200_000.0 + 300_000.0 * number, "MWh"),
            "curtailed_mwh": (4_000.0 * number, "MWh"),
            "import_mwh": (350_000.0 - 120_000.0 * number, "MWh"),
            "peak_import_mw": (96.0 - 12.0 * number, "MW"),
            "renewable_electricity_share": (0.3 + 0.25 * number, "fraction"),
            "self_sufficiency": (0.36 + 0.2 * number, "fraction"),
            "co2_t": (180_000.0 - 60_000.0 * number, "t"),
            "cost_cny": (2.4e8 + 1e7 * number, "CNY"),
            "hours_solved": (336.0, "h"),
            "balance_error_mwh": (0.0, "MWh"),
        }
        rows += [(scenario, TARGET, name, *value) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["scenario", "year", "quantity", "value", "unit"])


def decomposition(balance: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Return effects that add up to the change of each sector's CO2 in each year."""
    shares = {"activity": 1.6, "structure": -0.1, "intensity": -0.9, "carrier_mix": 0.7, "grid": -0.3}
    change = balance.groupby(["scenario", "sector", "year"], as_index=False)["co2_t"].sum()
    change["change"] = change.groupby(["scenario", "sector"])["co2_t"].diff()
    change = change.dropna().drop(columns="co2_t")
    parts = [
        change.assign(effect=effect, co2_t=change["change"] * share).drop(columns="change")
        for effect, share in shares.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(found[found["scenario"].isin(scenarios)]).reset_index(drop=True)


def readings() -> pd.DataFrame:
    """Return the targets under every reading."""
    rows = []
    for gdp in (4.0, 5.0):
        for people in (3.0, 4.0):
            for method in ("calorific", "equivalent"):
                head, unit = 2.9 / people, "tce/10k CNY"
                energy = (0.17 if method == "equivalent" else 0.11) / gdp
                rows += [
                    (gdp, people, method, "near_zero", "co2_per_head", head, "<=", 1.0, 1 - head, head <= 1,
                     "t/person"),
                    (gdp, people, method, "near_zero", "energy_intensity", energy, "<=", 0.04, 0.04 - energy,
                     energy <= 0.04, unit),
                    (gdp, people, method, "near_zero", "renewable_share", 0.68, ">=", 0.7, -0.02, False, "fraction"),
                ]  # fmt: skip
    names = ["gdp_times", "population_times", "tce_method", "scenario", "target", "value", "sense", "limit", "slack"]
    return pd.DataFrame(rows, columns=[*names, "met", "unit"])


def measures() -> pd.DataFrame:
    """Return the measures with their names in both languages."""
    return pd.DataFrame(
        [
            (name, zh, en, name, "new", 0.5, 2018, TARGET, "s_curve", 0.0, "Planning choice", "assumption")
            for name, zh, en, _, _ in SAVINGS
        ],
        columns=["measure", "zh", "en", "subject", "technology", "share", "start_year", "end_year", "curve",
                 "extra_cost_cny", "source", "confidence"],
    )  # fmt: skip


def deep_tables(
    balance: pd.DataFrame, scenarios: Sequence[str], parcels: Sequence[str], units: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return the tables of the deep account for a balance; the waterfall and effects close on it."""
    first, last = scenarios[0], scenarios[-1]
    target = balance[balance["year"] == TARGET].groupby(["scenario", "sector"])["co2_t"].sum()
    base = balance[(balance["year"] == BASE) & (balance["scenario"] == first)].groupby("sector")["co2_t"].sum()
    sectors = list(base.index)
    steps = [("sector", "base_year", base.sum())]
    steps += [("sector", f"{first}.{name}", target[first][name] - base[name]) for name in sectors]
    steps.append(("sector", first, target[first].sum()))
    steps += [("sector", f"{last}.{name}", target[last][name] - target[first][name]) for name in sectors]
    steps.append(("sector", last, target[last].sum()))
    taken = abatement(float(target[first].sum()))
    steps.append(("measure", first, target[first].sum()))
    saved = target[first].sum() - target[last].sum()
    scale = saved / taken["step_t"].sum()
    taken = taken.assign(
        step_t=taken["step_t"] * scale,
        alone_t=taken["alone_t"] * scale,
        step_cny=taken["step_cny"] * scale,
        alone_cny=taken["alone_cny"] * scale,
        zone_cny=taken["zone_cny"] * scale,
    )
    taken["zone_t"] = target[first].sum() - taken["step_t"].cumsum()
    steps += [("measure", name, -tonnes) for name, tonnes in zip(taken["measure"], taken["step_t"], strict=True)]
    steps.append(("measure", last, target[last].sum()))
    chain = [(price, taken[taken["step_cny_t"] <= price]) for price in (0.0, 100.0, PRICE, 1000.0, 2000.0)]
    ambition = [
        (
            price,
            len(part),
            float(target[first].sum() - part["step_t"].sum()),
            float(part["step_cny"].sum()),
            0.8,
            price == PRICE,
        )
        for price, part in chain
    ]
    built = (("pv_roof", 120.0, 0.0, 4e7), ("wind_sea", 30.0, 0.0, 3e7), ("battery", 10.0, 42.0, 6e6))
    stores = [(s, TARGET, "zone", item, 0.0, *sizes) for s in scenarios for item, *sizes in built]
    embodied = [
        (scenario, 2020 + place % 11, parcel, unit, 20_000.0, 9_000.0 + 40.0 * place)
        for scenario in scenarios
        for place, (parcel, unit) in enumerate(zip(parcels, units, strict=True))
        if place % 3
    ]
    missed = "The renewable share misses 70 % by 2 points, for diesel of ships stays. <b>"
    verdicts = [
        ("co2", "2030 CO2 falls below the 2017 level by 12 kt.", "2030年二氧化碳排放比2017年低1.2万吨。", 1),
        ("cannot", missed, "可再生能源占比距70%差2个百分点，因船舶仍用柴油。<b>", 2),
    ]
    equipment = [
        (s, y, "cars", t, v)
        for s in scenarios
        for y in (BASE, TARGET)
        for t, v in (("battery", 0.4), ("gasoline", 0.6))
    ]
    return {
        "flows": pd.concat([flows(s, y) for s in scenarios for y in (BASE, TARGET)], ignore_index=True),
        "waterfall": pd.DataFrame(steps, columns=["by", "step", "co2_t"]).assign(
            order=range(len(steps)), co2_t=lambda frame: frame["co2_t"].astype(float)
        ),
        "abatement": taken,
        "ambition": pd.DataFrame(
            ambition, columns=["carbon_price_cny_t", "measures", "co2_t", "cost_cny", "co2_per_head_t", "chosen"]
        ),
        "decomposition": decomposition(balance, scenarios),
        "readings": readings(),
        "verdicts": pd.DataFrame(verdicts, columns=["sentence", "en", "zh", "order"]),
        "measures": measures(),
        "power_summary": summary(scenarios),
        "capacities": pd.DataFrame(
            stores, columns=["scenario", "year", "node", "item", "planned_mw", "built_mw", "built_mwh", "cost_cny"]
        ),
        "dispatch": dispatch(scenarios),
        "embodied": pd.DataFrame(
            embodied, columns=["scenario", "year", "parcel_id", "unit_id", "floor_area_m2", "co2_t"]
        ),
        "costs": pd.DataFrame(
            [
                (s, y, i, v)
                for s in scenarios
                for y in (BASE, TARGET)
                for i, v in (("equipment", 5e8), ("export", -1e7))
            ],
            columns=["scenario", "year", "item", "cost_cny"],
        ),
        "equipment": pd.DataFrame(equipment, columns=["scenario", "year", "subject", "technology", "share"]),
        "installed": pd.DataFrame(equipment, columns=["scenario", "year", "subject", "technology", "amount"]).assign(
            unit="vkm"
        ),
        "end_uses": pd.DataFrame(
            [
                (s, y, "transport", "cars", "driving", "battery", "electricity", 12.0, 5.0)
                for s in scenarios
                for y in range(BASE, END + 1)
            ],
            columns=[
                "scenario",
                "year",
                "sector",
                "subsector",
                "end_use",
                "technology",
                "carrier",
                "energy_mwh",
                "co2_t",
            ],
        ),
    }


def scoped(balance: pd.DataFrame) -> pd.DataFrame:
    """Return a balance with scopes and what stands on parcels beside its CO2."""
    bought = balance["carrier"].eq("electricity")
    return balance.assign(
        scope1_t=balance["co2_t"].where(~bought, 0.0),
        scope2_t=balance["co2_t"].where(bought, 0.0),
        scope2_location_t=balance["co2_t"].where(bought, 0.0) * 1.2,
        primary_mwh=balance["energy_mwh"] * 1.5,
        parcels_mwh=balance["energy_mwh"] * 0.7,
        parcels_co2_t=balance["co2_t"] * 0.7,
    )
