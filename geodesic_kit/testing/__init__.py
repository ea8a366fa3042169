"""Contracts that a plugin is accepted by, ours and anyone's: subclass one, name the plugin, run pytest.

class TestMine(gk.testing.SolverContract):
    plugin = Mine
"""

from __future__ import annotations

from .decoder import DecoderContract
from .density import DensityContract
from .latent import LatentContract
from .metric import MetricContract
from .solver import SolverContract

__all__ = ["DecoderContract", "DensityContract", "LatentContract", "MetricContract", "SolverContract"]
