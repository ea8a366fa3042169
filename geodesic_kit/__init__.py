"""(Deep) Generative Geodesics: distances and shortest paths under the conformal metric of a learned density.

data    = gk.datasets.load("two_moons", n=2000, seed=0)
density = gk.densities["mog"].fit(data.x, seed=0, n_components=32)
metric  = gk.GenerativeMetric.from_sample(density, data.x)
graph   = gk.suggest_graph(data.x).build(data.x).weigh(metric)
path    = gk.geodesic(graph, 0, 1)
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .registry import decoders, densities, solvers

__version__ = "0.1.0"

# Name -> room. A room is imported when one of its names is first used, so that `import geodesic_kit` takes a
# blink.
_ROOMS = {
    "as_density": "density.as_density",
    "EuclideanMetric": "metric.generative",
    "FermatMetric": "metric.generative",
    "GenerativeMetric": "metric.generative",
    "LogLikelihoodMetric": "metric.generative",
    "Graph": "graph.graph",
    "adaptive_graph": "graph.by_rule",
    "epsilon_graph": "graph.by_rule",
    "knn_graph": "graph.by_rule",
    "suggest_graph": "graph.suggest",
    "Geodesic": "geodesics.curve",
    "ShortestPaths": "types",
    "distances": "paths.distances",
    "geodesic": "geodesics.between",
    "landmarks": "paths.landmarks",
    "refine": "geodesics.refine",
    "exp": "calculus.exponential",
    "sectional_curvature": "calculus.curvature",
    "transport": "calculus.transport",
    "affinity": "applications.clustering",
    "cluster": "applications.clustering",
    "diagnose": "applications.diagnose",
    "embed": "applications.embedding",
    "latent_interpolation": "latent.interpolation",
    "linear_separability": "applications.separability",
    "GenerativeGeodesics": "applications.estimator",
}
_MODULES = {
    "checks": "checks",
    "claims": "paper.claims",
    "datasets": "datasets",
    "errors": "errors",
    "latent": "latent",
    "plots": "plots",
    "runs": "paper.runs",
    "testing": "testing",
    "types": "types",
    "widgets": "plots.widgets",
}

# A class that inherits from scikit-learn's cannot be listed where there is none: `import *` and help() would
# fail on its name.
_HERE = [name for name in _ROOMS if name != "GenerativeGeodesics" or find_spec("sklearn")]

__all__ = ["__version__", "decoders", "densities", "solvers", *_HERE, *_MODULES]

if TYPE_CHECKING:
    from . import checks as checks
    from . import datasets as datasets
    from . import errors as errors
    from . import latent as latent
    from . import plots as plots
    from . import testing as testing
    from . import types as types
    from .applications.clustering import affinity, cluster
    from .applications.diagnose import diagnose
    from .applications.embedding import embed
    from .applications.estimator import GenerativeGeodesics
    from .applications.separability import linear_separability
    from .calculus.curvature import sectional_curvature
    from .calculus.exponential import exp
    from .calculus.transport import transport
    from .density.as_density import as_density
    from .geodesics.between import geodesic
    from .geodesics.curve import Geodesic
    from .geodesics.refine import refine
    from .graph.by_rule import adaptive_graph, epsilon_graph, knn_graph
    from .graph.graph import Graph
    from .graph.suggest import suggest_graph
    from .latent.interpolation import latent_interpolation
    from .metric.generative import EuclideanMetric, FermatMetric, GenerativeMetric, LogLikelihoodMetric
    from .paper import claims as claims
    from .paper import runs as runs
    from .paths.distances import distances
    from .paths.landmarks import landmarks
    from .plots import widgets as widgets
    from .types import ShortestPaths


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        value = getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
