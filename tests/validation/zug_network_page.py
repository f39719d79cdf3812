"""The page of networks on real streets; `zug_network_tables` makes its tables, `zug_network_maps` draws its maps."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

import lujiazui_network as lujiazui
import zug_network as zug
import zug_network_flow as flow
import zug_network_tables as tables
from layers.units import ZERO_CELSIUS_K
from lujiazui_network import Area, Network
from spatial.networks.options import NetworkOptions
from spatial.networks.streets.digging import SERVICE
from zug_network_layout import Comparison, compare, equals

CASES = {
    "all who can be reached": NetworkOptions(join="forced", station_kw=lujiazui.AMPLE_KW),
    "those for whom it pays, plants up to 60 MW": NetworkOptions(),
}


def networks_of(area: Area) -> dict[str, Network]:
    """Return the networks of Lujiazui."""
    return {name: lujiazui.laid_out(area, options) for name, options in CASES.items()}


def page(at: Comparison, area: Area, networks: dict[str, Network]) -> str:
    """Return the page."""
    return TEXT.format(
        routes=tables.routes(at),
        diameters=tables.diameters(at),
        pressures=tables.pressures(at),
        consumers=tables.consumers(at),
        pumping=tables.pumping(at),
        gains=tables.gains(at),
        others=tables.others(at),
        lujiazui=tables.city(area, networks),
        **_streets(at),
        **_loads(at),
        **_sizes(at),
        **_physics(at),
        **_city(area),
    )


def _streets(at: Comparison) -> dict[str, Any]:
    """Return figures of street lines and routes."""
    lines = shapely.normalize(at.streets.geometry.to_numpy())
    found, graph, kinds = at.found, at.found.fronted.graph, at.found.repairs["kind"]
    return {
        "lines": len(lines),
        "lines_km": at.streets.length.sum() / 1e3,
        "double": len(lines) - len(np.unique(shapely.to_wkb(lines))),
        "footways": int(at.streets["highway"].isin(["footway", "path", "steps"]).sum()),
        "graph_km": graph.lengths[graph.street_class != SERVICE].sum() / 1e3,
        "nodes": len(graph.points),
        "edges": len(graph.ends),
        "pieces": len(np.unique(graph.pieces())),
        **{kind: int((kinds == kind).sum()) for kind in ("snapped", "split")},
        "gaps": int((kinds == "gap").sum()) or "no",
        "theirs_m": at.theirs.route.trench_m,
        "ours_m": found.route.trench_m,
        "least_m": found.shortest.length,
        "longer": 100.0 * (tables.in_streets_m(at.theirs.route) / found.shortest.length - 1.0),
        "stub_m": at.theirs.route.trench_m - tables.in_streets_m(at.theirs.route),
        "shared": 100.0 * found.route.shared_with(at.theirs.route),
        "house_m": at.outside.route.house_m,
        "centre_m": found.route.house_m,
    }


def _loads(at: Comparison) -> dict[str, Any]:
    """Return figures of what consumers take, and of the options that stand for it."""
    published, options = at.published, at.found.engineer.options
    demand, taken, hour = published.demand_kw, published.taken_kg_s, published.peak_hour
    when = pd.Timestamp("2009-01-01") + pd.Timedelta(hours=hour)
    ratio = tables.coincidence(at)
    supply, back = flow.temperatures_c(published)
    return {
        "energy": demand.sum() / 1e3,
        "server": 100.0 * demand[:, list(published.consumers).index("B1011")].sum() / demand.sum(),
        "alone": 100.0 * float(((demand > 0.0).sum(axis=1) == 1).mean()),
        "most": demand.sum(axis=1).max(),
        "full_load": demand.sum() / demand.sum(axis=1).max(),
        "when": f"{when.day} {when:%B}, {when.hour} h",
        "flow": taken[hour].sum(),
        "demand": demand[hour].sum(),
        "difference": published.peak_difference_k,
        "flows": taken.max(axis=0).sum(),
        "coincidence": published.coincidence,
        "half": options.diversity_half_count,
        "equals": equals(published),
        "curve_low": ratio.min(),
        "curve_high": ratio.max(),
        "changed": tables.changed(at),
        "pipes": len(at.found.route.pipes),
        "return_c": supply[0] + published.peak_difference_k,
        "back_low": back.min(),
        "back_high": back.max(),
        "ground": published.air_c,
        "rough": options.roughness_mm,
        "per_m": options.pa_per_m,
    }


def _sizes(at: Comparison) -> dict[str, Any]:
    """Return figures of sizes and of what they cost."""
    found, theirs, engineer = at.found, at.theirs, at.found.engineer
    pumps = tables.pumps_of(at)
    ours, same_friction = pumps["ours"], pumps[tables.our_friction(at)]
    spared = float((same_friction["kw"] - ours["kw"]).sum()) * engineer.options.electricity_cny_kwh
    return {
        "cheaper": 100.0 * (1.0 - found.laid.capex_cny / at.resized[0].capex_cny),
        "cheaper_tree": 100.0 * (1.0 - found.laid.capex_cny / at.shortest[0].capex_cny),
        "dn_theirs": theirs.mean_dn,
        "dn_ours": found.laid.mean_dn,
        "dearest": flow.published_friction(theirs, at.published).max(),
        "capex_theirs": theirs.capex_cny / 1e6,
        "capex_ours": found.laid.capex_cny / 1e6,
        "dearer": (found.laid.capex_cny - theirs.capex_cny) * engineer.pipe_rate / 1e3,
        "spared": spared / 1e3,
        "head_theirs": same_friction["head_pa"].max() / 1e3,
        "head_ours": ours["head_pa"].max() / 1e3,
        "cost": found.yearly_cny / 1e3,
        "bound": found.bound_cny / 1e3,
    }


def _physics(at: Comparison) -> dict[str, Any]:
    """Return figures of pressures, pumping and heat."""
    published, told = at.published, at.published.tables
    exact, default, smooth = (tables.friction_ratios(at, works) for works in tables.frictions(at).values())
    pumps, gains = tables.pumps_of(at), tables.gains_of(at)
    least_kw = zug.LEAST_PA * published.taken_kg_s.sum(axis=1) / flow.fluid_of(published).density / zug.PUMP_EFFICIENCY
    theirs, same = gains["published"], gains["our formula, everything else as published"]
    warmer = {
        f"warmer_{whose}": tables.at_work(at, laid).supply.node_c[laid.route.at].max() - zug.SUPPLY_C
        for whose, laid in (("theirs", at.theirs), ("ours", at.found.laid))
    }
    return {
        "exact": 100.0 * float(np.abs(exact - 1.0).max()),
        "default": float(np.median(default)),
        "default_least": default.min(),
        "default_most": default.max(),
        "smooth": float(np.median(smooth)),
        "pump_told": told["pumping_kw"]["pressure_loss_total_kW"].sum() / 1e3,
        "pump_worst": pumps["published pipes and friction"]["kw"].sum() / 1e3,
        "pump_ours": pumps["ours"]["kw"].sum() / 1e3,
        "pump_least": least_kw.sum() / 1e6,
        **warmer,
        "gain_told": theirs.sum(),
        "gain_same": same.sum(),
        "same": 100.0 * float(np.abs(same / theirs - 1.0).max()),
        "planned": at.found.sized.loss_mwh.sum(),
        "still": gains["ours, all pipes cold all year"].sum(),
        "coldest": float(told["plant_temperature"]["temperature_supply_K"].min()) - ZERO_CELSIUS_K,
        "series": told["pressure_sum"]["pressure_loss_supply_Pa"].max() / 1e3,
        "series_all": told["pressure_sum"]["pressure_loss_total_Pa"].max() / 1e6,
        "worst": tables.published_way_pa(at) / 1e3,
        "plant": told["plant_kw"]["thermal_load_kW"].sum() / 1e3,
    }


def _city(area: Area) -> dict[str, Any]:
    """Return figures of Lujiazui."""
    graph, repairs = area.graph, area.repairs["kind"]
    return {
        "streets": len(area.streets),
        "streets_km": area.streets.length.sum() / 1e3,
        "raised": int((area.streets["level"] != 0).sum()),
        "tunnels": area.tunnels,
        "at_tunnels": area.at_tunnels,
        "city_nodes": len(graph.points),
        "city_edges": len(graph.ends),
        "city_pieces": len(np.unique(graph.pieces())),
        "city_km": graph.lengths.sum() / 1e3,
        "joined_nodes": len(area.fronted.graph.points),
        "joined_edges": len(area.fronted.graph.ends),
        **{f"city_{kind}": int((repairs == kind).sum()) for kind in ("snapped", "split", "gap")},
        "city_cross": graph.crossings.sum(),
        "city_cross_cny": graph.crossing_cny.sum() / 1e6,
        "buildings": len(area.buildings),
        "height": int(area.buildings["height_m"].notna().sum()),
        "no_street": int((area.why == "no_street").sum()),
        "cut_off": int((area.why == "cut_off").sum()),
        "floor": area.floor_m2.sum() / 1e6,
        "cold": area.floor_m2.sum() * lujiazui.COLD_KWH_M2 / 1e6,
        "density": lujiazui.COLD_KWH_M2,
        "hours": lujiazui.FULL_LOAD_H,
        "storey": lujiazui.STOREY_M,
        "usual": lujiazui.USUAL_M,
        "apart": lujiazui.APART_M,
        "sites": len(area.sites),
        "ample": lujiazui.AMPLE_KW / 1e3,
    }


TEXT = """# Networks on real streets

The design of district networks against a published cooling network in Zug, Switzerland, and its layout on the streets
of Lujiazui, Shanghai. It is a comparison, not a fit. This page and its maps are written by
`tests/validation/zug_network.py`; a test makes the page again and compares.

In short, for Zug:

- **Route.** To the same consumers, on the same streets, the published route is {theirs_m:,.0f} m long. No tree is
  shorter than {least_m:,.0f} m, and ours of that length is found; the one that costs least with our prices has
  {ours_m:,.0f} m, {shared:.0f} % of it within 10 m of the published. It costs {cheaper:.0f} % less than the published
  route with our sizes.
- **Sizes.** DN {dn_ours:.0f} in the mean instead of {dn_theirs:.0f}: the published pipes are sized for 2 m/s, ours
  for {per_m:.0f} Pa/m. The pump needs {head_ours:.0f} instead of {head_theirs:.0f} kPa. In money the wide pipes **do
  not pay here**: they cost {dearer:.0f} thousand CNY a year more and spare {spared:.1f} thousand of electricity.
- **Physics.** Told the same friction, pressures agree within {exact:.1f} % in every pipe; with Colebrook's they are
  {default:.2f} times the published. Heat gains of supply and return pipes agree within {same:.0f} %, told the same.

## Zug: cooling for 13 consumers

![The published network and ours](zug_network.svg)

North is up; figures on pipes are nominal diameters.

### What was done

The data is the reference case of the City Energy Analyst (CEA, "reference-case-open", baseline, MIT licence), with
its coordinates repaired as on [the page of the buildings](zug.md).

- **Published network.** The layout `DC` has 36 pipes, 13 consumers and a plant in the street before B1011. Of the 15
  buildings B1009 has no demand, and B1014 is not on it. It holds hourly flows, pressure drops, sums of gains and of
  pumping. CEA's program (`cea/technologies/thermal_network/simplified_thermal_network.py`) tells what the data does
  not: friction after Hazen and Williams with C = 100, 20 % of length for fittings, pumps of 80 %, 20 kPa at
  consumers, insulation of 0.059 W/(m K), and the diameter of the catalogue that is nearest to 2 m/s at the year's
  highest flow. Tests find all of this again in the published hours.
- **Streets.** {lines:,} lines of {lines_km:.1f} km, of which {double} lie twice. What is left, {graph_km:.1f} km,
  becomes a graph of {nodes} nodes and {edges} edges in {pieces} piece, house connections and all: {snapped} end is
  snapped, {split} lines are split where another ends on them, {gaps} gaps are bridged. {footways} of the lines are
  footways, paths and steps; as the published route follows them, all lines count as local streets.
- **Consumers.** The published pipes end in the middle of each footprint. Ours end at the same points, each joined to
  the street that is nearest. In the last column they end at the footprint, as the package does it in a study:
  {house_m:,.0f} instead of {centre_m:,.0f} m of house connections.
- **Loads.** The flows that each building takes in 8,760 hours, and its cold: {energy:,.0f} MWh a year, of which the
  server room in B1011 takes {server:.0f} %; in {alone:.0f} % of the hours it runs alone. The highest cold of all is
  {most:,.0f} kW. The highest flow, {flow:.1f} kg/s on {when}, carries {demand:,.0f} kW at {difference:.1f} K. The
  consumers' own highest flows add up to {flows:.1f} kg/s, so they coincide to {coincidence:.2f}. By the squares of
  these flows they are as diverse as {equals:.1f} equal consumers.
- **Options.** Supply at 5 °C and return at {return_c:.1f}, ground at {ground:.1f} °C (the year's mean of the air, as
  in the program), and pressure at consumers and pumps as published. The curve of diversity keeps its shape; it
  reaches {coincidence:.2f} for all if half of it is reached at {half:.1f} equal consumers instead of 53.8. For single
  pipes it gives {curve_low:.2f} to {curve_high:.2f} of the true highest flow; sized for that, {changed} of {pipes}
  pipes would have another diameter. All consumers must join. All else is default: {per_m:.0f} Pa/m, wall {rough} mm
  rough, 20 % for fittings, prices of `pipes.csv`, house connections at 0.8 of them.

### Route and sizes

{routes}

The published sizes are priced with our catalogue. Head and pumping are those of all hours with our friction. What
pipes cost a year is the instalment and upkeep, pumping and heat gain as they are estimated in planning. With the cold
itself our layout costs {cost:.0f} thousand CNY a year, and none for these consumers less than {bound:.0f}.

### Length by diameter

{diameters}

### Pressure drop of the published pipes

With the published diameters and the flows of {when}. The head has both ways, 20 % for fittings and 20 kPa at the
consumer.

{pressures}

### Consumers at the peak

Both networks at work on {when} with our friction. The pump gives what leaves 20 kPa at the worst consumer.

{consumers}

### Pumping

Ours is head times flow over 0.8, hour by hour; the head is that of the worst consumer who takes water. The 20 kPa at
the consumers alone take {pump_least:.2f} MWh.

{pumping}

### Heat that pipes gain

Negative where they lose. As the return is warmer than the ground, return pipes lose.

{gains}

### Why they differ

- **Route.** The published plant lies {stub_m:.1f} m beside the street, ours in it. Without that the published route,
  which CEA takes from an approximation of the shortest tree, is {longer:.1f} % longer than the shortest; that it is the
  shortest is proven here by a bound of the same length. The tree that costs least is not the shortest: it goes its own
  way to B1010, and east instead of west around the yard, so that the wide pipes are short. That saves
  {cheaper_tree:.0f} % of the investment in the shortest tree.
- **Sizes.** 2 m/s in small pipes means up to {dearest:,.0f} Pa/m. The rule of {per_m:.0f} Pa/m is practice in heating
  networks that run for thousands of hours; these pipes carry their peak {full_load:.0f} hours a year. The investment
  is {capex_ours:.2f} instead of {capex_theirs:.2f} million CNY. What speaks for wider pipes is a head of
  {head_theirs:.0f} kPa, not electricity. The package sizes by the rule and does not ask what pays.
- **Friction.** C = 100 is that of old, rough iron. Steel of 0.5 mm has {default:.2f} of its drop ({default_least:.2f}
  to {default_most:.2f} by pipe), new steel of 0.1 mm {smooth:.2f}. That our drops under the same formula are
  {exact:.1f} % lower everywhere is the weight of water: the program turns metres into Pa with 1,000 kg/m³, and flows
  into volumes with 998.
- **Pumping.** Published are {pump_told:.2f} MWh. In pipes it is each pipe's own drop times its own flow, as if
  everybody had a pump for himself; one pump at the plant gives the worst consumer's head to all the water, and takes
  {pump_worst:.2f} MWh with the same pipes and friction. Ours take {pump_ours:.2f} MWh, most of it for the 20 kPa. The
  estimate in planning takes each pipe's own drop at its peak, in all its full-load hours: too little for one pump at
  the peak, too much at part load, and here the two nearly cancel.
- **Heat.** From the published temperatures our formula gives {gain_same:.2f} instead of {gain_told:.2f} MWh. The
  program takes the mean of inlet and outlet where ours is exponential, which is the same in pipes so short; what is
  left are flows of up to 0.006 g/s that its solver leaves in pipes at rest. The published temperatures are means over
  all 13 consumers with 0 °C for those at rest (down to {coldest:.1f} °C). Supply to those who run is at 5 °C, and
  their return at {back_low:.0f} to {back_high:.0f} °C, so that return pipes lose more than supply pipes gain while
  water flows. The estimate in planning adds up what supply and return exchange, whichever way, and says {planned:.0f}
  MWh instead of {still:.1f}: where a return is warmer than the ground that is wrong.
- **Temperature.** On its way to the worst consumer the water warms by {warmer_theirs:.2f} K in the published pipes
  and by {warmer_ours:.2f} K in ours. The published results have one temperature for all.

### What to know of the published tables

Found by making them again; a test holds each.

- Pressures at nodes are metres of water times the Pa of a foot: 3.28 times too low.
- The plant's head is the sum over all pipes, as if they lay in one line: {series:.0f} kPa one way, and
  {series_all:.2f} MPa in `plant_pumping_pressure_loss`. The way to the worst consumer takes {worst:.0f} kPa.
- The pumping "at substations" is what that head leaves at the consumers, again with the Pa of a foot.
- The plant's load takes twice the gain of the supply pipes off the demand instead of adding it, and the pumps'
  electricity as well: {plant:,.1f} MWh a year, where consumers take {energy:,.1f}.

Mass and heat close: each pipe carries what the consumers behind it take.

## Zug: layouts without sizes

![The published heating layout and the shortest tree](zug_network_heating.svg)

Two more layouts are published as routes; all their pipes are DN 150, and nothing was computed on them. The heating
layout joins all 15 buildings, with a plant before B1014.

{others}

## Lujiazui

![Cooling network in Lujiazui](zug_network_lujiazui.svg)

All buildings that can be reached, on OpenStreetMap (ODbL; cut at tile edges). Streets, buildings and water are real;
the demand is made up: {density:.0f} kWh of cold per m² of floor in {hours:,.0f} hours of full load, floors of
{storey:.0f} m, {usual:.0f} m where no height is known. That is {cold:,.0f} GWh for {floor:.1f} million m².

- **Streets.** {streets} streets of {streets_km:.0f} km, {raised} of them in tunnels or on bridges. Road tunnels
  ({tunnels}) are left out by this page: the package joins a building to the line that is nearest in the plan, and for
  {at_tunnels} buildings that would be a tunnel.
- **Graph.** {city_nodes:,} nodes and {city_edges:,} edges in {city_pieces} pieces, {city_km:.0f} km; {city_snapped}
  ends snapped, {city_split} lines split, {city_gap} gaps bridged. With frontages {joined_nodes:,} nodes and
  {joined_edges:,} edges.
- **Water.** Streets cross rivers, canals and ponds {city_cross:.1f} times, which would cost {city_cross_cny:.1f}
  million CNY on top of the pipes. A half is a pipe that ends within. Networks in the table
  cross with house connections as well.
- **Buildings.** {buildings:,}, of which {height} tell their height. {no_street} have no street within 80 m.
  {cut_off:,} are not in the piece of most length, mostly west of the river, and have plants of their own.
- **Plants.** At {sites} sites: the buildings of most floor area that are {apart:.0f} m apart. In the first column
  they are as large as it takes, up to {ample:.0f} MW, and everybody joins; in the second all is default.

{lujiazui}

The second network leaves out most buildings, as plants of 60 MW can serve no more. One plant stands alone: at the
foot of its tower the streets hang on no others.
"""


def write(data: Path, folder: Path) -> None:
    """Write the page and its maps."""
    import zug_network_maps

    at, area = compare(data), lujiazui.read_area(data)
    networks = networks_of(area)
    folder.mkdir(exist_ok=True)
    drawn = {
        "zug_network": zug_network_maps.cooling(at),
        "zug_network_heating": zug_network_maps.heating(at),
        "zug_network_lujiazui": zug_network_maps.city(area, next(iter(networks.values()))),
    }
    for name, picture in drawn.items():
        (folder / f"{name}.svg").write_text(picture, encoding="utf-8", newline="\n")
    (folder / "zug_network.md").write_text(page(at, area, networks), encoding="utf-8", newline="\n")
