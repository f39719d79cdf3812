"""Parcels of a master plan: read from any file, checked row by row, completed where the plan is silent."""

from layers.parcels.options import ParcelOptions
from layers.parcels.read import read_parcels

__all__ = ["ParcelOptions", "read_parcels"]
