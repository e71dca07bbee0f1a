"""What levels and edges mean: drives, arrival of carriers, flags, verdicts, ledgers and ranks."""
