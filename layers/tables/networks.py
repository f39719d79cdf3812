"""Tables of the district networks."""

from layers.tables.contract import AMOUNT, FLAG, NUMBER, TEXT, YEAR, Column, Table

NETWORK = Column("text", choices=("heating", "cooling"))
WHERE_DEFINED = Column(low=0.0, nullable=True)

PIPES = Table(
    "pipes",
    {
        "network": NETWORK,
        "station_id": TEXT,
        "dn_mm": AMOUNT,
        "parallel": Column("integer", low=1),
        "length_m": AMOUNT,
        "peak_kw": AMOUNT,
        "flow_kg_s": AMOUNT,
        "velocity_m_s": AMOUNT,
        "pressure_drop_pa_m": AMOUNT,
        "head_pa": AMOUNT,  # what the pump must give to serve the far end, all pipes on the way at their own peak
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
    {
        "network": NETWORK,
        "parcel_id": TEXT,
        "capacity_kw": AMOUNT,
        "head_pa": AMOUNT,
        "joint_head_pa": AMOUNT,
        "capex_cny": AMOUNT,
    },
    key=("station_id",),
    geometry=True,
)

CONNECTIONS = Table(
    "connections",
    {
        "connected": FLAG,
        "reason": Column(
            "text",
            choices=("", "too_sparse", "no_street", "forbidden", "cut_off", "too_far", "no_capacity", "too_costly"),
        ),
        "station_id": TEXT,
        "demand_mwh": AMOUNT,
        "peak_kw": AMOUNT,
        "worth_cny": NUMBER,
        "joining_cny": Column(nullable=True),
        "supply_c": Column(nullable=True),
        "difference_pa": WHERE_DEFINED,
    },
    key=("network", "parcel_id"),
)
"""Every parcel that was considered, and why it is not connected where it is not.

Worth is what heat or cold costs the parcel otherwise, less its substation; joining is what pipes and plants would cost
a year more if it alone joined as well, told of those who have not joined and could. Supply temperature and difference
of pressure are those that arrive at the joint peak of the plant, told of those a pipe leads to.
"""

NETWORK_SUMMARY = Table(
    "network_summary",
    {
        "parcels_connected": Column("integer", low=0),
        "plants": Column("integer", low=0),
        "trench_m": AMOUNT,
        "delivered_mwh": AMOUNT,
        "loss_mwh": AMOUNT,
        "pumping_mwh": AMOUNT,
        "plant_electricity_mwh": AMOUNT,  # for what is delivered and lost, by the plant the network is priced with
        "hot_water_mwh": AMOUNT,  # of what is delivered; none of a cooling network
        "peak_kw": AMOUNT,
        "head_pa": AMOUNT,  # of the pump with most to do
        "linear_density_mwh_m": WHERE_DEFINED,
        "capex_cny": AMOUNT,
        "plant_capex_cny": AMOUNT,  # of the investment, what plants take
        "cost_cny_mwh": WHERE_DEFINED,
        "alternative_cny_mwh": WHERE_DEFINED,  # what the same would cost made in each building
        "layout_cny": AMOUNT,  # pipes, pumps, losses, plants and production in a year
        "layout_bound_cny": AMOUNT,  # no layout that serves the same parcels costs less
        "co2_t": AMOUNT,
        "alternative_co2_t": AMOUNT,
        "connected_share": Column(low=0.0, high=1.0),
    },
    key=("network",),
)
"""Where a network connects nobody, its counts and sums are zero, and linear density and unit costs are empty.

The linear density is also empty where no pipe is laid, for all consumers stand at the station.
"""

NETWORK_PHASES = Table(
    "network_phases",
    {
        "parcels_connected": Column("integer", low=0),
        "delivered_mwh": AMOUNT,
        "peak_kw": AMOUNT,
        "trench_m": AMOUNT,
        "pipe_capex_cny": AMOUNT,
        "plant_capex_cny": AMOUNT,
        "substation_capex_cny": AMOUNT,
        "stranded_share": Column(low=0.0, high=1.0),
    },
    key=("network", "year"),
)
"""What stands by each year in which something is built, and the investment of that year.

The stranded share is of the capacity of pipes laid by then, each by its length, that nobody connected by then needs.
"""

NETWORK_PRICES = Table(
    "network_prices",
    {
        "parcels_connected": Column("integer", low=0),
        "plants": Column("integer", low=0),
        "connected_share": Column(low=0.0, high=1.0),
        "trench_m": AMOUNT,
        "cost_cny_mwh": WHERE_DEFINED,
    },
    key=("network", "price_cny_kwh"),
)
"""Who would join at other prices of heat or cold, each laid out anew; the share is of all demand."""

STREET_REPAIRS = Table(
    "street_repairs",
    {
        "kind": Column("text", choices=("snapped", "split", "gap", "forbidden")),
        "distance_m": AMOUNT,
        "x_before_m": NUMBER,
        "y_before_m": NUMBER,
        "x_after_m": NUMBER,
        "y_after_m": NUMBER,
    },
    key=("repair_id",),
    geometry=True,
)
"""Every repair of the streets, before and after; `distance_m` is how far an end was moved, or how long the line is.

Before and after are where an end was drawn and where it lies now (snapped), both ends of what was added (gap) or left
out (forbidden), and twice the same place for a junction (split). The shape is a point, which stays visible on a map of
the whole zone where a move of half a metre does not, and which all kinds can have: the place after, or the middle of
what was left out. Lines from before to after can be drawn from the columns.
"""

UNREACHABLE_PARCELS = Table(
    "unreachable_parcels",
    {
        "reason": Column("text", choices=("no_street", "forbidden", "cut_off")),
        "street_m": Column(low=0.0, nullable=True),
    },
    key=("parcel_id",),
    geometry=True,
)
"""Parcels that no pipe can reach, and how far the nearest street is along which one may be laid, if there is any."""
