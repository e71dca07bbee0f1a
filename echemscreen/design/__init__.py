"""Molecules that are not on the list yet: what to measure, compute or make next."""
