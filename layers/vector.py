"""Reading vector layers of any format, with every fault named."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the layer inside it where there are several.

    Examples
    --------
    >>> Source(Path("plan.gpkg"), "parcels").name
    'plan.gpkg#parcels'
    """

    path: Path
    layer: str | None = None

    @property
    def name(self) -> str:
        """How messages call the source."""
        return f"{self.path.name}#{self.layer}" if self.layer else self.path.name
