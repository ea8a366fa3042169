"""Graphs over a sample: the rules that join points, and what is chosen where nothing is said."""
