"""Protocols that densities, metrics, solvers and latent models follow, and the arrays and values that pass
between them.
"""

from ..checks.arrays import Edges, Ints, Point, Points, Values
from .density import (
    Density,
    HasBreaks,
    HasLogProbAndScore,
    HasPlane,
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
from .metric import Chords, Heuristic, Immersion, Metric, Riemannian, SmoothImmersion
from .results import Search, ShortestPaths
from .solver import Pairs, PointToPoint, Searches, Solver, WeighedGraph

__all__ = [
    "Chords",
    "Density",
    "DifferentiableDecoder",
    "Edges",
    "HasBreaks",
    "HasLogProbAndScore",
    "HasPlane",
    "HasScore",
    "HasUpperBound",
    "Heuristic",
    "Immersion",
    "Ints",
    "LatentModel",
    "LeaveOneOut",
    "Metric",
    "OnPanels",
    "OnSegments",
    "Pairs",
    "Panels",
    "Point",
    "PointToPoint",
    "Points",
    "PowerLaw",
    "Riemannian",
    "Samples",
    "Search",
    "Searches",
    "ShortestPaths",
    "SmoothImmersion",
    "Solver",
    "Values",
    "WeighedGraph",
]
