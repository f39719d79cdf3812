"""Makes the embedded study: ``python -m layers.meishan.make`` writes its files anew, byte for byte the same.

The shore is real (OpenStreetMap land, simplified); the plan on it is illustrative. Every step is a function from
geometry to geometry, seeded, so that the files in the repository can be traced to the facts they stand on.
"""
