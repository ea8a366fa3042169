"""The scikit-learn face: an estimator whose output is the matrix of geodesic distances."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.copies import first_alike
from ..base.limited import small_work
from ..base.warn import tell
from ..checks import as_float_type, as_metric, index, integer, number
from ..checks.memory import within
from ..errors import ComponentsNotice, DataError, InvalidParameter, MissingPlugin
from ..geodesics.between import geodesic
from ..geodesics.curve import Geodesic
from ..metric.rules import Rule, as_rule
from ..paths.distances import distances
from ..paths.landmarks import landmarks
from ..paths.out_of_sample import distances_of_new
from ..registry import solvers
from ..types import Metric, Solver
from .defaults import default_graph, default_metric, fitted_density

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted

    from .sklearn_rules import fitted_to, seed_of, settings, validated
except ImportError as err:
    raise MissingPlugin(
        "GenerativeGeodesics needs scikit-learn 1.6: pip install 'geodesic-kit[learn]'", name="sklearn"
    ) from err

__all__ = ["GenerativeGeodesics"]

_A_VERTEX = 2048  # bytes of its edges and of what integrates them, measured
_A_SEARCH = 13_000  # bytes a vertex while its neighbours are chosen, before there are distances, measured
_ADVICE = (
    "give n_landmarks=, fit fewer points, or ask a graph, such as gk.knn_graph(x, k=8).weigh(metric), "
    "for some rows at a time: gk.distances(graph, sources=), which also takes dtype=np.float32 and "
    "out=np.memmap(...)"
)


class GenerativeGeodesics(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Geodesic distances of a learned density as a scikit-learn transformer: points (n, d) become distances
    (m, n). [GG] §2.2.

    `fit_transform(X)` gives all pairs of X, in the units of X times c, for any estimator that takes
    metric="precomputed": where no rows are equal, `distances_` itself, which is read-only.
    `transform(X_new)` goes from a new point x to a training point i through x's own neighbours j,
    min_j w(x, j) + D_ji: new points never lead to each other, so a row is the same in any batch, and
    `transform(X)` equals `fit_transform(X)`.

    Distances are in the units of X: where its columns are different quantities (grams beside millimetres, a
    time in seconds), the one with the largest numbers decides who is near whom, and
    `make_pipeline(StandardScaler(), GenerativeGeodesics())` is what is meant. Columns of one unit (places,
    pixels, a latent space) are left as they are. `gk.diagnose(fitted)` names columns whose units rule.

    Parameters
    ----------
    density : Any, default "mog"
        A plugin's name or class, or an unfitted scikit-learn density, fitted to X; else a ready density or a
        callable log p. `sklearn.base.clone`, and so a search, forgets what an estimator has fitted:
        `gk.as_density(fitted)` stays as it is.
    n_neighbors : int, optional
        Join each point to so many nearest.
    radius : float, optional
        Join each point to all nearer than that instead, in the units of X. Without both the graph is chosen
        from X and connected by bridges; one that is asked for is taken as it is, inf across its components.
    lam : float, optional
        Density, 1 / length^d, of c = ((p0 + lam) / (p + lam))^power; by default the 2 % quantile of p over X
        or p0 / 1,000, whichever is less.
    p0 : float, optional
        Density, 1 / length^d; by default the median of p over X.
    power : float or "auto", default "auto"
        "auto" is 1, or where p over X spans more than a thousand the exponent under which it does not.
    solver : str or Solver, default "auto"
        A name of gk.solvers, an instance, or "auto".
    random_state : int, RandomState or None, default None
        Seeds the density's fit and the landmarks; a RandomState is drawn from, None is NumPy's global one.
    n_jobs : int, optional
        Threads of the kit's kernels, of BLAS and OpenMP; None leaves them to OMP_NUM_THREADS, else all cores.
        -1 is all cores. Results do not depend on it.
    metric : Metric, optional
        Such as gk.latent.PullbackMetric(model) for latent points, in place of density, lam, p0 and power.
    n_landmarks : int, optional
        Distances to so many landmarks, (m, k), in place of all pairs, for more rows than these fit; `solver`
        then is for paths alone.
    rule : str or Rule, default "adaptive"
        How edges are measured, as `Graph.weigh` has it: "adaptive", "trapezoid", or a rule of `metric.rules`;
        Adaptive(1e-3, max_evaluations=10**6) bounds what a costly density is asked.
    rtol : float, optional
        Relative error of "adaptive", 1e-6 by default.
    dtype : {"float64", "float32"}, default "float64"
        float32 is for distances of half the memory.

    Attributes
    ----------
    density_ : Density
        None where the metric has none.
    metric_ : Metric
    graph_ : Graph
        Weighed. Rows of X that are equal share one of its v vertices.
    vertices_ : int array (n,)
        The vertex of each row of X.
    distances_ : array (v, v) or (v, k)
        Distances of the vertices, or to the landmarks, read-only.
    landmarks_ : Landmarks
        The `gk.landmarks` of the graph, None without n_landmarks.
    n_components_ : int
        Components of the graph, 1 by default.
    component_labels_ : int array (n,)
        Component of each row of X, by falling size.
    bridges_ : int array (b, 2)
        Pairs of vertices joined across gaps.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : array (d,)
        Their names, where they have any.

    Raises
    ------
    InvalidParameter, UnknownPlugin, TooLittleMemoryError
        When fitted, as all these.
    DataError
        Where all rows are equal or some are masked.
    ValueError
        scikit-learn's, on NaN, fewer than two rows and such.

    Warns
    -----
    ComponentsNotice
        Where distances are inf.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> D = gk.GenerativeGeodesics(random_state=0).fit_transform(x)
    >>> D.shape
    (400, 400)
    """

    def __init__(
        self,
        density: Any = "mog",
        n_neighbors: int | None = None,
        radius: float | None = None,
        lam: float | None = None,
        p0: float | None = None,
        power: float | str = "auto",
        solver: str | Solver = "auto",
        random_state: Any = None,
        n_jobs: int | None = None,
        metric: Metric | None = None,
        n_landmarks: int | None = None,
        rule: str | Rule = "adaptive",
        rtol: float | None = None,
        dtype: Any = "float64",
    ) -> None:
        self.density = density
        self.n_neighbors = n_neighbors
        self.radius = radius
        self.lam = lam
        self.p0 = p0
        self.power = power
        self.solver = solver
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.metric = metric
        self.n_landmarks = n_landmarks
        self.rule = rule
        self.rtol = rtol
        self.dtype = dtype

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn density, metric, graph and all distances from X (n, d); y is ignored."""
        self._learn(X)
        self._tell_of_components()
        return self

    def fit_transform(self, X: ArrayLike, y: Any = None) -> NDArray[Any]:
        """Distances of all pairs of X, (n, n), 0 between equal rows, or to the landmarks, (n, k), read-only
        where no rows are equal; y is ignored. Raises and warns as `fit`.
        """
        self._learn(X, again=True)
        self._tell_of_components()
        if len(self.vertices_) == self.graph_.n:
            return self.distances_
        if self.landmarks_ is not None:
            return self.distances_[self.vertices_]
        return self.distances_[np.ix_(self.vertices_, self.vertices_)]

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Distances (m, n) from new points X (m, d) to the points of `fit`, or (m, k) to the landmarks, inf
        for one that no point is near.

        Raises NotFittedError, ValueError and TooLittleMemoryError; warns ComponentsNotice where a point has
        no neighbour within `radius`.
        """
        check_is_fitted(self)
        with settings(self.n_jobs):
            points = validated(self, X, reset=False)
            out = distances_of_new(self.graph_, self.distances_, points)
        alone = np.flatnonzero(np.isinf(out).all(axis=1))
        if len(alone):
            tell(
                f"{len(alone)} new point(s) have no neighbour within radius={self.radius}, the first is row "
                f"{alone[0]}; their distances are inf: give a larger radius=, or n_neighbors=",
                ComponentsNotice,
            )
        every = self.landmarks_ is not None or len(self.vertices_) == self.graph_.n
        return out if every else out[:, self.vertices_]

    def path(self, i: int, j: int) -> Geodesic:
        """The shortest path between the rows i and j of the training points, of no length where these are
        equal.

        Its `indices` are vertices of `graph_`. `gk.refine` straightens it. Raises NotFittedError,
        InvalidParameter, DisconnectedError.
        """
        check_is_fitted(self)
        i, j = (
            int(self.vertices_[index(row, name, len(self.vertices_))]) for row, name in ((i, "i"), (j, "j"))
        )
        with settings(self.n_jobs):
            return geodesic(self.graph_, i, j, solver=self.solver)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "graph_")  # a fit that was refused leaves n_features_in_ behind

    def _learn(self, X: ArrayLike, again: bool = False) -> None:
        """Fit to X (n, d) where memory holds the distances of its vertices, and `again` those of its rows."""
        with settings(self.n_jobs):
            points = validated(self, X, ensure_min_samples=2)
            self._refuse_early()
            kept, vertices = np.unique(first_alike(points), return_inverse=True)
            if len(kept) < 2:
                raise DataError(
                    f"all {len(points)} rows of X are one point, so there is neither a density "
                    "to learn nor a distance"
                )
            wide, k = (len(kept), len(points)), self.n_landmarks
            if k is not None:
                wide = (integer(k, "n_landmarks", least=1, most=len(kept)),) * 2
            kind = as_float_type(self.dtype)
            second = len(points) * wide[1] if again and len(kept) < len(points) else 0
            needed = (kind.itemsize * wide[0] + _A_VERTEX) * len(kept) + float(kind.itemsize) * second
            needed = max(needed, _A_SEARCH * len(kept))
            what = "of all pairs" if k is None else f"to {k} landmarks"
            with within(needed, f"distances {what} of {len(points):,} points", _ADVICE):
                with nullcontext() if self.n_jobs is not None else small_work(points.size):
                    graph = default_graph(points[kept], self.n_neighbors, self.radius)
                    if (metric := self.metric) is None:
                        seed = seed_of(self.random_state)
                        density = fitted_density(points, fitted_to(points, self.density, seed), seed)
                        metric = default_metric(density, points, self.lam, self.p0, self.power)
                    graph = graph.weigh(metric, self.rule, rtol=self.rtol)
                if k is None:
                    among, marks = distances(graph, solver=self.solver, dtype=kind), None
                else:
                    marks = landmarks(graph, k, seed_of(self.random_state), kind)
                    among, graph = marks.distances, marks.graph
        among.flags.writeable = False
        labels = graph.components()
        self.density_, self.metric_, self.graph_ = getattr(metric, "density", None), metric, graph
        self.vertices_, self.distances_ = vertices, among
        self.landmarks_ = marks
        self.n_components_, self.component_labels_ = int(labels.max()) + 1, labels[vertices]
        self.bridges_ = np.empty((0, 2), dtype=np.int64) if graph.bridges is None else graph.bridges
        self._n_features_out = len(points) if marks is None else among.shape[1]

    def _refuse_early(self) -> None:
        """Tell of a wrong parameter before minutes of fitting. Raises InvalidParameter and UnknownPlugin."""
        for name in ("radius", "lam", "p0"):
            if getattr(self, name) is not None:
                number(getattr(self, name), name, above=0, finite=True)
        if not (isinstance(self.power, str) and self.power == "auto"):
            number(self.power, "power", above=0, finite=True)
        if isinstance(self.solver, str) and self.solver != "auto":
            _ = solvers[self.solver]
        as_rule(self.rule, rtol=self.rtol)
        as_float_type(self.dtype)
        if self.metric is not None:
            as_metric(self.metric)
            default = type(self)()
            names = ("density", "lam", "p0", "power")
            if given := [name for name in names if getattr(self, name) is not getattr(default, name)]:
                raise InvalidParameter(f"metric= is given, so leave {', '.join(given)} as they are")

    def _tell_of_components(self) -> None:
        if self.n_components_ > 1:
            tell(
                f"the graph over X falls into {self.n_components_} components, between which the distance "
                "is inf: give a larger n_neighbors= or radius=, or neither for a connected graph",
                ComponentsNotice,
            )
