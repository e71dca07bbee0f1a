"""echemscreen.screening."""
