"""Straighten graph paths to smooth geodesics by minimising the discrete energy, coarse to fine, many paths at
a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, overload

import numpy as np

from ..base.scales import check_scale
from ..base.warn import tell
from ..checks import MOST_NODES, as_metric, integer, listed, number
from ..errors import FallbackNotice, InvalidParameter
from ..metric.conformal import ConformalMetric
from ..metric.generative import EuclideanMetric
from ..types import HasScore, Metric, Points, Riemannian, Values
from ..workers.connection import connected
from ..workers.shards import carried_out
from .batched import OUTSIDE, together
from .coarse_to_fine import Descent, Smooth, Start, straightened
from .curve import Geodesic
from .energy import least_energy
from .lengths import measured_together
from .newton import newton_energy
from .planes import plane_of
from .shortcomings import notes_on, say

__all__ = ["refine"]

_STRAIGHT_PIECES = 32  # of a segment that cannot bend
_PLAUSIBLE = 1.5  # times the path's length: a straight segment up to there is tried as well
_HELD = 1 << 27  # numbers that the paths under way may hold: 1 GB
_HELD_A_POINT = 30  # coordinates: ten remembered steps with their slopes, the preconditioner, work space
_MOST_AT_ONCE = 256
_SHARD = 8  # paths that a worker refines side by side
_BY_LBFGS = Descent(
    least_energy, fewest=32, a_piece=2, by_chords=False, steady=partial(least_energy, across=True)
)
# a coarse polygon of secants leaps over folds
_BY_NEWTON = Descent(newton_energy, fewest=64, a_piece=1, by_chords=True)


@overload
def refine(
    geodesic: Geodesic,
    metric: Metric | None = None,
    n_points: int | None = None,
    rtol: float = 1e-6,
    client: Any = None,
) -> Geodesic: ...


@overload
def refine(
    geodesic: Sequence[Geodesic],
    metric: Metric | None = None,
    n_points: int | None = None,
    rtol: float = 1e-6,
    client: Any = None,
) -> list[Geodesic]: ...


def refine(
    geodesic: Geodesic | Sequence[Geodesic],
    metric: Metric | None = None,
    n_points: int | None = None,
    rtol: float = 1e-6,
    client: Any = None,
) -> Geodesic | list[Geodesic]:
    """The smooth geodesic near a path, as a polygon that is never longer than the path it was given. [GG] Def
    2.2.

    The discrete energy 1/2 sum |x_k, x_k+1|^2 / h_k, h_k the pieces' shares of the length, is minimised for N
    = 32, 64, ... pieces, until doubling N changes the length of the spline through the points by less than
    rtol: by preconditioned L-BFGS under a conformal metric, whose pieces are measured at their midpoints; by
    Gauss and Newton's method under any other `Riemannian` one, by its chords, which also certifies a local
    minimum (`certified`). The result is a polygon inscribed in that spline; `error` is the difference of
    their lengths, so `length - error` is the smooth curve's own. Where no such polygon is shorter than the
    path, the path itself is returned.

    It is a local minimum near the path; where the straight segment is at most 1.5 times as long as the path,
    that is relaxed as well, and the shorter curve is taken. Off a saddle it goes down. The density's errors
    are raised with the number of the path.

    Parameters
    ----------
    geodesic : Geodesic or list of Geodesic
        Of the paths in a list each is refined as if it were alone, with one call of the density for all.
    metric : Metric, optional
        By default the path's own.
    n_points : int, optional
        Points of the polygon, 3 or more; by default as many as bring its length within rtol of the spline's.
    rtol : float, default 1e-6
        Relative error of the length, above 0.
    client : dask.distributed.Client or str, optional
        It or a scheduler's address has the workers of a cluster refine the paths of a list.

    Returns
    -------
    Geodesic or list of Geodesic

    Raises
    ------
    InvalidParameter
        Where no metric is known.
    DataError
        Where squares of coordinates do not fit float64: from 4e-121 to 2e120 they do, and under
        EuclideanMetric any will.

    Warns
    -----
    RefinementNotice
        As `notes` of a result do, where it did not converge, found nothing as short as the path given, or has
        more than 5 % of its length outside its `support`.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> paths = [gk.geodesic(graph, 0, 1)]
    >>> [bool(fine.length <= path.length) for fine, path in zip(gk.refine(paths), paths)]
    [True]
    """
    asked = None if n_points is None else integer(n_points, "n_points", least=3, most=MOST_NODES) - 1
    rtol = number(rtol, "rtol", above=0, finite=True)
    paths = listed(geodesic)
    if wrong := [path for path in paths if not isinstance(path, Geodesic)]:
        raise InvalidParameter(
            f"refine takes a Geodesic or a list of them; there is a {type(wrong[0]).__name__}"
        )
    metrics = [_usable(path.metric if metric is None else metric) for path in paths]
    results = [
        Geodesic(p.points, p.pieces, p.indices, m, p.exact, 0.0, support=p.support)
        for p, m in zip(paths, metrics, strict=True)
    ]
    moving = [k for k, path in enumerate(paths) if not np.array_equal(path.points[0], path.points[-1])]
    for one in dict.fromkeys(id(metrics[k]) for k in moving):
        mine = [k for k in moving if id(metrics[k]) == one]
        _say_if_differences(metrics[mine[0]])
        names = None if isinstance(geodesic, Geodesic) else mine
        own = [results[k] for k in mine]
        shared = (own, metrics[mine[0]], asked, rtol, names)
        for k, refined in zip(
            mine, _refined(*shared) if client is None else _refined_there(*shared, client), strict=True
        ):
            results[k] = refined
    say([result.notes for result in results])
    return results[0] if isinstance(geodesic, Geodesic) else results


def _usable(metric: Metric | None) -> Metric:
    if metric is None:
        raise InvalidParameter("the geodesic remembers no metric; give metric=")
    as_metric(metric)
    if not isinstance(metric, (Riemannian, EuclideanMetric)):
        raise InvalidParameter(
            "refine needs a metric that follows geodesic_kit.types.Riemannian, such as GenerativeMetric or "
            f"latent.PullbackMetric; {metric!r} measures edges only"
        )
    return metric


def _say_if_differences(metric: Metric) -> None:
    if isinstance(metric, ConformalMetric) and not isinstance(metric.density, HasScore):
        tell(
            f"{metric.density!r} offers no score, so its gradient is taken by central differences: "
            f"{2 * metric.density.dim} evaluations a point; give score= to gk.as_density",
            FallbackNotice,
        )


def _refined(
    paths: list[Geodesic],
    metric: Metric,
    asked: int | None,
    rtol: float,
    names: list[int] | None,
) -> list[Geodesic]:
    """The paths, whose ends differ, refined under one metric; errors name a path by its number in `names`."""
    segments = [path.points[[0, -1]] for path in paths]
    given = measured_together([path.points for path in paths], metric, names)
    # nothing bends, and no length is squared
    if not isinstance(metric, Riemannian) or metric.dim == 1:
        share = np.linspace(0, 1, (asked or _STRAIGHT_PIECES) + 1)[:, None]
        found = [
            Smooth((1 - share) * segment[:1] + share * segment[1:], None, 0.0, True) for segment in segments
        ]
    else:
        for k, path in enumerate(paths):
            check_scale(
                path.points, "the points of the path" if names is None else f"path {names[k]}: its points"
            )
        direct = _straight_lengths(segments, metric)
        starts = [Start(path.points, float(own.sum())) for path, own in zip(paths, given, strict=True)]
        straight = [Start(segment, own) for segment, own in zip(segments, direct, strict=True)]
        descent = _BY_LBFGS if isinstance(metric, ConformalMetric) else _BY_NEWTON
        plane = plane_of(metric, np.concatenate(segments))
        if plane is not None:
            starts, straight = (
                [Start(plane.within(each.points), each.length) for each in among]
                for among in (starts, straight)
            )
        moving = metric if plane is None else plane.metric
        jobs = (
            straightened(
                start,
                [other] if len(start.points) > 2 and other.length <= _PLAUSIBLE * start.length else [],
                descent,
                asked,
                rtol,
            )
            for start, other in zip(starts, straight, strict=True)
        )
        at_once = int(np.clip(_HELD // (1024 * moving.dim * _HELD_A_POINT), 1, _MOST_AT_ONCE))
        found = together(jobs, moving, at_once, names)
        if plane is not None:
            found = [plane.lifted(smooth, ends) for smooth, ends in zip(found, segments, strict=True)]
    later = [k for k, smooth in enumerate(found) if smooth.pieces is None]
    lengths = {k: smooth.pieces for k, smooth in enumerate(found) if smooth.pieces is not None}
    lengths |= zip(
        later,
        measured_together([found[k].points for k in later], metric, names and [names[k] for k in later]),
        strict=True,
    )
    return [
        _best(path, own, found[k], lengths[k], rtol)
        for k, (path, own) in enumerate(zip(paths, given, strict=True))
    ]


def _straight_lengths(segments: list[Points], metric: Metric) -> list[float]:
    """Length of each segment (2, d), inf where it leaves the metric's domain or crosses what float64 cannot
    hold: then it is no way to begin from.
    """
    try:
        return [float(own.sum()) for own in measured_together(segments, metric, None)]
    except OUTSIDE:
        if len(segments) == 1:
            return [np.inf]
    half = len(segments) // 2
    return _straight_lengths(segments[:half], metric) + _straight_lengths(segments[half:], metric)


def _refined_there(
    paths: list[Geodesic],
    metric: Metric,
    asked: int | None,
    rtol: float,
    names: list[int] | None,
    client: Any,
) -> list[Geodesic]:
    """As `_refined`, by the workers of a cluster."""
    bare = [replace(path, metric=None) for path in paths]
    shards = {start: range(len(paths))[start : start + _SHARD] for start in range(0, len(paths), _SHARD)}
    with connected(client) as cluster:
        found = dict(carried_out(cluster, _shard, (bare, metric, asked, rtol, names), shards))
    fine = [one for start in shards for one in found[start]]
    return [replace(one, metric=metric, support=path.support) for one, path in zip(fine, paths, strict=True)]


def _shard(shared: tuple[Any, ...], rows: range) -> list[Geodesic]:
    """Some of the paths, on a worker; what the caller has already is not sent back."""
    paths, metric, asked, rtol, names = shared
    own = _refined([paths[k] for k in rows], metric, asked, rtol, names and [names[k] for k in rows])
    return [replace(one, support=None) for one in own]


def _best(path: Geodesic, own: Values, found: Smooth, pieces: Values, rtol: float) -> Geodesic:
    """The shorter of the path given, whose pieces have the lengths `own`, and the curve found."""
    length, before = float(pieces.sum()), float(own.sum())
    kept = length > before or not np.isfinite(found.smooth)
    points, pieces, smooth = (
        (path.points, own, np.nan) if kept else (found.points, pieces, found.smooth or length)
    )
    worse = kept and found.smooth > before * (1 + 10 * rtol)
    notes = notes_on(points, pieces, path.support, converged=found.converged or worse, worse=worse)
    error = max(length - smooth, 0.0) if not kept else np.nan
    return Geodesic(
        points,
        pieces,
        path.indices if kept else None,
        path.metric,
        path.exact,
        error,
        notes,
        path.support,
        certified=None if kept else found.certified,
    )
