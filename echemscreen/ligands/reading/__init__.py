"""What a user hands in, read: files, structures, Python objects."""
