"""Write docs/ashrae140.md and docs/ashrae140.png: the building model next to the results of ASHRAE 140-2020.

Needs the weather of Denver, ``bestest_weather/725650TYCST.epw``, in the folder given or in ../shared/data next to the
checkout::

    python tests/validation/ashrae140.py [folder]
"""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "tests" / "reference" / "ashrae140.csv"
NAMES = {
    "heating_mwh": ("Annual heating", "MWh"),
    "cooling_sensible_mwh": ("Annual sensible cooling", "MWh"),
    "heating_peak_kw": ("Peak heating", "kW"),
    "cooling_peak_kw": ("Peak sensible cooling", "kW"),
    "t_max_c": ("Free float, hottest hour", "°C"),
    "t_min_c": ("Free float, coldest hour", "°C"),
    "t_mean_c": ("Free float, mean", "°C"),
}
INSIDE, OUTSIDE, RANGE = "#1b7f5c", "#c8452d", "#b9c6d3"
HEAD = """# The building model and ASHRAE 140-2020

Written by `python tests/validation/ashrae140.py`; do not edit by hand. `tests/spatial/test_building_ashrae140.py` holds
the model to it.

ANSI/ASHRAE Standard 140-2020 describes a room of 8 m by 6 m by 2.7 m in Denver that is varied one thing at a time:
light and heavy walls (600s and 900s), shades, orientation, setback, night ventilation, glazing, insulation and set
points, and in depth without windows (195 to 250). Tables B8-1 to B8-5 of the standard give the results of six
programs: BSIMAC, CSE, DeST, EnergyPlus, ESP-r and TRNSYS. They are examples, not limits of acceptance. The ranges below
reach from the least to the greatest of them; the cases themselves are in `tests/shared/bestest.py`.

**{inside} of {count} values lie inside, the others at most {worst:.1f} % beyond the nearer end.**

![Our results as dots on the published ranges](ashrae140.png)

## How the cases were read

- *Glazing.* The U-value of 2.10 W/m²K is read with the combined films that the standard gives for windows, 4.5 W/m²K
  inside and 17.8 W/m²K outside. From face to face the panes then conduct 1 / (1 / 2.10 - 1 / 4.5 - 1 / 17.8) =
  5.05 W/m²K, and with the films of ISO 6946 (0.17 m²K/W) their U-value is 2.7 W/m²K, which is that of clear double
  glazing. Read with the films of ISO 6946, 2.10 W/m²K would leave 3.27 W/m²K from face to face, far less than clear
  double glazing conducts. In the room the model puts its own films in their place, which follow temperatures, wind and
  sky.
- *Setback.* In cases 640 and 940 the set point is 10 °C from 23:00 to 07:00 and then rises evenly to 20 °C until 08:00.
  With hourly steps this is 15 °C from 07:00 to 08:00, the mean of that hour. With a jump to 20 °C at 07:00 the peak of
  case 640 would be {jump:.2f} kW, beyond the published 4.04 to 4.66 kW.
- *Glazing of cases 660 and 670* is known by fewer figures: the low-emissivity glass by U-value and solar heat gain
  coefficient, with the angles of clear double glazing; single clear glass by the table of ASHRAE Fundamentals 2017.
- *Sun.* The weather file gives the beam as a mean over each hour, so it is met with the mean direction of the sun in
  that hour. The horizontal then has {horizontal:,.1f} kWh/m² (published 1,662.5 to 1,670.0).
- *Hours.* Peaks are means of an hour.

## What lies outside

{outside}

"""


def compare(folder: Path) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the published ranges with our values, rounded as they are published, and figures the text names."""
    from layers.errors import Findings
    from layers.weather import WeatherOptions, read_weather
    from spatial.demand.building import annual_loads, daily, sky_hours
    from spatial.demand.building.sky import irradiance_on

    sys.path.insert(0, str(ROOT / "tests" / "shared"))
    from bestest import NIGHT, case

    read = read_weather(folder / "bestest_weather" / "725650TYCST.epw", WeatherOptions(), findings := Findings())
    if read is None:
        raise SystemExit("\n".join(str(fault) for fault in findings))
    site, weather = read
    table = pd.read_csv(PUBLISHED, dtype={"case": str})
    sky = sky_hours(weather, site)
    ours = annual_loads([case(number) for number in table["case"].unique()], sky)
    jump = replace(case("640"), heat_set=daily([10.0 if hour in NIGHT else 20.0 for hour in range(24)]))
    named = {
        "jump": float(annual_loads([jump], sky)["heating_peak_kw"].iloc[0]),
        "horizontal": float(irradiance_on(sky, 0.0, 0.0).sum() / 1e3),
    }
    table["digits"] = [1 if quantity.startswith("t_") else 3 for quantity in table["quantity"]]
    table["ours"] = [
        round(float(ours.loc[number, quantity]), digits)
        for number, quantity, digits in zip(table["case"], table["quantity"], table["digits"], strict=True)
    ]
    below, above = table["low"] - table["ours"], table["ours"] - table["high"]
    table["beyond_pct"] = 100.0 * (
        (below / table["low"].abs()).where(below > 0.0, 0.0) + (above / table["high"].abs()).where(above > 0.0, 0.0)
    )
    table["inside"] = table["beyond_pct"] == 0.0
    return table, named


def page(table: pd.DataFrame, named: dict[str, float]) -> str:
    """Return the page."""
    out = table[~table["inside"]]
    told = [
        f"- Case {row.case}, {NAMES[str(row.quantity)][0].lower()}: {row.ours:.{row.digits}f} "
        f"{NAMES[str(row.quantity)][1]}, published {row.low:.{row.digits}f} to {row.high:.{row.digits}f} "
        f"({row.beyond_pct:.1f} % beyond)"
        for row in out.itertuples()
    ]
    text = HEAD.format(
        inside=int(table["inside"].sum()),
        count=len(table),
        worst=table["beyond_pct"].max(),
        outside="\n".join(told) or "Nothing.",
        **named,
    )
    for quantity, (name, unit) in NAMES.items():
        rows = table[table["quantity"] == quantity]
        text += f"## {name}\n\n| case | ours {unit} | low | high | inside |\n|---|---:|---:|---:|---|\n"
        for row in rows.itertuples():
            figures = " | ".join(f"{value:.{row.digits}f}" for value in (row.ours, row.low, row.high))
            text += f"| {row.case} | {figures} | {'yes' if row.inside else '**no**'} |\n"
        text += "\n"
    return text.rstrip() + "\n"


def picture(table: pd.DataFrame, path: Path) -> None:
    """Draw the ranges as bars with our values as dots."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "nearzero"})
    figure, axes = plt.subplots(5, 1, figsize=(12, 16), constrained_layout=True)
    quantities = list(NAMES)
    groups = [[name] for name in quantities[:4]] + [quantities[4:]]
    for axis, group in zip(axes, groups, strict=True):
        rows = table[table["quantity"].isin(group)]
        if len(group) == 1:
            rows = rows[rows["high"] > 0.0]
            labels = list(rows["case"])
        else:
            words = {"t_max_c": "max", "t_min_c": "min", "t_mean_c": "mean"}
            labels = [f"{row.case}\n{words[str(row.quantity)]}" for row in rows.itertuples()]
        places = range(len(rows))
        axis.bar(places, rows["high"] - rows["low"], bottom=rows["low"], width=0.62, color=RANGE, zorder=2)
        # thin ranges stay visible by their ends
        axis.hlines([*rows["low"], *rows["high"]], [p - 0.31 for p in [*places, *places]],
                    [p + 0.31 for p in [*places, *places]], color="#6d8296", linewidth=0.9, zorder=3)  # fmt: skip
        for inside, colour, marker, size in ((True, INSIDE, "o", 26), (False, OUTSIDE, "D", 32)):
            chosen = [
                (p, y) for p, y, is_in in zip(places, rows["ours"], rows["inside"], strict=True) if is_in == inside
            ]
            axis.scatter([p for p, _ in chosen], [y for _, y in chosen], s=size, color=colour, marker=marker, zorder=4)
        name, unit = NAMES[group[0]] if len(group) == 1 else ("Free float", "°C")
        axis.set_title(f"{name} [{unit}]", loc="left", fontsize=12, fontweight="bold")
        axis.set_xticks(list(places), labels, fontsize=9)
        axis.set_xlim(-0.7, len(rows) - 0.3)
        if len(group) == 1:
            axis.set_ylim(bottom=0.0)
        else:
            axis.set_ylim(-25.0, 85.0)
        axis.grid(axis="y", color="#e6eaee", zorder=0)
        axis.spines[["top", "right"]].set_visible(False)
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    figure.legend(
        handles=[
            Patch(color=RANGE, label="range of six programs, ASHRAE 140-2020"),
            Line2D([], [], linestyle="", marker="o", color=INSIDE, label="nearzero, inside"),
            Line2D([], [], linestyle="", marker="D", color=OUTSIDE, label="nearzero, outside"),
        ],
        loc="outside upper center",
        ncols=3,
        frameon=False,
        fontsize=11,
    )
    figure.savefig(path, dpi=90, metadata={"Software": None})
    plt.close(figure)


def main(arguments: list[str]) -> None:
    """Write page and picture."""
    folder = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "data"
    table, named = compare(folder)
    (ROOT / "docs" / "ashrae140.md").write_text(page(table, named), encoding="utf-8")
    picture(table, ROOT / "docs" / "ashrae140.png")


if __name__ == "__main__":
    main(sys.argv[1:])
