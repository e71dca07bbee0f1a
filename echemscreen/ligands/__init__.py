"""echemscreen.ligands."""
