"""Water in pipes: published figures, and laws that hold for all pipes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.networks.hydraulics.pipe import (
    accumulate,
    friction_factor,
    outlet_temperature_c,
    pressure_gradient_pa_m,
    velocity_m_s,
    water,
)
from spatial.networks.pipes import catalogue

# capacity of EN 253 pipes [MW] at 100 Pa/m (or the velocity limit) and a roughness of 0.1 mm, as planning tables have
# it: water at 60 C with 30 K, and water at 10 C with 8 K
WARM_MW = {20: 0.0163, 25: 0.0302, 32: 0.0633, 50: 0.1856, 80: 0.574, 100: 1.1439, 150: 3.3095, 200: 6.7359,
           300: 19.096, 400: 34.8995, 500: 63.5492, 600: 102.8353, 800: 214.6781, 1000: 335.2658}  # fmt: skip
COLD_MW = {20: 0.0040, 50: 0.0471, 100: 0.295, 200: 1.758, 300: 5.0122, 500: 16.7702, 1000: 91.0566}


@pytest.mark.parametrize(
    ("temperature", "density", "viscosity", "specific_heat"),
    # IAPWS R6-95 and R12-08 at 0.1 MPa
    [(10.0, 999.70, 1306e-6, 4195.5), (20.0, 998.21, 1002e-6, 4184.1), (60.0, 983.20, 466.0e-6, 4185.1),
     (90.0, 965.31, 314.4e-6, 4205.3)],
)  # fmt: skip
def test_properties_of_water(temperature: float, density: float, viscosity: float, specific_heat: float) -> None:
    fluid = water(temperature)
    assert fluid.density == pytest.approx(density, rel=1e-4)
    assert fluid.viscosity == pytest.approx(viscosity, rel=5e-3)
    assert fluid.specific_heat == pytest.approx(specific_heat, rel=1e-3)


@pytest.mark.parametrize("temperature", [-1.0, 151.0])
def test_water_outside_its_range_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 150 C"):
        water(temperature)


def test_the_published_pipe() -> None:
    """A heated pipe of OpenModelica (a case of pandapipes): 100 m, 75 mm, 3 kg/s, 90 C at the inlet, 20 C around it."""
    fluid = water((90.0 + 351.406 - 273.15) / 2.0)
    loss = 100.0 * np.pi * 0.075
    outlet = outlet_temperature_c(90.0, 20.0, loss, 100.0, 3.0, fluid.specific_heat, sections=5)
    assert outlet + 273.15 == pytest.approx(351.406, abs=0.05)
    assert float(velocity_m_s(3.0, 0.075, fluid.density)) == pytest.approx(0.69999, rel=1e-3)
    gradient = float(pressure_gradient_pa_m(3.0, 0.075, 0.025e-3, fluid))
    assert 3.0 - gradient * 100.0 / 1e5 == pytest.approx(2.94123, abs=1e-4)


def test_sections_approach_the_closed_form() -> None:
    exact = outlet_temperature_c(90.0, 20.0, 20.0, 300.0, 2.0, 4190.0)
    assert exact == pytest.approx(20.0 + 70.0 * np.exp(-20.0 * 300.0 / (2.0 * 4190.0)), rel=1e-12)
    errors = [outlet_temperature_c(90.0, 20.0, 20.0, 300.0, 2.0, 4190.0, n) - exact for n in (1, 10, 100, 10_000)]
    assert errors == sorted(errors, reverse=True)
    assert 0.0 < errors[-1] < 0.01
    with pytest.raises(ValueError, match="flow"):
        outlet_temperature_c(90.0, 20.0, 20.0, 300.0, 0.0, 4190.0)
    with pytest.raises(ValueError, match="sections"):
        outlet_temperature_c(90.0, 20.0, 20.0, 300.0, 1.0, 4190.0, 0)


@pytest.mark.parametrize(
    ("temperature", "difference", "published"), [(60.0, 30.0, WARM_MW), (10.0, 8.0, COLD_MW)], ids=["warm", "cold"]
)
def test_published_capacities(temperature: float, difference: float, published: dict[int, float]) -> None:
    pipes, fluid = catalogue(1), water(temperature)
    for dn, inner, fastest in zip(pipes.dn_mm, pipes.inner_m, pipes.velocity_m_s, strict=True):
        if dn in published:
            flows = np.linspace(0.0, fastest, 4001) * fluid.density * np.pi / 4.0 * inner**2
            flow = flows[pressure_gradient_pa_m(flows, inner, 1e-4, fluid) <= 100.0].max()
            assert flow * fluid.specific_heat * difference / 1e6 == pytest.approx(published[int(dn)], rel=0.03)


@settings(max_examples=200, deadline=None)
@given(st.floats(2400.0, 1e8), st.floats(0.0, 0.05))
def test_friction_solves_colebrook(reynolds: float, rough: float) -> None:
    factor = float(friction_factor(reynolds, rough))
    right = -2.0 * np.log10(rough / 3.7 + 2.51 / (reynolds * np.sqrt(factor)))
    assert factor**-0.5 == pytest.approx(right, rel=1e-9)


def test_laminar_friction_is_that_of_poiseuille() -> None:
    assert float(friction_factor(1000.0, 0.01)) == pytest.approx(0.064, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.01, 500.0), st.floats(0.02, 1.0), st.floats(0.0, 1e-3))
def test_more_flow_and_narrower_pipes_lose_more_pressure(flow: float, inner: float, rough: float) -> None:
    fluid = water(60.0)
    gradient = pressure_gradient_pa_m([flow, 2.0 * flow], inner, rough, fluid)
    assert gradient[1] > gradient[0] > 0.0
    assert float(pressure_gradient_pa_m(flow, inner / 1.5, rough, fluid)) > gradient[0]
    assert float(pressure_gradient_pa_m(0.0, inner, rough, fluid)) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 60), st.integers(0, 1000))
def test_what_enters_a_node_leaves_it(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parent = np.array([0, *(rng.integers(0, node) for node in range(1, count))])
    own = rng.uniform(0.0, 10.0, count)
    total = accumulate(parent, np.arange(count), own)
    for node in range(count):
        children = np.flatnonzero((parent == node) & (np.arange(count) != node))
        assert total[node] == pytest.approx(own[node] + total[children].sum(), rel=1e-12)
    assert total[0] == pytest.approx(own.sum(), rel=1e-12)


def test_catalogue_rises_with_the_diameter() -> None:
    for series in (1, 2, 3):
        pipes = catalogue(series)
        for column in (pipes.dn_mm, pipes.inner_m, pipes.cost_cny_m):
            assert np.all(np.diff(column) > 0.0)
        assert np.all(np.diff(pipes.velocity_m_s) >= 0.0)
        assert np.all(np.abs(pipes.inner_m * 1000.0 / pipes.dn_mm - 1.0) < 0.13)
    assert np.all(catalogue(1).loss_w_mk > catalogue(2).loss_w_mk)
    best = catalogue(3).loss_w_mk
    assert np.all(catalogue(2).loss_w_mk[: len(best)] > best)
