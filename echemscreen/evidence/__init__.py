"""What the numbers are worth: published facts, reference calculations, errors, validation."""
