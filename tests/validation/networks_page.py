"""Networks of the embedded study, and what their design was held against: the page ``docs/networks.md``.

Run ``python tests/validation/networks_page.py`` to write page and picture; the comparison with mixed-integer programs
is read from ``tests/reference/district_exact.csv``, which `district_exact` writes.
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

import pages
from layers.units import KWH_PER_MWH
from resources.factors import grid_factor_t_mwh
from spatial.cli import embedded_study
from spatial.networks import NetworkOptions, design_networks, explain
from spatial.networks.design import NetworkTables
from spatial.networks.options import NETWORKS, Network
from spatial.networks.tree import Engineer
from spatial.pipeline import STAGES, Stage, Tables, run_stages
from spatial.report.charts import svg, text
from spatial.store import Store
from spatial.study import read_study

ROOT = Path(__file__).parents[2]
EXACT = ROOT / "tests" / "reference" / "district_exact.csv"
COLOURS = {"heating": "#c0392b", "cooling": "#1f6fb2"}
HEAT_PAYS = 0.40
"""A price of heat at which a network is laid out, to say what its heat would cost [CNY/kWh]."""


class Study(NamedTuple):
    """What the networks of the embedded study are designed from."""

    streets: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    demand: pd.DataFrame
    year: int
    options: NetworkOptions
    grid_t_mwh: float


def embedded() -> Study:
    """Run the stages of the embedded study that the networks read from."""
    study = read_study(embedded_study())
    stage = next(one for one in STAGES if one.name == "networks")
    chosen: list[Stage] = []
    wanted = set(stage.needs)
    for one in reversed(STAGES):
        if wanted & set(one.gives):
            chosen.insert(0, one)
            wanted |= set(one.needs)
    with tempfile.TemporaryDirectory() as folder:
        done = run_stages(study, Store(Path(folder) / "store"), chosen)
        tables = Tables({name: entry for entry in done.entries.values() for name in entry.digests})
        place = [gpd.GeoDataFrame(tables[name]) for name in ("streets", "parcels", "land")]
        demand = tables["demand_parcels"]
    year = study.study.target_year
    factor = float(grid_factor_t_mwh(study.balance.grid_region, pd.Index([year]).to_numpy())[0])
    return Study(*place, demand, year, study.networks, factor)


def designed(study: Study, **prices: float) -> NetworkTables:
    """Design the networks, some at another price [CNY/kWh]."""
    changed = {
        name: study.options.carrier(name).model_copy(update={"price_cny_kwh": price})  # type: ignore[arg-type]
        for name, price in prices.items()
    }
    options = study.options.model_copy(update=changed)
    return design_networks(
        study.streets, study.parcels, study.demand, study.year, options, study.grid_t_mwh, study.land
    )


def build_up(tables: NetworkTables, network: Network, options: NetworkOptions) -> dict[str, float]:
    """Return what a network's heat or cold costs, part by part [CNY/MWh]."""
    row = tables.network_summary.set_index("network").loc[network]
    joined = tables.connections[(tables.connections["network"] == network) & tables.connections["connected"]]
    engineer, delivered = Engineer(network, options), float(row["delivered_mwh"])
    price = options.electricity_cny_kwh * KWH_PER_MWH
    substations = float(joined["peak_kw"].sum()) * options.substation_cny_kw
    pipes = float(row["capex_cny"]) - float(row["plant_capex_cny"]) - substations
    made = float(row["plant_electricity_mwh"]) * price
    lost = made * float(row["loss_mwh"]) / (delivered + float(row["loss_mwh"]))
    parts = {
        "electricity of plants": made - lost,
        "plants": float(row["plant_capex_cny"]) * engineer.plant_rate,
        "substations": substations * engineer.plant_rate,
        "pipes": pipes * engineer.pipe_rate,
        "losses": lost,
        "pumps": float(row["pumping_mwh"]) * price,
    }
    return {name: value / delivered for name, value in parts.items()}


def picture(prices: pd.DataFrame, options: NetworkOptions) -> str:
    """Return the share of demand that joins over the price, as an SVG."""
    left, top, width, height = 64.0, 34.0, 560.0, 230.0
    low, high = float(prices["price_cny_kwh"].min()), float(prices["price_cny_kwh"].max())
    most = 0.1 * (1 + int(10.0 * float(prices["connected_share"].max())))

    def x(price: float) -> float:
        return left + (price - low) / (high - low) * width

    def y(share: float) -> float:
        return top + height - share / most * height

    parts = [f'<rect width="{left + width + 30}" height="{top + height + 50}" fill="#ffffff"/>']
    for tenth in range(round(10 * most) + 1):
        at = y(tenth / 10)
        parts += [
            f'<line x1="{left}" x2="{left + width}" y1="{at:.1f}" y2="{at:.1f}" stroke="#e3e8ee"/>',
            text(left - 8, at + 4, f"{10 * tenth} %", anchor="end"),
        ]
    for price in sorted(set(prices["price_cny_kwh"])):
        parts.append(text(x(price), top + height + 18, f"{price:g}"))
    parts.append(text(left + width / 2, top + height + 38, "price of heat or cold, CNY/kWh (dotted: the study's)"))
    for network in NETWORKS:
        rows = prices[prices["network"] == network].sort_values("price_cny_kwh")
        points = [
            (x(price), y(share)) for price, share in zip(rows["price_cny_kwh"], rows["connected_share"], strict=True)
        ]
        drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        own = x(options.carrier(network).price_cny_kwh)
        colour = COLOURS[network]
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{colour}"/>' for a, b in points]
        parts.append(
            f'<line x1="{own:.1f}" x2="{own:.1f}" y1="{top}" y2="{top + height}" stroke="{colour}" '
            'stroke-dasharray="2 4"/>'
        )
        parts.append(text(own, top - 10, network, colour=colour, bold=True))
    drawn_all = [f'<g font-family="Helvetica, Arial, sans-serif">{"".join(parts)}</g>']
    return svg("Share of demand that joins, by price", drawn_all, left + width + 30, top + height + 50)


def exact_rows(table: pd.DataFrame) -> list[list[str]]:
    """Return the comparison with exact solutions, by kind of district."""
    rows = []
    for (network, forced), part in table.groupby(["network", "forced"], sort=True):
        rows.append(
            [
                network,
                "all must join" if forced else "who joins is chosen",
                str(len(part)),
                f"{part['consumers'].min()}–{part['consumers'].max()}",
                str(int(part["proved"].sum())),
                f"{100 * part['gap'].mean():.3f} %",
                f"{100 * part['gap'].max():.3f} %",
                f"{100 * part['gap_pipes'].max():.2f} %",
                f"{100 * part['beaten_by'].max():.4f} %",
            ]
        )
    return rows


TEXT = """# District networks

What the embedded study's networks look like, why heat is not among them, and what the design was held against. Parcels
of the study are illustrative. Written by `tests/validation/networks_page.py`; a test makes the page again and compares.

## Meishan in {year}

{sentences}

{summary}

Several plants feed the cold, none larger than {station} MW (`networks.station_kw`). The bound is of pipes, pumps,
losses, plants and production together: no layout that serves the same parcels costs less.

### Why cold pays and heat does not

What a MWh costs, part by part. As no heating network pays at {heat_price} CNY/kWh, its column is that of the network
that would be laid at {heat_pays} CNY/kWh.

{parts}

Heat is worth {heat_worth:.0f} CNY/MWh. Electricity for heat pumps with a COP of {cop:g} takes {heat_made:.0f} of that,
and heat pumps and substations {heat_equipment:.0f}: {heat_left} is left before any pipe is laid. Pipes, losses and
pumps would take {heat_pipes:.0f}. Cold runs its plants for {cold_hours:.0f} full-load hours only, where heat with hot
water has {heat_hours:.0f}; but a chiller costs a third of a heat pump, and what cold costs otherwise is more than twice
as much. Heat would pay from cheaper sources (`networks.sites` takes waste heat, sea water or sewage works with a COP
and cost of their own), or at the prices below.

### Who would join at other prices

![Share of demand that joins, by price](networks.svg)

Each price is laid out anew; the rest of the demand is too sparse or too far at any price.

{prices}

## The cheapest layout

The layout is found by local search (`spatial/networks/layout/`). It was held against mixed-integer programs of
{count} random districts (`tests/validation/district_exact.py`): bent grids of streets with three possible sites, in
which heat or cold pays for some of the {least} to {most} consumers. HiGHS had up to {seconds:.0f} s for each, with
every pipe bounded by the flows its size carries, and proved {proved} of them to 0.01 %. Over all {count} the mean gap
is {mean:.2f} %, the largest {worst:.2f} %. Peaks add up there (no diversity) and full-load hours are equal, else the
program would not be linear.

{exact}

Gaps are from our cost down to the solver's bound, so they hold also where it did not finish; "cost" is that of serving
everybody, by the network or otherwise. The harder measure counts only what a layout decides: pipes, pumps, losses and
fixed cost of plants; where the solver did not finish, most of that gap is the solver's. "Beaten by" is by how much the
best layout that the solver found is cheaper than ours. Every layout, ours and the solver's, is priced again by a
function that shares only the formula of friction with the search.
"""


def page(study: Study) -> tuple[str, str]:
    """Return the page and its picture."""
    made, warm = designed(study), designed(study, heating=HEAT_PAYS)
    options = study.options
    summary = made.network_summary.set_index("network")
    names = {
        "parcels_connected": ("parcels joined", 1.0, "{:,.0f}"),
        "plants": ("plants", 1.0, "{:.0f}"),
        "connected_share": ("share of all demand, %", 100.0, "{:.1f}"),
        "delivered_mwh": ("delivered, GWh/a", 1e-3, "{:,.1f}"),
        "peak_kw": ("plants, MW", 1e-3, "{:,.1f}"),
        "trench_m": ("trench, km", 1e-3, "{:,.1f}"),
        "linear_density_mwh_m": ("linear density, MWh/(m a)", 1.0, "{:.1f}"),
        "loss_mwh": ("losses, MWh/a", 1.0, "{:,.0f}"),
        "pumping_mwh": ("pumps, MWh/a", 1.0, "{:,.0f}"),
        "head_pa": ("pump head, kPa", 1e-3, "{:,.0f}"),
        "capex_cny": ("investment, million CNY", 1e-6, "{:,.0f}"),
        "cost_cny_mwh": ("cost, CNY/MWh", 1.0, "{:,.0f}"),
        "alternative_cny_mwh": ("otherwise, CNY/MWh", 1.0, "{:,.0f}"),
        "layout_cny": ("pipes and plants, million CNY/a", 1e-6, "{:,.1f}"),
        "layout_bound_cny": ("lower bound of that", 1e-6, "{:,.1f}"),
        "co2_t": ("CO2, t/a", 1.0, "{:,.0f}"),
        "alternative_co2_t": ("CO2 otherwise, t/a", 1.0, "{:,.0f}"),
    }
    cells = [
        [
            label,
            *(
                shape.format(factor * summary.loc[one, name]) if pd.notna(summary.loc[one, name]) else "–"
                for one in NETWORKS
            ),
        ]
        for name, (label, factor, shape) in names.items()
    ]
    cold, heat = build_up(made, "cooling", options), build_up(warm, "heating", options)
    parts = [[name, f"{heat[name]:.0f}", f"{cold[name]:.0f}"] for name in cold]
    parts.append(["sum", f"{sum(heat.values()):.0f}", f"{sum(cold.values()):.0f}"])
    worth = {one: KWH_PER_MWH * options.carrier(one).price_cny_kwh for one in NETWORKS}
    parts.append(["worth", *(f"{worth[one]:.0f}" for one in NETWORKS)])
    bare_heat = heat["electricity of plants"] + heat["plants"] + heat["substations"]
    hours = {}
    for one, tables in (("heating", warm), ("cooling", made)):
        row = tables.network_summary.set_index("network").loc[one]
        hours[one] = KWH_PER_MWH * float(row["delivered_mwh"]) / float(row["peak_kw"])
    prices = made.network_prices
    table = [
        [f"{price:g}", *(f"{100 * rows.set_index('network')['connected_share'][one]:.0f} %" for one in NETWORKS),
         *(f"{rows.set_index('network')['cost_cny_mwh'][one]:.0f}".replace("nan", "–") for one in NETWORKS)]
        for price, rows in prices.groupby("price_cny_kwh")
    ]  # fmt: skip
    exact = pd.read_csv(EXACT)
    head = [
        "network",
        "",
        "districts",
        "consumers",
        "finished",
        "mean gap, cost",
        "worst",
        "worst gap, pipes and plants",
        "beaten by",
    ]
    made_page = TEXT.format(
        year=study.year,
        sentences="\n".join(f"- {one}." for one in explain(made.network_summary, made.connections)),
        summary=pages.table(["", "heating", "cooling"], cells),
        station=f"{options.station_kw / 1000.0:.0f}",
        heat_price=f"{options.heating.price_cny_kwh:g}",
        heat_pays=f"{HEAT_PAYS:g}",
        parts=pages.table(["CNY/MWh", "heat", "cold"], parts),
        heat_worth=worth["heating"],
        cold_worth=worth["cooling"],
        cop=options.heating.plant_cop,
        heat_made=heat["electricity of plants"],
        heat_equipment=heat["plants"] + heat["substations"],
        heat_left="nothing" if worth["heating"] <= bare_heat else f"{worth['heating'] - bare_heat:.0f} CNY/MWh",
        heat_pipes=heat["pipes"] + heat["losses"] + heat["pumps"],
        heat_hours=hours["heating"],
        cold_hours=hours["cooling"],
        prices=pages.table(["CNY/kWh", "heat joins", "cold joins", "heat costs, CNY/MWh", "cold costs"], table),
        count=len(exact),
        least=int(exact["consumers"].min()),
        most=int(exact["consumers"].max()),
        proved=int(exact["proved"].sum()),
        seconds=SECONDS,
        mean=100.0 * exact["gap"].mean(),
        worst=100.0 * exact["gap"].max(),
        exact=pages.table(head, exact_rows(exact), left=2),
    )
    return made_page, picture(prices, options)


SECONDS = 360
"""What the solver was given for a district when the table was written [s]."""


def main() -> None:
    """Write page and picture."""
    made, drawn = page(embedded())
    (ROOT / "docs" / "networks.md").write_text(made, encoding="utf-8")
    (ROOT / "docs" / "networks.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
