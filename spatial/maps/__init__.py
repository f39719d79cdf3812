"""The interactive map, drawn offline in two languages."""
