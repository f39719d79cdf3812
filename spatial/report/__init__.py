"""Tables, layers, rasters and the index page of a run."""
