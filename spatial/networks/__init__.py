"""District heating and cooling networks along the streets."""
