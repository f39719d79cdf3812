"""What a building pays for heat or cold without a network: the measure of whether joining one pays."""

from dataclasses import dataclass

from layers.units import KWH_PER_MWH
from resources.economics import annuity_factor
from resources.factors import carrier_factor_t_mwh
from resources.prices import carrier_price_cny_mwh
from resources.technology import Technology, technology
from spatial.networks.options import Alternative, Network, NetworkOptions

TECHNOLOGY: dict[Alternative, str] = {
    "price": "ashp_split",
    "split_units": "ashp_split",
    "own_heat_pump": "ashp_module",
    "gas_boiler": "gas_boiler",
}
"""What makes heat or cold in the building; where only a price is given, what is usual there."""


@dataclass(frozen=True, slots=True)
class Individual:
    """Heat or cold made in the building.

    Attributes
    ----------
    cny_mwh
        Energy [CNY/MWh of heat or cold].
    cny_kw
        Equipment, a year [CNY/(kW a)].
    t_mwh
        CO2 [t/MWh of heat or cold].
    """

    cny_mwh: float
    cny_kw: float
    t_mwh: float


def individual(network: Network, options: NetworkOptions, year: int, grid_t_mwh: float) -> Individual:
    """Return what a building would pay and emit without the network.

    Room air conditioners heat and cool; they are there for the summer, so heat from a network spares their energy
    alone, and cold spares the machines too.

    Parameters
    ----------
    network
        Heating or cooling.
    options
        Options of the networks, see `CarrierOptions.alternative`.
    year
        Year of the investment.
    grid_t_mwh
        CO2 of the grid's electricity [t/MWh].
    """
    carrier = options.carrier(network)
    equipment = technology(TECHNOLOGY[carrier.alternative])
    if carrier.alternative == "gas_boiler":
        price, emitted = carrier_price_cny_mwh("natural_gas", "service"), carrier_factor_t_mwh("natural_gas")
    else:
        price, emitted = options.electricity_cny_kwh * KWH_PER_MWH, grid_t_mwh
    if carrier.alternative == "price":
        return Individual(carrier.price_cny_kwh * KWH_PER_MWH, 0.0, emitted / equipment.efficiency)
    spared = not (carrier.alternative == "split_units" and network == "heating")
    return Individual(
        cny_mwh=price / equipment.efficiency,
        cny_kw=_yearly(equipment, year, options.rate) if spared else 0.0,
        t_mwh=emitted / equipment.efficiency,
    )


def _yearly(equipment: Technology, year: int, rate: float) -> float:
    return equipment.capex_in(year) * (annuity_factor(rate, equipment.life) + equipment.opex_share)
