"""Useful energy demand and activity of buildings, industry, port and transport."""
