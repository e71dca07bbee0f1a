"""The calibration: its references, its fit, its errors and its predictions."""
