"""Published observations, and whether a computed result agrees with them."""
