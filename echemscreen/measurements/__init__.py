"""What a user measured: files of instruments, read, and what they say of a molecule or a dot."""
