"""Shortest paths on a weighed graph."""
