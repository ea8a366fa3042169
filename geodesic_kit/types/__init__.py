"""Protocols that densities, metrics, solvers and latent models follow, and the arrays and values that pass
between them.
"""

from ..checks.arrays import Edges, Ints, Point, Points, Values
from .density import (
    Density,
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    LeaveOneOut,
    OnPanels,
    OnSegments,
    Panels,
    PowerLaw,
    Samples,
)
from .latent import DifferentiableDecoder, LatentModel
from .metric import Heuristic, Metric
from .results import Search, ShortestPaths
from .solver import PointToPoint, Searches, Solver, WeighedGraph

__all__ = [
    "Density",
    "DifferentiableDecoder",
    "Edges",
    "HasBreaks",
    "HasLogProbAndScore",
    "HasScore",
    "HasUpperBound",
    "Heuristic",
    "Ints",
    "LatentModel",
    "LeaveOneOut",
    "Metric",
    "OnPanels",
    "OnSegments",
    "Panels",
    "Point",
    "PointToPoint",
    "Points",
    "PowerLaw",
    "Samples",
    "Search",
    "Searches",
    "ShortestPaths",
    "Solver",
    "Values",
    "WeighedGraph",
]
