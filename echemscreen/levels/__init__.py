"""echemscreen.levels."""
