"""The reference molecules: what is computed of them, and the fits behind the levels."""
