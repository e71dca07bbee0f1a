"""Band edges: published evidence, the joint fit, and edges of a user's own."""
