"""Metrics of a density, and the lengths of straight edges."""
