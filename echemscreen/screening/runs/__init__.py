"""The folder of a run: its owner, the record of what it was made of, the geometries that were relaxed."""
