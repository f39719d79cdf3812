"""How far the place of the weather lies from where it is used."""

import pandas as pd
import pyproj
import shapely

from layers.units import M_PER_KM


def distance_km(site: pd.DataFrame, place: shapely.Point, crs: pyproj.CRS) -> float:
    """Return the distance from the weather's place to another one over the earth [km].

    Parameters
    ----------
    site
        Table SITE.
    place, crs
        The other place, and the CRS it is told in.

    Examples
    --------
    >>> shanghai = pd.DataFrame({"latitude_deg": [31.2], "longitude_deg": [121.43]})
    >>> round(distance_km(shanghai, shapely.Point(121.95, 29.79), pyproj.CRS.from_epsg(4326)))
    164
    """
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(place.x, place.y)
    here = site.iloc[0]
    *_, metres = pyproj.Geod(ellps="WGS84").inv(longitude, latitude, here["longitude_deg"], here["latitude_deg"])
    return float(metres) / M_PER_KM
