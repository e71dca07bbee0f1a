"""The folder of a run: its owner, and the record of what it was made of."""
