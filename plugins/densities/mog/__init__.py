"""Mixtures of Gaussians."""

from .mixture import MoG

__all__ = ["MoG"]
