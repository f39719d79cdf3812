"""The page of the comparison with Zug: text, tables and picture from what `zug` computes."""

from pathlib import Path

import numpy as np
import pandas as pd

import pages
import zug

VARIANTS = {
    "as the data set says": zug.PLAIN,
    "heated to 21 °C in all hours of the season": zug.Variant(setback=False),
    "walls of the data set's old brick, 0.80 instead of 0.15 W/m²K": zug.Variant(old_walls=True),
    "both": zug.Variant(setback=False, old_walls=True),
    "set points held without fault by emission and control": zug.Variant(emission=False),
    "no heat recovery": zug.Variant(recovery=False),
    "gains of the electricity that was metered": zug.Variant(metered_electricity=True),
    "no blinds": zug.Variant(blinds=False),
    "no buildings opposite": zug.Variant(obstacles=False),
}
NAMES = {"heating": "Space heating", "cooling": "Space cooling", "hot_water": "Hot water", "electricity": "Electricity"}


def statistics(table: pd.DataFrame, quantity: str, whose: str = "ours") -> dict[str, float]:
    """Return sums [MWh], their ratio, the median ratio of buildings and the CV(RMSE), of heated buildings."""
    rows = table[table["heated_m2"] > 0.0]
    ours, measured = rows[f"{quantity}_{whose}"], rows[f"{quantity}_measured"]
    some = measured > 0.0
    return {
        "ours": float(ours.sum()),
        "measured": float(measured.sum()),
        "ratio": float(ours.sum() / measured.sum()),
        "median": float((ours[some] / measured[some]).median()),
        "cv": float(np.sqrt(((ours - measured) ** 2).mean()) / measured.mean()),
    }


def _use(case: zug.Case, name: str) -> str:
    kind = case.tables["typology"].loc[name]
    shares = [(kind[f"{rank}_USE"].lower(), float(kind[f"{rank}_USE_R"])) for rank in ("1ST", "2ND", "3RD")]
    return ", ".join(use if share == 1.0 else f"{use} {share:.0%}" for use, share in shares if share > 0.0)


def _ratio(ours: float, measured: float) -> str:
    return f"{ours / measured:.2f}" if measured > 0.0 else "–"


def _buildings(case: zug.Case, table: pd.DataFrame) -> str:
    head = ["building", "use", "year", "heated m²", "heating ours", "measured", "ratio", "CEA"]
    head += ["cooling ours", "measured", "ratio", "CEA"]
    rows = []
    for name, row in table.iterrows():
        cells = [
            name,
            _use(case, str(name)),
            f"{case.tables['typology'].loc[name, 'YEAR']:.0f}",
            f"{row['heated_m2']:,.0f}",
        ]
        for quantity in ("heating", "cooling"):
            ours, measured, cea = (row[f"{quantity}_{whose}"] for whose in ("ours", "measured", "cea"))
            cells += [f"{ours:.0f}", f"{measured:.0f}", _ratio(ours, measured), "–" if np.isnan(cea) else f"{cea:.0f}"]
        rows.append(cells)
    return pages.table(head, rows, left=2)


def _sums(table: pd.DataFrame) -> str:
    head = ["MWh a year", "ours", "measured", "ours / measured", "median of buildings", "CV(RMSE)", "CEA / measured"]
    rows = []
    for quantity, name in NAMES.items():
        own, cea = statistics(table, quantity), statistics(table, quantity, "cea")
        figures = [f"{own['ours']:,.0f}", f"{own['measured']:,.0f}", f"{own['ratio']:.2f}", f"{own['median']:.2f}"]
        rows.append([name, *figures, f"{own['cv']:.0%}", f"{cea['ratio']:.2f}"])
    return pages.table(head, rows)


def _variants(case: zug.Case) -> str:
    rows = []
    for name, variant in VARIANTS.items():
        table = zug.loads(case, variant)
        heating, cooling = statistics(table, "heating"), statistics(table, "cooling")
        cells = [f"{part:,.0f}" for part in (heating["ours"], cooling["ours"])]
        rows.append([name, cells[0], f"{heating['ratio']:.2f}", cells[1], f"{cooling['ratio']:.2f}"])
    return pages.table(["what is assumed", "heating MWh", "/ measured", "cooling MWh", "/ measured"], rows)


def page(case: zug.Case, table: pd.DataFrame) -> str:
    """Return the page."""
    heat, cold = statistics(table, "heating"), statistics(table, "cooling")
    walls = sorted(set(case.tables["architecture"]["type_wall"]))
    old = case.tables["typology"]["YEAR"] < 1970.0
    return TEXT.format(
        buildings=_buildings(case, table),
        sums=_sums(table),
        variants=_variants(case),
        heat=heat["ratio"],
        cold=cold["ratio"],
        both=(heat["ours"] + cold["ours"]) / (heat["measured"] + cold["measured"]),
        walls=len(walls),
        old=int(old.sum()),
        electric=statistics(table, "electricity")["ratio"],
    )


TEXT = """# Fifteen buildings in Zug

The hourly building model of nearzero against the annual loads of 15 buildings in Zug, Switzerland. It is a
comparison, not a fit: the buildings are described as the data set describes them, also where the outcome is poor.
This page and its picture are written by `tests/validation/zug.py`; a test makes them again and compares.

![Ours against measured](zug.svg)

Dots carry the last two digits of the building; dashed lines are 30 % off.

## What was done

The data is the reference case of the City Energy Analyst (CEA, "reference-case-open", baseline, MIT licence). It
holds footprints, storeys and heights, the buildings around, weather of 2009, uses, schedules, tables of construction
and technology, and a workbook of annual loads, `Loads.xls`, sheet `YEARLY`. That sheet has no legend; its columns are
named as CEA names system loads, so `Qhs_sys` is heat delivered for space heating, apart from hot water, `Qww_sys`;
`Qcs_sys` is cold for rooms and `Eal` electricity of appliances and lamps. Neither the year nor the way of metering is
told. As the `.xls` format needs a reader that nearzero does not depend on, the figures stand in
`tests/reference/zug_measured.csv`.

- **Place.** The layers say UTM zone 32 south; they are moved by 10,000 km to zone 32 north, 47.18 N 8.51 E.
- **One zone a building.** Walls by footprint edge times height, to eight directions, windows by the data set's
  shares. The areas of walls, windows and roofs are those on which the data set's own rays were traced, but for B1014:
  a car park with a restaurant on top, whose open storeys are left out. Where buildings touch, walls let no heat
  through; none do.
- **Sun.** Windows see the skyline of all 199 buildings within 150 m. The sun on the windows of a building comes
  within 10 % of what Radiance traced (B1014 apart).
- **All figures are the data set's**: U-values, g-values, frames, blinds (where there are any, 8 % of the sun passes
  from 300 W/m² on, all year), capacity, n50, set points of 21 and 26 °C and setback, what emission and control miss
  them by (1.1 and 0.7 K), schedules, seasons, people, lamps, appliances, processes, fresh air per person, humidity.
  Heated floor is its share `Hs` of the gross floor; people and lamps are counted in heated rooms only.
- **What it lacks** is taken from the program it was made for: leaks are 0.11 of n50 (DIN 1946-6, equation 3),
  recovery of heat 75 %. Films are those of ISO 6946.
- **One mean is made otherwise.** The data set averages square metres per person; where one use has nobody (server
  room, parking), that makes a crowd: 0.4 m² a person in B1014. Persons per square metre are averaged instead.
- What emission and control miss the set points by was left out in a first run and put in after it, since a load of the
  system holds it; the table of changes tells what it does. Nothing else was changed after the outcome was known.
- B1009 has no heated floor in the data set and no heat in the measurements; it is computed without plant and not
  counted.

## Buildings

MWh a year; CEA is the simulated load in the data set's outputs.

{buildings}

## Sums

Of the 14 heated buildings. Hot water and electricity are no result of the model: they are the data set's loads times
its schedules, and tell how far its use is from what was measured.

{sums}

## Why they differ

Described as the data set describes it, the model gives {heat:.2f} of the measured heating, {cold:.2f} of the measured
cooling and {both:.2f} of both. CEA's sum of heating is nearer, from the same tables as far as one can see; what it
did otherwise its outputs do not tell. In single buildings it is as far off. What moves the sums, one change at a
time:

{variants}

- **Hours of heating.** The schedules heat offices from 7 to 18 on working days, let them fall to 12 °C at night and
  shut the plant at weekends. Few buildings are run so. The model takes the schedule at its word; 21 °C in all hours
  is the largest single change.
- **Walls.** {old} of the 15 buildings are older than 1970, yet all but B1012 are given the wall of a "new building"
  with 0.15 W/m²K. The data set's "old building" brick has 0.80.
- **Electricity.** Loads times schedules give {electric:.2f} of what was metered, from 0.15 (B1010) to 2.3 times
  (B1012). More of it in the rooms means less heating and more cooling, as the table shows: it explains the cooling,
  not the heating. B1000 was hardly cooled at all, so there the plant of the data set may not exist in most rooms.
- **Restaurants.** B1010 used 294 kWh/m² of heat on its 844 m²: kitchen air, of which the data set knows nothing,
  while its litres of hot water per seat come to many times the metered.
- **Windows** of 3.1 W/m²K make up two thirds of the loss by walls, windows, roof and leaks in the offices of 2001.
  The sun on them is that of Radiance, so it is not the reason.
- The weather is that of 2009, the measured year is unknown; and one zone a building has no cold north side that is
  heated while the south is too warm.

So from such data a single building is known to a factor of two to four and the sum of a district to a factor of two.
The two facts that matter most, the hours of heating and the walls as they are, can be asked for. That both together
meet the measured heating almost exactly is partly chance: it was found afterwards, and cooling does not follow.
"""


def write(case: zug.Case, folder: Path) -> None:
    """Write the page and its picture."""
    table = zug.loads(case)
    heated = table[table["heated_m2"] > 0.0]
    panels = [
        (
            f"{NAMES[quantity]}, MWh a year",
            [(str(name)[3:], row[f"{quantity}_measured"], row[f"{quantity}_ours"]) for name, row in heated.iterrows()],
        )
        for quantity in ("heating", "cooling")
    ]
    folder.mkdir(exist_ok=True)
    (folder / "zug.svg").write_text(pages.scatter(panels, "measured", "ours"), encoding="utf-8", newline="\n")
    (folder / "zug.md").write_text(page(case, table), encoding="utf-8", newline="\n")
