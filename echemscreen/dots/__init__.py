"""Quantum dots: materials, confined states, band edges and the couples of their metals."""
