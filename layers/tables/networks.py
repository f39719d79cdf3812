"""Tables of the district networks."""

from layers.tables.contract import AMOUNT, FLAG, TEXT, YEAR, Column, Table

NETWORK = Column("text", choices=("heating", "cooling"))
WHERE_DEFINED = Column(low=0.0, nullable=True)

PIPES = Table(
    "pipes",
    {
        "network": NETWORK,
        "dn_mm": AMOUNT,
        "parallel": Column("integer", low=1),
        "length_m": AMOUNT,
        "peak_kw": AMOUNT,
        "flow_kg_s": AMOUNT,
        "velocity_m_s": AMOUNT,
        "pressure_drop_pa_m": AMOUNT,
        "loss_mwh": AMOUNT,
        "cost_cny": AMOUNT,
        "phase_year": YEAR,
    },
    key=("pipe_id",),
    geometry=True,
)
"""Supply and return pipe along one trench; `parallel` is how many equal ones lie side by side in each direction.

Diameter, velocity and pressure drop are those of each pipe; peak, flow, loss and cost are of all of them together.
"""

STATIONS = Table(
    "stations",
    {"network": NETWORK, "parcel_id": TEXT, "capacity_kw": AMOUNT},
    key=("station_id",),
    geometry=True,
)

CONNECTIONS = Table(
    "connections",
    {"connected": FLAG, "reason": TEXT, "demand_mwh": AMOUNT, "peak_kw": AMOUNT},
    key=("network", "parcel_id"),
)
"""Every parcel that was considered, and why it is not connected where it is not."""

NETWORK_SUMMARY = Table(
    "network_summary",
    {
        "parcels_connected": Column("integer", low=0),
        "trench_m": AMOUNT,
        "lower_bound_m": WHERE_DEFINED,  # no tree that joins the same parcels can be shorter
        "delivered_mwh": AMOUNT,
        "loss_mwh": AMOUNT,
        "pumping_mwh": AMOUNT,
        "plant_electricity_mwh": AMOUNT,  # for what is delivered and lost, by the plant the network is priced with
        "hot_water_mwh": AMOUNT,  # of what is delivered; none of a cooling network
        "peak_kw": AMOUNT,
        "linear_density_mwh_m": WHERE_DEFINED,
        "capex_cny": AMOUNT,
        "plant_capex_cny": AMOUNT,  # of the investment, what plants take
        "cost_cny_mwh": WHERE_DEFINED,
        "connected_share": Column(low=0.0, high=1.0),
    },
    key=("network",),
)
"""Where a network connects nobody, its counts and sums are zero, and bound, linear density and unit cost are empty.

The linear density is also empty where no pipe is laid, for all consumers stand at the station.
"""

STREET_REPAIRS = Table("street_repairs", {"kind": TEXT, "distance_m": AMOUNT}, key=("repair_id",), geometry=True)
"""Each place where the street graph was snapped, split or left with a gap; kind is snapped, split or gap."""
