"""echemscreen.engines."""
