"""Crosslinkers: what light does to them, the ledger of what stays in the film, and their ranking."""
