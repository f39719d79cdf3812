"""Flow, pressure and temperature of water in pipes."""
