"""What a finished campaign hands out: results, figures, reports."""
