"""Roofs: from the planes of a surface to modules, their energy and their cost."""
