"""The contracts of all tables: one file per stage, columns with units, ranges and keys."""
