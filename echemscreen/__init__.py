"""echemscreen."""
