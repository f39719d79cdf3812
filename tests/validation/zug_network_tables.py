"""The tables of the page of networks on real streets, and the figures its text is made of."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

import lujiazui_network as lujiazui
import pages
import zug_network as zug
import zug_network_flow as flow
from layers.units import ZERO_CELSIUS_K
from lujiazui_network import Area, Network
from spatial.networks.hydraulics.district import Operation
from zug_network import Floats, Laid, Route
from zug_network_layout import Comparison

TIME = "time of the processor"
"""How rows begin whose figures another machine need not give again."""


def _number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")


def _rows(head: Sequence[str], rows: Sequence[tuple[str, Sequence[float], int]]) -> str:
    """Return a table whose rows have a name, figures and their decimals; what is not a number is a dash."""
    body = [[name, *("–" if np.isnan(one) else _number(one, digits) for one in row)] for name, row, digits in rows]
    return pages.table(head, body)


def columns(at: Comparison) -> dict[str, Laid]:
    """Return the networks that are compared, by what the page calls them."""
    return {
        "published": at.theirs,
        "its route, our sizes": at.resized[0],
        "ours": at.found.laid,
        "shortest tree, our sizes": at.shortest[0],
        "ours, to the façades": at.outside.laid,
    }


def routes(at: Comparison) -> str:
    """Return the table of routes and sizes."""
    laid, fittings = columns(at), at.found.engineer.options.fittings_share
    bounds = [at.found.shortest.lower_bound] * 4 + [at.outside.shortest.lower_bound]
    yearly = [np.nan, *(one.yearly_cny.sum() for one in (at.resized[1], at.found.sized, at.shortest[1]))]
    yearly.append(at.outside.sized.yearly_cny.sum())
    rough = at.found.engineer.options.roughness_mm
    pumps = [
        flow.pumping(one, at.published, flow.friction(one, at.published, rough), fittings) for one in laid.values()
    ]
    each = list(laid.values())
    rows: list[tuple[str, Sequence[float], int]] = [
        ("trench, m", [one.route.trench_m for one in each], 0),
        ("no tree is shorter than, m", bounds, 0),
        ("house connections in it, m", [one.route.house_m for one in each], 0),
        ("pipes between branching points", [len(one.route.pipes) for one in each], 0),
        ("within 10 m of the published, %", [100.0 * one.route.shared_with(at.theirs.route) for one in each], 0),
        ("mean DN, by length", [one.mean_dn for one in each], 0),
        ("smallest DN", [one.dn_mm[1:].min() for one in each], 0),
        ("largest DN", [one.dn_mm[1:].max() for one in each], 0),
        ("water in the pipes, m³", [one.water_m3 for one in each], 1),
        ("investment in pipes, 1,000 CNY", [one.capex_cny / 1e3 for one in each], 0),
        ("pipes a year, 1,000 CNY", [one / 1e3 for one in yearly], 1),
        ("head of the pump, kPa", [one["head_pa"].max() / 1e3 for one in pumps], 0),
        ("pumping, MWh/a", [one["kw"].sum() / 1e3 for one in pumps], 2),
    ]
    return _rows(["", *laid], rows)


def diameters(at: Comparison) -> str:
    """Return the table of length by diameter."""
    laid = columns(at)
    lengths = pd.DataFrame({name: one.length_by_dn() for name, one in laid.items()}).sort_index()
    rows = [[f"DN {dn}", *("–" if np.isnan(one) else _number(one) for one in row)] for dn, row in lengths.iterrows()]
    return pages.table(["m", *laid], rows)


@cache
def frictions(at: Comparison) -> dict[str, Operation]:
    """Return the published pipes at their peak, by formula of friction."""
    ours = at.found.engineer.options.roughness_mm
    return {
        f"Hazen and Williams, C = {zug.FRICTION_C:.0f}, as told": flow.at_peak(
            at.theirs, at.published, ours, hazen_williams=zug.FRICTION_C
        ),
        f"Colebrook, {ours} mm: default": flow.at_peak(at.theirs, at.published, ours),
        f"Colebrook, {zug.SMOOTH_MM} mm: new steel": flow.at_peak(at.theirs, at.published, zug.SMOOTH_MM),
    }


def friction_ratios(at: Comparison, works: Operation) -> Floats:
    """Return our pressure drop over the published, by pipe, in the hour of the peak."""
    published = flow.published_friction(at.theirs, at.published)[at.published.peak_hour, 1:]
    return np.asarray(works.flow.gradient_pa_m / published)


def pressures(at: Comparison) -> str:
    """Return the table of pressure drops by formula of friction."""
    share = 1.0 + zug.EQUIVALENT_LENGTH

    def figures(one_way_pa: float) -> list[str]:
        return [_number(one_way_pa / 1e3), _number((2.0 * one_way_pa * share + zug.LEAST_PA) / 1e3)]

    rows = [["published", "1", "1", "1", *figures(published_way_pa(at))]]
    for name, works in frictions(at).items():
        ratio = friction_ratios(at, works)
        told = [f"{one:.3f}" for one in (np.median(ratio), ratio.min(), ratio.max())]
        rows.append([name, *told, *figures(float((works.head_pa[0] - zug.LEAST_PA) / 2.0))])
    head = ["drop by pipe, ours / published", "median", "least", "most", "to the worst consumer, kPa"]
    return pages.table([*head, "head with fittings, kPa"], rows)


@cache
def at_work(at: Comparison, laid: Laid) -> Operation:
    """Return a network at its peak under the options of the package."""
    options = at.found.engineer.options
    return flow.at_peak(laid, at.published, options.roughness_mm, fittings=options.fittings_share)


def consumers(at: Comparison) -> str:
    """Return the table of consumers at the peak."""
    works = {"published": (at.theirs, at_work(at, at.theirs)), "ours": (at.found.laid, at_work(at, at.found.laid))}
    published = at.published
    parts = [published.demand_kw.sum(axis=0) / 1e3, published.demand_kw.max(axis=0), published.taken_kg_s.max(axis=0)]
    digits = [0, 0, 1]
    for what, places in (("way", 0), ("difference", 0), ("supply", 2)):
        for laid, work in works.values():
            route = laid.route
            found = {
                "way": route.behind @ route.tree.length_m,
                "difference": work.difference_pa[route.at] / 1e3,
                "supply": work.supply.node_c[route.at],
            }
            parts.append(found[what])
            digits.append(places)
    head = ["", "MWh/a", "peak kW", "peak kg/s", "way m: published", "ours", "difference kPa: published", "ours"]
    rows = [
        [name, *(_number(part[row], places) for part, places in zip(parts, digits, strict=True))]
        for row, name in enumerate(published.consumers)
    ]
    return pages.table([*head, "supply °C: published", "ours"], rows)


def our_friction(at: Comparison) -> str:
    """Return what the page calls the published pipes with our friction."""
    return f"published pipes, our friction, {at.found.engineer.options.roughness_mm} mm"


@cache
def pumps_of(at: Comparison) -> dict[str, pd.DataFrame]:
    """Return head and electricity of the pump in all hours, by what the page calls it."""
    published, theirs, fittings = at.published, at.theirs, at.found.engineer.options.fittings_share
    rough = at.found.engineer.options.roughness_mm
    told = flow.published_friction(theirs, published)
    return {
        "published pipes and friction": flow.pumping(theirs, published, told),
        "and its fittings, 20 %": flow.pumping(theirs, published, told, zug.EQUIVALENT_LENGTH),
        our_friction(at): flow.pumping(theirs, published, flow.friction(theirs, published, rough), fittings),
        f"published pipes, our friction, {zug.SMOOTH_MM} mm": flow.pumping(
            theirs, published, flow.friction(theirs, published, zug.SMOOTH_MM), fittings
        ),
        "its route, our sizes": flow.pumping(
            at.resized[0], published, flow.friction(at.resized[0], published, rough), fittings
        ),
        "ours": flow.pumping(at.found.laid, published, flow.friction(at.found.laid, published, rough), fittings),
    }


def pumping(at: Comparison) -> str:
    """Return the table of the year's pumping."""
    told, found, engineer = at.published.tables["pumping_kw"], at.found, at.found.engineer
    parts = {
        "pipes": told["pressure_loss_supply_kW"] + told["pressure_loss_return_kW"],
        "at consumers": told["pressure_loss_substations_kW"],
        "sum": told["pressure_loss_total_kW"],
    }
    rows = [
        [f"published: {name}", "–", _number(one.max(), 1), _number(one.sum() / 1e3, 2)] for name, one in parts.items()
    ]
    rows += [
        [name, _number(one["head_pa"].max() / 1e3), _number(one["kw"].max(), 1), _number(one["kw"].sum() / 1e3, 2)]
        for name, one in pumps_of(at).items()
    ]
    planned = engineer.pumping_mwh(found.sized)
    head = engineer.head_pa(found.route.tree, found.sized).max() / 1e3
    rows.append(["ours, as it is estimated in planning", _number(head), "–", _number(planned, 2)])
    return pages.table(["", "head at the peak, kPa", "highest, kW", "MWh/a"], rows)


@cache
def gains_of(at: Comparison) -> dict[str, Floats]:
    """Return what supply and return pipes gain in a year [MWh], by what the page calls it."""
    published, theirs, ours = at.published, at.theirs, at.found.laid
    supply, back = flow.temperatures_c(published)
    told = published.tables["plant_temperature"].to_numpy() - ZERO_CELSIUS_K
    pipes = at.found.engineer.pipes
    better = pipes.loss_w_mk[np.searchsorted(pipes.dn_mm, theirs.dn_mm)]
    loss = theirs.loss_w_mk

    def gain(laid: Laid, loss_w_mk: Floats, *, still: bool) -> Floats:
        return flow.gains_mwh(laid, published, loss_w_mk, supply, back, still=still)

    return {
        "published": -published.tables["gain_kw"].to_numpy()[:, :2].sum(axis=0) / 1e3,
        "our formula, everything else as published": flow.gains_mwh(
            theirs, published, loss, told[:, 0], told[:, 1], still=False
        ),
        "with the temperatures of those who run": gain(theirs, loss, still=False),
        "and all pipes cold all year": gain(theirs, loss, still=True),
        "and our insulation": gain(theirs, better, still=True),
        "ours, all pipes cold all year": gain(ours, ours.loss_w_mk, still=True),
    }


def gains(at: Comparison) -> str:
    """Return the table of heat that pipes gain."""
    rows = [(name, [*one, one.sum()], 2) for name, one in gains_of(at).items()]
    return _rows(["MWh/a", "supply pipes", "return pipes", "sum"], rows)


def others(at: Comparison) -> str:
    """Return the table of layouts without sizes."""
    names = {"DC/today": "cooling, `DC/today`", "DH/today": "heating, `DH/today`"}
    rows = [
        [
            names[one.name],
            len(one.published.at),
            _number(one.published.trench_m),
            _number(one.shortest.trench_m),
            _number(one.bound_m),
            f"{100.0 * (in_streets_m(one.published) / one.shortest.trench_m - 1.0):.1f}",
            _number(100.0 * one.shortest.shared_with(one.published)),
        ]
        for one in at.others
    ]
    head = ["", "consumers", "published, m", "shortest tree, m", "no tree is shorter than, m", "published longer by, %"]
    return pages.table([*head, "shared within 10 m, %"], rows)


def city(area: Area, networks: dict[str, Network]) -> str:
    """Return the table of the networks of Lujiazui."""
    each, floor_m2 = list(networks.values()), area.floor_m2.sum()
    rows = [
        ("buildings joined", [one.joined.sum() for one in each], 0),
        ("their share of all cold, %", [100.0 * area.floor_m2[one.joined].sum() / floor_m2 for one in each], 0),
        ("plants", [len(one.plants) for one in each], 0),
        ("plants together, MW", [sum(part.design_kw[0] for part in one.sized) / 1e3 for one in each], 0),
        ("trench, km", [one.trench_m / 1e3 for one in each], 1),
        ("smallest DN", [one.dn_mm.min() for one in each], 0),
        ("largest DN", [one.dn_mm.max() for one in each], 0),
        ("most pipes side by side", [max(part.parallel.max() for part in one.sized) for one in each], 0),
        ("crossings of water", [lujiazui.crossings(area, one)["times"] for one in each], 1),
        ("cost of crossings, million CNY", [lujiazui.crossings(area, one)["cny"] / 1e6 for one in each], 1),
        ("highest head of a pump, kPa", [one.head_pa / 1e3 for one in each], 0),
        ("plants, pipes and production, million CNY/a", [one.cost_cny / 1e6 for one in each], 1),
        ("no layout for them costs less than", [one.bound_cny / 1e6 for one in each], 1),
        (f"{TIME} for the graph, s", [area.seconds] * len(each), 1),
        (f"{TIME} for the layout, s", [one.seconds for one in each], 1),
    ]  # fmt: skip
    return _rows(["", *networks], rows)


def changed(at: Comparison) -> int:
    """Return how many of our pipes would get another size if each were sized for its own highest flow of the year."""
    found, engineer = at.found, at.found.engineer
    true = (at.published.taken_kg_s @ found.route.behind).max(axis=0)
    size = np.searchsorted(engineer.capacity_kg_s, true)
    ends = [pipe[0] for pipe in found.route.pipes]
    return int((size != found.sized.size)[ends].sum())


def in_streets_m(route: Route) -> float:
    """Return the length of a published route without what leads from its plant to the street beside it [m]."""
    tree = route.tree
    return float(tree.length_m[tree.parent > 0].sum())


def coincidence(at: Comparison) -> Floats:
    """Return the flow that each of our pipes is sized for over its true highest flow of the year."""
    found = at.found
    true = (at.published.taken_kg_s @ found.route.behind).max(axis=0)
    ratio: Floats = found.sized.flow_kg_s[1:] / true[1:]
    return ratio


def published_way_pa(at: Comparison) -> float:
    """Return the published friction from the plant to the worst consumer at the peak [Pa]."""
    head = flow.pumping(at.theirs, at.published, flow.published_friction(at.theirs, at.published))["head_pa"].max()
    return float((head - zug.LEAST_PA) / 2.0)
