"""Levels: from computed ladders and measured values to calibrated potentials with uncertainties."""
