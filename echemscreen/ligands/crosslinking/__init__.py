"""What the structure of a crosslinker tells: groups, light, reach."""
