"""A user's own measurements: read, turned into levels and edges, drawn, and kept in a file of their own."""
