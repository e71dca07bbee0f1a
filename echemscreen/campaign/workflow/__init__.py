"""Workflows: steps of a YAML file, checked before anything is computed, then run one after the other."""
