"""The map of many molecules."""
