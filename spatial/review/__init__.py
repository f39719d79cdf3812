"""Green-building conditions per parcel, with clause, number and evidence."""

from spatial.review.review import ReviewOptions, review
from spatial.review.rules import read_rules

__all__ = ["ReviewOptions", "read_rules", "review"]
