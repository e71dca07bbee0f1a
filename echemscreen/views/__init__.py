"""echemscreen.views."""
