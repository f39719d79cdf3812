"""Tables of the weather: the site and 8,760 hours of one typical year, with pvlib's column names."""

from layers.tables.contract import NUMBER, TEXT, Column, Table

SITE = Table(
    "site",
    {
        "latitude_deg": Column(low=-90.0, high=90.0),
        "longitude_deg": Column(low=-180.0, high=180.0),
        "altitude_m": Column(low=-500.0, high=9000.0),
        "utc_offset_h": Column(low=-12.0, high=14.0),
        "wind_height_m": Column(low=1.0, high=200.0),
        "kind": Column("text", choices=("epw", "pvgis", "normals")),
        "source": TEXT,
    },
    key=("site_id",),
)

WEATHER = Table(
    "weather",
    {
        "ghi": Column(low=0.0, high=1500.0),  # W/m2, mean of the hour
        "dni": Column(low=0.0, high=1500.0),  # W/m2
        "dhi": Column(low=0.0, high=1000.0),  # W/m2
        "temp_air": Column(low=-60.0, high=60.0),  # C
        "relative_humidity": Column(low=0.0, high=100.0),  # %
        "wind_speed": Column(low=0.0, high=80.0),  # m/s at the site's wind height
        "pressure": Column(low=40_000.0, high=110_000.0),  # Pa
        "ghi_infrared": Column(low=50.0, high=700.0, nullable=True),  # W/m2, long waves from the sky; empty: not told
    },
    key=("time",),
)
"""Index ``time``: 8,760 hours of a non-leap year, time-zone aware (fixed offset), labelled at the hour's beginning."""

SUN = Table("sun", {"zenith_deg": NUMBER, "azimuth_deg": NUMBER}, key=("time",))
