"""Excited and spin states: spectra, triplets, what is released and what oxygen takes."""
