"""Sizes: confinement, strain, sizing curves, from absorption or emission."""
