"""echemscreen.verdicts."""
