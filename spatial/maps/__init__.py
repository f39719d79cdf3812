"""The map: one page that opens from disk, in two languages, with everything the run found."""

from spatial.maps.options import MapOptions, RunInfo
from spatial.maps.page import write_map

__all__ = ["MapOptions", "RunInfo", "write_map"]
