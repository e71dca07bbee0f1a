"""The figure and the table of a sweep over sizes."""
