"""The embedded study: Meishan, Ningbo, a near-zero-carbon zone of 333 km2 with 2030 in view.

`STUDY` is the path of its ``study.toml``; the files beside it are made by ``python -m layers.meishan.make``. Shore
and climate are real; parcels, controls, people, depth, wind and exclusions are illustrative and marked so.
"""

from importlib.resources import files
from pathlib import Path

STUDY = Path(str(files("layers.meishan").joinpath("study.toml")))
"""The study file of Meishan."""
