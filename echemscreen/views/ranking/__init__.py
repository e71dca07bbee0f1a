"""The figures and the table of a ranking."""
