"""Straightened paths in 784 dimensions under a mixture of 100 round components."""

from __future__ import annotations

import time

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured
from ..problems import images

__all__ = ["run"]


def run(quick: bool) -> list[Line]:
    """Graph paths of random pairs, by `gk.refine`, and again with the variances as diagonals, whose plane is
    not known.
    """
    warm.up()
    problem = images(300 if quick else 2000)
    metric = problem.metric
    mixture = metric.density
    diagonals = np.broadcast_to(np.reshape(mixture.covariances, (-1, 1)), mixture.means.shape)
    same = gk.densities["mog"](mixture.means, diagonals, mixture.weights)
    whole = gk.GenerativeMetric.of_logs(same, metric.log_lam, metric.log_p0, metric.power)
    graph = gk.knn_graph(problem.points, 10).bridged().weigh(metric)
    rng = np.random.default_rng(0)
    seconds, longer = [], 0
    for _ in range(1 if quick else 3):
        path = gk.geodesic(graph, *rng.choice(len(problem.points), size=2, replace=False))
        took, lengths = [], []
        for under in (metric, whole):
            start = time.process_time()
            lengths.append(gk.refine(path, under).length)
            took.append(time.process_time() - start)
        seconds.append(took)
        longer += lengths[0] > lengths[1] * (1 + 1e-5)
    ours, theirs = np.median(seconds, axis=0)
    bounds, work = BOUNDS["refine_images"], f"{len(problem.points):,} points, d = 784, K = 100"
    return [
        measured("refine_images", f"{work}: median CPU time a path", ours, duration(ours), bounds["time"]),
        measured(
            "refine_images",
            f"{work}: CPU time without the plane over that with it",
            float(np.median([b / a for a, b in seconds])),
            f"×{theirs / ours:.1f}",
            bounds["ratio"],
            f"{longer} longer than without",
            seconds=seconds,
        ),
    ]
