"""The page of annual figures of kinds of buildings: text and tables from what `intensities` computes."""

from pathlib import Path

import pandas as pd

import intensities
import pages
from layers.archetypes import archetypes

SHOWN = {
    "heating": "heating",
    "cooling_sensible": "cooling, sensible",
    "cooling_latent": "cooling, latent",
    "hot_water": "hot water",
    "lighting": "lighting",
    "equipment": "equipment",
    "fans_lifts": "fans and lifts",
    "electricity": "electricity in all",
}
NAMES = {
    "electricity": "electricity in all",
    "all_energy": "all energy",
    "hvac_lighting": "heating, ventilation, cooling, lighting",
    "heating_electricity": "electricity for heating, COP 1.9",
    "cooling_electricity": "electricity for cooling, EER 2.3",
    "heating_useful": "useful heating",
    "household_electricity": "electricity in all of a household, kWh/a",
}
VINTAGES = {"pre2001": "stock, before 2001", "code2010": "stock, 2001 to 2021", "code2021": "new", "nzeb": "near zero"}
REMARKS = {
    "office": (
        "Inside all ranges. New offices stand at the lower edge of GB/T 51161: its classes A and B are buildings in "
        "use, with plants older than those of 2021."
    ),
    "retail": (
        "The stock lies in the range of the six cities only: below the large shopping centres that Shanghai "
        "monitors and below the survey bands it would be outside, nine tenths of 145. The archetype is a podium of "
        "four floors with `use.retail.*` set to a mixture of shops. Under the conditions of GB 55015 new shops stay a "
        "quarter below its average, used in full an eighth."
    ),
    "hotel": (
        "Inside what is measured. New hotels stay below GB 55015, which counts all rooms as let and heated; used in "
        "full they still stay 7 % below it."
    ),
    "school": (
        "The stock lies in the range of the six cities only, little more than half of what Shanghai monitors. That is "
        "universities mostly; primary and secondary schools are nearer to the averages of Guangdong, 27 kWh/m² of all "
        "energy. "
        "The average of GB 55015 for teaching buildings is met when they are used in full: in fact they rest in "
        "July and August and are partly heated."
    ),
    "hospital": (
        "Inside what is measured. The 142 kWh/m² of GB 55015 for four end uses leave to appliances, hot water and "
        "lifts only 8 of the 150 that Shanghai's hospitals use in all, so standard and measurements do not go "
        "together; the model follows the measurements."
    ),
    "residential": (
        "High-rise housing takes slightly more for heating than the average of GB 55015, low-rise housing a quarter "
        "more. Cooling is half of it, as `use.res_*.cooling` cools 65 % of the floor; used in full it stays 11 to "
        "17 % below. Near-zero low-rise housing stays within the heating limit of GB/T 51350 under the weather of "
        "Shanghai and exceeds it in the colder year of Meishan, as `heating_space.residential.nzeb` heats 1.65 times "
        "as much space. GB/T 51161 gives 3,100 kWh a household; ours are 94 m², 40 m² a person and 2.35 persons as in "
        "Zhejiang, with hot water by heat pump and cooking by gas. New housing stays within it, older housing does "
        "not; nothing measured is at hand."
    ),
}
OTHERS = {
    "res_midrise": "As high-rise housing, of seven floors; no figure of its own is published.",
    "res_stock": "As low-rise housing of older vintages; no figure of its own is published.",
    "office_gov": (
        "Inside the six cities and the limits of Zhejiang, 60 for municipal and 90 for provincial offices; below "
        "the monitored ones of Shanghai, which are large. `use.office_gov.*` is lower than that of offices."
    ),
    "office_rd": "An office with 45 kWh/m² of laboratories; no figure is published.",
    "university": "Between the six cities, below 40, and monitored campuses, 60 to 90, which hold laboratories.",
    "leisure": "As shops with three floors; no figure is published.",
    "elderly_care": "Between housing and wards; no figure is published.",
    "culture": (
        "Below the monitored ones, which are large museums, theatres and libraries; the archetype has the schedule "
        "of shops and fewer people in it."
    ),
    "sports": "Below the monitored ones, many of which have pools and ice; the archetype has neither.",
    "service_station": "As small shops; pumps and charging are counted with transport; no figure is published.",
    "transit_station": "As shops; signals, lifts of platforms and tunnels are not in it; no figure is published.",
    "parking": "Lighting and fans; charging is counted with transport; no figure is published.",
    "factory_light": "The published 80 to 500 hold processes, which are counted by value added and not here.",
    "factory_hightech": "As the light factory; clean rooms are process; no figure is published.",
    "factory_general": "The published 80 to 500 hold processes, which are counted by value added and not here.",
    "factory_heavy": "As the general factory; processes are counted by value added; no figure is published.",
    "warehouse": "Hardly heated or cooled; no figure is published.",
    "warehouse_haz": "As the warehouse; no figure is published.",
    "cold_store": "160 kWh/m² are refrigeration, an assumption of 90 to 280; no figure is published.",
    "port_terminal": "The building only; handling and ships are counted by boxes and calls; no figure is published.",
    "data_centre": (
        "The building only, as an office; the published thousands are computers and their cooling, which the study "
        "must state."
    ),
    "utility": "As the warehouse; pumps and treatment are not in it; no figure is published.",
    "special": "As government offices of four floors; no figure is published.",
}


def _mark(off: float) -> str:
    return "inside" if off == 1.0 else f"**outside**, {off:.2f}"


def _span(low: float, high: float, digits: int = 0) -> str:
    texts = [f"{value:,.{digits}f}" for value in (low, high)]
    return texts[0] if texts[0] == texts[1] else " to ".join(texts)


def _ranges(ranges: tuple[tuple[float, float], ...]) -> str:
    return "; ".join(
        f"at most {high:g}" if low == 0.0 else f"{low:g}" if low == high else f"{low:g} to {high:g}"
        for low, high in ranges
    )


def _published(row: pd.Series) -> str:
    if pd.isna(row["low"]):
        return f"{row['value']:g}" if pd.isna(row["high"]) else f"at most {row['high']:g}"
    return _ranges(((row["low"], row["high"]),))


def _figures(years: dict[str, pd.DataFrame], group: str) -> str:
    rows = []
    for name in intensities.GROUPS[group]:
        for vintage, label in VINTAGES.items():
            for year, figures in years.items():
                values = [f"{figures.loc[(name, vintage), column]:.1f}" for column in SHOWN]
                rows.append([archetypes()[name].en, label, year, *values])
    return pages.table(["kind", "vintage", "weather", *SHOWN.values()], rows, left=3)


def _sources(group: str) -> str:
    published = intensities.reference()
    rows = [
        [row["kind"], NAMES[row["quantity"]], _published(row), row["source"], row["confidence"], row["note"]]
        for _, row in published[published["archetype"] == group].iterrows()
    ]
    return pages.table(["kind", "of what", "kWh/m²a", "source", "confidence", "note"], rows, left=6)


def _judgement(judged: dict[str, pd.DataFrame], full: pd.DataFrame, group: str) -> str:
    rows = []
    for year, table in judged.items():
        for _, row in table[table["group"] == group].iterrows():
            used = "–"
            if row["period"] == "new" and year == "Shanghai" and group in intensities.GROUPS:
                values = full.loc[[(name, "code2021") for name in intensities.GROUPS[group]], row["quantity"]]
                used = _span(values.min(), values.max(), 1)
            mark = _mark(row["off"])
            own = _span(row["ours_low"], row["ours_high"], 1)
            ranges = _ranges(row["ranges"])
            rows.append([row["period"], NAMES[row["quantity"]], year, own, used, row["against"], ranges, mark])
    head = ["buildings", "of what", "weather", "ours", "ours used in full", "beside", "published", ""]
    return pages.table(head, rows, left=8)


def _others(years: dict[str, pd.DataFrame], judged: pd.DataFrame) -> str:
    rows = []
    for name, remark in OTHERS.items():
        figures = years["Shanghai"].loc[name, "electricity"]
        beside = judged[(judged["group"] == name) & (judged["period"] == "stock")]
        published = _ranges(beside["ranges"].iloc[0]) if len(beside) else "–"
        mark = _mark(beside["off"].iloc[0]) if len(beside) else "–"
        own = [f"{figures[vintage]:.0f}" for vintage in VINTAGES]
        rows.append([archetypes()[name].en, *own, published, mark, remark])
    return pages.table(["kind", *VINTAGES.values(), "measured stock", "", "why"], rows, left=1)


def page(weather: dict[str, intensities.Weather]) -> str:
    """Return the page.

    Parameters
    ----------
    weather
        ``Shanghai``, beside whose buildings ours stand, and other years.
    """
    years = {name: intensities.ours(year) for name, year in weather.items()}
    judged = {name: intensities.judged(figures) for name, figures in years.items()}
    full = intensities.fully_used(weather["Shanghai"])
    parts = [HEAD]
    for group in intensities.GROUPS:
        parts += [f"## {group.capitalize()}", _figures(years, group), _judgement(judged, full, group)]
        parts += [_sources(group), REMARKS[group]]
    parts += [OTHER_HEAD, _others(years, judged["Shanghai"]), SOURCES_HEAD]
    for group in intensities.groups():
        if group not in intensities.GROUPS:
            parts += [f"### {archetypes()[group].en}", _sources(group)]
    return "\n\n".join(parts) + "\n"


HEAD = """# Annual figures of kinds of buildings

What nearzero computes per kind of building and vintage, in kWh per square metre of floor and year, beside standards
and measurements of the lower Yangtze. This page is written by `tests/validation/intensities.py` from the model as
it is; a test makes it again and compares. What is published stands, with source and confidence, in
`tests/reference/intensities.csv`.

## How to read it

- **Ours** is useful heat and cold, and electricity of lamps, equipment, fans, pumps and lifts. *Electricity in all*
  adds plants: cooling at a COP of 3.0, heating at 2.5, hot water at 3.0, as in the stock of 2017, for all vintages
  alike. Cooking is left out; it is mostly by gas.
- **This is a calibration, not a validation.** The factors `use.<kind>.heating`, `.cooling`, `.lighting` and
  `.equipment` and `heating_space.*` in `spatial/demand/constants.csv` were set so that annual figures under the
  weather of Shanghai and Meishan come near the table of end uses, `enduse.csv`, and that table was built from GB/T
  51161 and GB 55015. Hot water, cooking, fans, pumps and lifts are that table. So totals of offices, shops and
  hotels meet these standards partly by construction. What is not set is how the hours, vintages and weathers
  differ.
- **Like with like.** GB/T 51161-2016 counts all energy of buildings in use, leading value to constraint value. GB
  55015-2021 table A.0.2 is the average of new buildings for heating, ventilation, cooling and lighting only,
  without appliances, hot water and lifts, under standard conditions of use, which we take to be its appendix C. So
  ours stands beside it also with all factors of use and the share of fresh air at one (*used in full*). It is an
  average, so most buildings lie off it; it states no tolerance, and none is given here.
- **Confidence.** *verified*: read in the source or its abstract; *secondary*: read in a copy or register;
  *recalled*: a clause known but not at hand; *assumption*: the order only. The measured ranges of Shanghai are of
  the last kind. The range of the six cities and the averages of Guangdong were looked for after the first
  comparison, as schools had no measured figure; shops and schools are inside by them alone.
- *Inside*: every vintage of the row lies in one of the ranges. *Outside* is followed by the figure over the nearest
  end of a range, that of the vintage farthest off. The judgement is that under Shanghai's weather; Meishan is told
  beside it."""
OTHER_HEAD = """## All other kinds

Electricity in all under Shanghai's weather, kWh/m²a. Where nothing is published of a kind, its figures rest on the kind
it is made like and on nothing else."""
SOURCES_HEAD = """## Sources of the other kinds"""


def write(weather: dict[str, intensities.Weather], folder: Path) -> None:
    """Write the page."""
    folder.mkdir(exist_ok=True)
    (folder / "intensities.md").write_text(page(weather), encoding="utf-8", newline="\n")
