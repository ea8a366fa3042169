"""Consistency Trajectory Models. Kim et al. 2024 (ICLR), from the paper's equations; without its adversarial
loss.
"""

from .model import CTM

__all__ = ["CTM"]
