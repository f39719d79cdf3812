"""Tables of the district networks."""

from layers.tables.contract import AMOUNT, FLAG, TEXT, YEAR, Column, Table

NETWORK = Column("text", choices=("heating", "cooling"))

PIPES = Table(
    "pipes",
    {
        "network": NETWORK,
        "dn_mm": AMOUNT,
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
        "lower_bound_m": AMOUNT,  # no tree that joins the same parcels can be shorter
        "delivered_mwh": AMOUNT,
        "loss_mwh": AMOUNT,
        "pumping_mwh": AMOUNT,
        "plant_electricity_mwh": AMOUNT,  # for what is delivered and lost, by the plant the network is priced with
        "hot_water_mwh": AMOUNT,  # of what is delivered; none of a cooling network
        "peak_kw": AMOUNT,
        "linear_density_mwh_m": AMOUNT,
        "capex_cny": AMOUNT,
        "cost_cny_mwh": AMOUNT,
        "connected_share": Column(low=0.0, high=1.0),
    },
    key=("network",),
)

STREET_REPAIRS = Table("street_repairs", {"kind": TEXT, "distance_m": AMOUNT}, key=("repair_id",), geometry=True)
"""Each place where the street graph was snapped, split or left with a gap; kind is snapped, split or gap."""
