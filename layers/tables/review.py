"""Tables of the review of parcels against the rules."""

from layers.tables.contract import TEXT, Column, Table

REVIEW = Table(
    "review",
    {
        "clause": TEXT,
        "stage": TEXT,
        "indicator": TEXT,
        "required": TEXT,
        "value": TEXT,  # the parcel's number, or why there is none
        "unit": TEXT,
        "status": Column("text", choices=("met", "not_met", "not_decidable", "condition")),
        "evidence": TEXT,
    },
    key=("parcel_id", "rule_id"),
)
"""One row per parcel and rule that applies to it; ``condition`` is what the land notice must state."""
