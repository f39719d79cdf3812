"""The zone's energy and carbon account by year, sector, carrier and planning unit."""
