"""Importance-weighted autoencoders: Burda, Grosse & Salakhutdinov 2016 (ICLR)."""

from .model import IWAE

__all__ = ["IWAE"]
