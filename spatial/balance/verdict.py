"""Why the targets hold or cannot all hold, in sentences with the zone's own figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isnan

import pandas as pd

from spatial.balance.indicators import RENEWABLE_FUELS
from spatial.balance.sentences import Word, difference, fill, listed, measured, percent, significant, word, words

SWITCHES = ("gdp_times", "population_times", "tce_method")
SHOWN = 3
"""Emitters that are named."""

Values = Mapping[str, float]
Said = tuple[str, str, dict[str, Word | str]]
"""Name of the sentence, its template, and what stands in its places."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One target as the scenario has it; `slack` is positive where it is met."""

    value: float
    sense: str
    limit: float
    slack: float
    met: bool
    unit: str


@dataclass(frozen=True)
class Zone:
    """One scenario: its targets by name, and its indicators in base and target year."""

    targets: Mapping[str, Judged]
    base: Values
    end: Values
    base_year: int
    target_year: int
    scenario: str

    def limit(self, target: str) -> float | None:
        """Return the limit of a target, where the study has it."""
        return self.targets[target].limit if target in self.targets else None

    def given(self, *names: str) -> bool:
        """Return whether indicators are known, and more than nothing, in base and target year."""
        return all(values.get(name, 0.0) > 0.0 for name in names for values in (self.base, self.end))


def verdicts(
    targets: pd.DataFrame,
    indicators: pd.DataFrame,
    readings: pd.DataFrame,
    end_uses: pd.DataFrame,
    supply: pd.DataFrame,
    target_year: int,
    scenario: str,
) -> pd.DataFrame:
    """Return why the targets of a scenario hold or cannot all hold.

    Parameters
    ----------
    targets, indicators, readings, end_uses, supply
        Tables of the account.
    target_year
        Year of the targets.
    scenario
        Scenario to be judged.

    Returns
    -------
    DataFrame
        Table VERDICTS in the order to be read. Sentences on a figure that is not known are left out.

    Notes
    -----
    Two identities tie the targets to each other. CO2 per head [t] = GDP per head [10,000 CNY] times energy per GDP
    [tce/10,000 CNY] times CO2 of the energy [t/tce] (Kaya, 1990), so the limits on the first and the third leave a
    highest CO2 per energy. The renewable share of final energy is e x re + (1 - e) x r with e the share of
    electricity, re the renewable share of electricity and r that of all other energy.
    """
    said: list[Said] = []
    judged = _judged(targets[targets["scenario"] == scenario])
    if judged:
        of_scenario = indicators[indicators["scenario"] == scenario]
        base_year = int(of_scenario["year"].min())
        base, end = (_values(of_scenario[of_scenario["year"] == year]) for year in (base_year, target_year))
        zone = Zone(judged, base, end, base_year, target_year, scenario)
        now = (supply["scenario"] == scenario) & (supply["year"] == target_year)
        leaves = end_uses[(end_uses["scenario"] == scenario) & (end_uses["year"] == target_year)]
        said += [
            *_each(zone),
            *_kaya(zone),
            *_intensity(zone, leaves),
            *_caps(zone),
            *_mix(zone, supply[now]),
            *_remaining(zone, leaves),
        ]
        said += _readings(zone, readings[readings["scenario"] == scenario])
    filled = [(name, *(fill(template, places, side) for side in (0, 1))) for name, template, places in said]
    table = pd.DataFrame(filled, columns=["sentence", "en", "zh"], dtype=str)
    return table.assign(order=range(len(table)))


def _judged(rows: pd.DataFrame) -> dict[str, Judged]:
    ordered = rows.sort_values("target")
    columns = [ordered[name].tolist() for name in ("target", "value", "sense", "limit", "slack", "met", "unit")]
    return {
        str(name): Judged(float(value), str(sense), float(limit), float(slack), bool(met), str(unit))
        for name, value, sense, limit, slack, met, unit in zip(*columns, strict=True)
    }


def _values(rows: pd.DataFrame) -> dict[str, float]:
    return dict(zip(rows["indicator"].astype(str), rows["value"].astype(float), strict=True))


def _each(zone: Zone) -> Iterator[Said]:
    """Say which targets hold, and each with its slack."""
    common: dict[str, Word | str] = {
        "n": str(len(zone.targets)),
        "year": str(zone.target_year),
        "scenario": word("scenario", zone.scenario),
    }
    missed = [word("target", name) for name, target in zone.targets.items() if not target.met]
    if missed:
        held = str(len(zone.targets) - len(missed))
        yield "some_fail", "some_fail", {**common, "met": held, "names": listed(missed)}
    else:
        name, target = min(zone.targets.items(), key=lambda item: _relative_slack(item[1]))
        slack = difference(target.slack, target.unit)
        yield "all_hold", "all_hold", {**common, "target": word("target", name), "slack": slack}
    for name, target in zone.targets.items():
        if isnan(target.value):
            yield f"unknown.{name}", "unknown", {"target": word("target", name)}
            continue
        template = "held" if target.met else "missed"
        places: dict[str, Word | str] = {
            "target": word("target", name),
            "value": measured(target.value, target.unit),
            "sense": word("sense", target.sense),
            "limit": measured(target.limit, target.unit),
            "slack": difference(abs(target.slack), target.unit),
        }
        yield f"{template}.{name}", template, places


def _relative_slack(target: Judged) -> float:
    return target.slack / abs(target.limit) if target.limit else inf


def _kaya(zone: Zone) -> Iterator[Said]:
    """Say how CO2 per head, energy per GDP and the carbon of energy hang together."""
    if not zone.given("co2_per_head_t", "co2_per_gdp_t_10kcny", "energy_intensity_tce_10kcny"):
        return
    head, per_gdp, intensity = (
        zone.end[name] for name in ("co2_per_head_t", "co2_per_gdp_t_10kcny", "energy_intensity_tce_10kcny")
    )
    gdp, carbon = head / per_gdp, per_gdp / intensity
    before = zone.base["co2_per_gdp_t_10kcny"] / zone.base["energy_intensity_tce_10kcny"]
    yield (
        "identity",
        "identity",
        {
            "co2": significant(head),
            "gdp": significant(gdp),
            "intensity": significant(intensity),
            "carbon": significant(carbon),
            "carbon_base": significant(before),
            "base_year": str(zone.base_year),
        },
    )
    head_limit, intensity_limit = zone.limit("co2_per_head"), zone.limit("energy_intensity")
    if head_limit and head > head_limit:
        at_most = significant(head_limit / (intensity * gdp))
        places: dict[str, Word | str] = {"head_limit": significant(head_limit), "at_most": at_most}
        yield "head_gap", "head_gap", {**places, "carbon": significant(carbon)}
    if not head_limit or not intensity_limit:
        return
    allowed = head_limit / (intensity_limit * gdp)
    yield (
        "joint",
        "joint_holds" if carbon <= allowed else "joint_fails",
        {
            "intensity_limit": significant(intensity_limit),
            "head_limit": significant(head_limit),
            "allowed": significant(allowed),
            "carbon": significant(carbon),
            "at_limit": significant(intensity_limit * gdp * carbon),
            "cleaner": percent(1.0 - allowed / carbon),
            "intensity_needed": significant(head_limit / (gdp * carbon)),
        },
    )


def _intensity(zone: Zone, end_uses: pd.DataFrame) -> Iterator[Said]:
    """Say how far energy per GDP is from its limit, and where the energy goes."""
    limit = zone.limit("energy_intensity")
    if not limit or not zone.given("energy_intensity_tce_10kcny"):
        return
    before, now = (values["energy_intensity_tce_10kcny"] for values in (zone.base, zone.end))
    used = end_uses[end_uses["energy_mwh"] > 0.0].groupby("sector", sort=True)["energy_mwh"].sum()
    if now <= limit or used.empty:
        return
    shown = used.sort_values(ascending=False, kind="stable").iloc[:SHOWN]
    parts = [percent(share) for share in (shown / used.sum()).astype(float)]
    names = [word("sector", str(sector)) for sector in shown.index]
    places: dict[str, Word | str] = {
        "intensity_base": significant(before),
        "base_year": str(zone.base_year),
        "intensity": significant(now),
        "intensity_limit": significant(limit),
        "less": percent(1.0 - limit / now),
        "year": str(zone.target_year),
        "times": significant(now / limit),
        "names": listed(
            [(f"{en} ({part} %)", f"{zh}（{part}%）") for (en, zh), part in zip(names, parts, strict=True)]
        ),
    }
    yield "intensity_gap", "intensity_gap", places


def _caps(zone: Zone) -> Iterator[Said]:
    """Say what the cap on CO2 in all asks for, a head and per GDP."""
    total = zone.limit("co2_total")
    if not total or not zone.given("co2_t"):
        return
    head_limit = zone.limit("co2_per_head")
    if head_limit and zone.given("co2_per_head_t"):
        cap = total / (zone.end["co2_t"] / zone.end["co2_per_head_t"])
        yield (
            "caps",
            "total_tighter" if cap < head_limit else "head_tighter",
            {"cap": significant(cap), "year": str(zone.target_year), "head_limit": significant(head_limit)},
        )
    if zone.given("gdp_million_cny"):
        times = zone.end["gdp_million_cny"] / zone.base["gdp_million_cny"]
        needed = 1.0 - total / zone.base["co2_t"] / times
        reached = 1.0 - zone.end["co2_t"] / zone.base["co2_t"] / times
        yield (
            "decoupling",
            "decoupling",
            {
                "times": significant(times),
                "base_year": str(zone.base_year),
                "needed": percent(needed),
                "reached": percent(reached),
            },
        )


def _mix(zone: Zone, supply: pd.DataFrame) -> Iterator[Said]:
    """Say what the renewable share is made of, and what its limit asks of electricity and of the rest."""
    limit = zone.limit("renewable_share")
    share, total = zone.end.get("renewable_share_final_calorific"), zone.end.get("final_energy_mwh", 0.0)
    used = supply[supply["item"].isin(["final", "district_plants"])].groupby("carrier")["energy_mwh"].sum()
    electricity = float(used.get("electricity", 0.0))
    if limit is None or share is None or isnan(share) or not 0.0 < electricity < total:
        return
    e = electricity / total
    r = float(used.reindex(list(RENEWABLE_FUELS)).fillna(0.0).sum()) / (total - electricity)
    re = (share - (1.0 - e) * r) / e
    figures: dict[str, Word | str] = {"e": percent(e), "re": percent(re), "r": percent(r), "limit": percent(limit)}
    yield "mix", "mix", {**figures, "share": percent(share)}
    if share < limit:
        rest = (limit - e * re) / (1.0 - e)
        yield (
            "mix_rest",
            "mix_rest" if rest <= 1.0 else "mix_rest_cannot",
            {**figures, "r_needed": percent(rest)},
        )
    goal = zone.limit("renewable_electricity")
    if goal is None or r >= limit:
        return
    reachable = goal >= limit
    needed = percent((limit - r) / (goal - r)) if reachable else ""
    yield (
        "mix_goal",
        "mix_goal" if reachable else "mix_goal_cannot",
        {**figures, "re_limit": percent(goal), "e_needed": needed},
    )


def _remaining(zone: Zone, end_uses: pd.DataFrame) -> Iterator[Said]:
    """Name the biggest emitters, and hold the gap on CO2 against them."""
    by = end_uses.groupby(["sector", "carrier"], sort=True)["co2_t"].sum()
    by = by[by > 0.0].sort_values(ascending=False, kind="stable")
    if by.empty:
        return
    shown = by.iloc[:SHOWN]
    names: list[Word] = []
    for (sector, carrier), tonnes in zip(shown.index.to_list(), shown.astype(float), strict=True):
        (sector_en, sector_zh), (carrier_en, carrier_zh) = word("sector", str(sector)), word("carrier", str(carrier))
        amount, part = significant(tonnes), percent(tonnes / float(by.sum()))
        names.append(
            (
                f"{carrier_en} in {sector_en} ({amount} t, {part} %)",
                f"{sector_zh}用{carrier_zh}（{amount}吨，{part}%）",
            )
        )
    together = float(shown.sum())
    total = float(by.sum())
    yield (
        "remaining",
        "remaining",
        {"names": listed(names), "percent": percent(together / total), "total": significant(total)},
    )
    heads = zone.end["co2_t"] / zone.end["co2_per_head_t"] if zone.given("co2_t", "co2_per_head_t") else 0.0
    gap = max(_excess(zone, "co2_total"), heads * _excess(zone, "co2_per_head"))
    if gap > 0.0:
        yield "gap", "gap", {"gap": significant(gap), "percent": percent(gap / together)}


def _excess(zone: Zone, target: str) -> float:
    """Return by how much a scenario is above a target, in the target's unit."""
    slack = zone.targets[target].slack if target in zone.targets else 0.0
    return 0.0 if isnan(slack) else max(-slack, 0.0)


def _readings(zone: Zone, readings: pd.DataFrame) -> Iterator[Said]:
    """Say under how many readings of the published targets each holds, and under which."""
    for name in zone.targets:
        rows = readings[readings["target"] == name]
        met = rows["met"].astype(bool)
        if rows.empty:
            continue
        places: dict[str, Word | str] = {
            "target": word("target", name),
            "k": str(int(met.sum())),
            "n": str(len(rows)),
        }
        template = "readings_all" if met.all() else "readings_some" if met.any() else "readings_none"
        if template == "readings_some" and (setting := _setting(rows, met)) is not None:
            template, places = "readings_only", {**places, "setting": setting}
        yield f"readings.{name}", template, places


def _setting(rows: pd.DataFrame, met: pd.Series) -> Word | None:
    """Return the one setting of a switch that all readings that hold have and no other has."""
    for switch in SWITCHES:
        for value in sorted(rows[switch].unique()):
            if (met == (rows[switch] == value)).all():
                if f"setting.{switch}.{value}" in words():
                    return words()[f"setting.{switch}.{value}"]
                en, zh = words()[f"setting.{switch}"]
                number = significant(float(value))
                return en.format(value=number), zh.format(value=number)
    return None
