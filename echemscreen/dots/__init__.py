"""echemscreen.dots."""
