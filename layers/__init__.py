"""What we know of the place: reading, checking, land use, building stock, weather."""
