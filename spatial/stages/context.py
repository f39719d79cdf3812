"""What every stage sees and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from layers.errors import Findings
from layers.tables import balance as balance_tables
from layers.tables import demand as demand_tables
from layers.tables import hourly as hourly_tables
from layers.tables import networks as network_tables
from layers.tables import place as place_tables
from layers.tables import resources as resource_tables
from layers.tables import review as review_tables
from layers.tables import scenario as scenario_tables
from layers.tables import stock as stock_tables
from layers.tables import weather as weather_tables
from layers.tables.contract import Table
from spatial.study import Study

CONTRACTS: dict[str, Table] = {
    table.name: table
    for module in (
        place_tables, weather_tables, stock_tables, resource_tables, demand_tables, network_tables, hourly_tables,
        balance_tables, review_tables, scenario_tables,
    )
    for table in vars(module).values()
    if isinstance(table, Table)
}  # fmt: skip
CONTRACTS |= {"sea_grid": CONTRACTS["grid"], "density_grid": CONTRACTS["grid"], "sun_grid": CONTRACTS["grid"]}


Made = dict[str, pd.DataFrame]
"""Tables by name, as a stage gives them."""


@dataclass(frozen=True)
class Context:
    """What a stage may see: the tables it needs, the study, where to report faults and where to put files."""

    tables: Mapping[str, pd.DataFrame]
    study: Study
    findings: Findings
    files: Path

    def geo(self, name: str) -> gpd.GeoDataFrame:
        """Return a table with geometry."""
        return gpd.GeoDataFrame(self.tables[name])

    @property
    def crs(self) -> pyproj.CRS:
        """The study's projected CRS."""
        return pyproj.CRS.from_user_input(self.tables["zone"].crs)
