"""How a ligand sits on a dot: anchors, modes, bonds, sites, forms."""
