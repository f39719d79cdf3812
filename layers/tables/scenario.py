"""Tables of scenarios."""

from layers.tables.contract import SHARE, Table

ADOPTION = Table("adoption", {"share": SHARE}, key=("scenario", "year", "subject", "technology"))
"""Share of each technology in its subject, or of a potential taken, by scenario and year."""
