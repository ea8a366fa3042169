"""Geodesics as smooth curves: between two vertices, refined, sampled."""
