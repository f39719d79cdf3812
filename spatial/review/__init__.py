"""Green-building conditions per parcel, with clause, number and evidence."""
