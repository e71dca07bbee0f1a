"""The alignment diagram, for print and for the browser."""
