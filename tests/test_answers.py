"""What plugins' densities answer is read before any cast, at every door; and what they are asked with is not
the caller's own memory.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.base.faults import is_own
from geodesic_kit.density.affine import AffineMap, pull_back
from geodesic_kit.density.answers import lent
from geodesic_kit.errors import GeodesicKitError, NotADensityError

X = np.random.default_rng(0).standard_normal((12, 2))
GRAPH = gk.knn_graph(X, 3)


class Plain:
    """A standard normal; what a test replaces makes it answer wrongly."""

    dim, normalised = 2, True

    def log_prob(self, x: Any) -> Any:
        return -0.5 * np.square(x).sum(axis=-1) - np.log(2 * np.pi)


class Able(Plain):
    """The same with every ability."""

    def score(self, x: Any) -> Any:
        return -x

    def log_prob_and_score(self, x: Any) -> Any:
        return self.log_prob(x), self.score(x)

    def sample(self, n: int, *, seed: int) -> Any:
        return np.random.default_rng(seed).standard_normal((n, 2))

    def leave_one_out(self, x: Any) -> Any:
        return self.log_prob(x)

    def log_prob_upper_bound(self) -> Any:
        return -np.log(2 * np.pi)

    def segment_log_prob(self, points: Any, edges: Any, t: Any) -> Any:
        at = np.atleast_2d(t)[:, :, None]
        return self.log_prob(points[edges[:, :1]] * (1 - at) + points[edges[:, 1:]] * at)

    def segment_breaks(self, points: Any, edges: Any, floor: float) -> Any:
        return np.arange(len(edges)), np.full(len(edges), 0.5)


def answering(base: type, **methods: Any) -> Any:
    return type("Mine", (base,), methods)()


def weigh(density: Any, rule: str = "adaptive") -> Any:
    return GRAPH.weigh(gk.GenerativeMetric(density, lam=0.01, p0=0.05), rule=rule)


def gradient(density: Any) -> Any:
    return gk.GenerativeMetric(density, lam=0.01, p0=0.05).log_factor_gradient(X)


def from_sample(density: Any) -> Any:
    return gk.GenerativeMetric.from_sample(density, X)


def diagnosed(density: Any) -> Any:
    return gk.diagnose(GRAPH.weigh(gk.GenerativeMetric(density, lam=0.01, p0=0.05)))


def estimated(density: Any) -> Any:
    return gk.GenerativeGeodesics(density, n_neighbors=3).fit(X)


WRONG = {
    "a column": (lambda a: a[..., None], "returned shape"),
    "three numbers": (lambda a: np.zeros(3), "returned shape"),
    "one number": (lambda a: 0.0, "returned shape"),
    "complex": (lambda a: a + 1e-3j, "complex128 values"),
    "masked": (lambda a: np.ma.masked_less(a, np.median(a)), "masked"),
    "objects": (lambda a: a.astype(object), "object values"),
    "booleans": (lambda a: a > 0, "bool values"),
    "nothing": (lambda a: None, "object values"),
    "text": (lambda a: a.astype(str), "values"),
    "NaN": (lambda a: a * np.nan, "nan|not finite|NaN"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize(
    ("base", "method", "door"),
    [
        (Plain, "log_prob", weigh),
        (Plain, "log_prob", gradient),
        (Plain, "log_prob", from_sample),
        (Plain, "log_prob", estimated),
        (Able, "log_prob_and_score", gradient),
        (Able, "segment_log_prob", weigh),
        (Able, "leave_one_out", from_sample),
        (Able, "leave_one_out", estimated),
        (Able, "leave_one_out", diagnosed),
        (Able, "sample", diagnosed),
    ],
)
def test_a_wrong_answer_is_named(case: str, base: type, method: str, door: Any) -> None:
    spoil, text = WRONG[case]
    right = getattr(base, method)

    def wrong(self: Any, *args: Any, **keywords: Any) -> Any:
        found = right(self, *args, **keywords)
        return tuple(spoil(part) for part in found) if isinstance(found, tuple) else spoil(np.asarray(found))

    with pytest.raises(NotADensityError, match=rf"Mine\.{method} .*({text})"):
        door(answering(base, **{method: wrong}))


@pytest.mark.parametrize(
    ("breaks", "text"),
    [
        (lambda m: (np.arange(m), np.full(m, 1.7)), "the places 1.7 to 1.7; an edge runs from 0 to 1"),
        (lambda m: (np.arange(m), np.full(m, -0.3)), "the places -0.3"),
        (lambda m: (np.arange(m), np.full(m, np.nan)), "the places nan"),
        (lambda m: (np.arange(m) + 1, np.full(m, 0.5)), "names the edges 1 to"),
        (lambda m: (np.arange(m) - 1, np.full(m, 0.5)), "names the edges -1 to"),
        (lambda m: (np.arange(m) + 0.5, np.full(m, 0.5)), "float64"),
        (lambda m: (np.arange(m), np.full(m - 1, 0.5)), "one? a|each place"),
        (lambda m: np.arange(m), "returned a ndarray"),
    ],
)
def test_breaks_that_are_none_are_named(breaks: Any, text: str) -> None:
    with pytest.raises(NotADensityError, match=rf"Mine\.segment_breaks .*({text})"):
        weigh(answering(Able, segment_breaks=lambda self, points, edges, floor: breaks(len(edges))))
    ends = answering(
        Able,
        segment_breaks=lambda self, points, edges, floor: (
            np.arange(len(edges)),
            np.arange(len(edges)) % 2 * 1.0,
        ),
    )
    # the ends break nothing
    np.testing.assert_allclose(weigh(ends).weights, weigh(Plain()).weights, rtol=1e-6)


@pytest.mark.parametrize("bad", ["shape", "negative", "NaN", "range"])
def test_panels_that_are_none_are_named(bad: str) -> None:
    class Mine(Able):
        def panels(self, points: Any, law: Any) -> Any:
            def prepare(edges: Any) -> Any:
                def panels(edge: Any, start: Any, stop: Any) -> Any:
                    value = {
                        "shape": np.ones((len(edge), 1)),
                        "negative": start - stop,
                        "NaN": start * np.nan,
                    }.get(bad, stop - start)
                    return value, np.zeros(len(edge)), 1.0 if bad == "range" else 0.0, 0.0

                def means(nodes: Any, weights: Any) -> Any:
                    value, _, low, high = panels(edges[:, 0], np.zeros(len(edges)), np.ones(len(edges)))
                    return value, low, high

                panels.means = means  # type: ignore[attr-defined]
                panels.breaks = lambda floor: (np.empty(0, dtype=int), np.empty(0))  # type: ignore[attr-defined]
                return panels

            return prepare

    with pytest.raises(NotADensityError, match=r"Mine\.panels"):
        weigh(Mine())
    with pytest.raises(NotADensityError, match=r"Mine\.panels"):
        weigh(Mine(), rule="trapezoid")


def test_a_bound_that_the_edges_exceed_is_named() -> None:
    with pytest.raises(
        NotADensityError, match="log_prob_upper_bound says that log p exceeds -3 nowhere, and"
    ):
        weigh(answering(Able, log_prob_upper_bound=lambda self: -3.0))
    assert weigh(answering(Able, log_prob_upper_bound=lambda self: np.inf)).metric.lower_bound() == 0.0


@pytest.mark.parametrize("bound", [np.nan, -np.inf, 1 + 1j, "0.3", [0.0], None])
def test_a_bound_that_is_none_is_named(bound: Any) -> None:
    with pytest.raises(NotADensityError, match=r"Mine\.log_prob_upper_bound returned"):
        gk.GenerativeMetric(
            answering(Able, log_prob_upper_bound=lambda self: bound), lam=0.01, p0=0.05
        ).lower_bound()


def spoiling(method: Any) -> Any:
    def spoils(self: Any, x: Any, *args: Any) -> Any:
        found = method(self, x, *args)
        x[...] = 7.0
        return found

    return spoils


@pytest.mark.parametrize("door", [weigh, gradient, from_sample, diagnosed, estimated])
@pytest.mark.parametrize("base", [Plain, Able])
def test_a_density_that_writes_into_its_input_harms_nobody(base: type, door: Any) -> None:
    before, of_graph = X.copy(), GRAPH.points.copy()
    methods = [
        name for name in ("log_prob", "score", "log_prob_and_score", "leave_one_out") if hasattr(base, name)
    ]
    honest = answering(base)
    for name in methods:  # what one method takes, another must not have spoilt
        door(answering(base, **{name: spoiling(getattr(base, name))}))
    assert np.array_equal(X, before)
    assert np.array_equal(GRAPH.points, of_graph)
    careless = answering(
        base,
        **{
            name: spoiling(getattr(base, name))
            for name in ("log_prob", "leave_one_out")
            if hasattr(base, name)
        },
    )
    if base is Plain:
        np.testing.assert_array_equal(weigh(careless).weights, weigh(honest).weights)


def test_a_density_that_writes_into_lent_points_is_named() -> None:
    for method in ("segment_log_prob", "segment_breaks"):
        with pytest.raises(
            NotADensityError,
            match=rf"Mine\.{method} writes into the arrays that it is "
            r"given",
        ):
            weigh(answering(Able, **{method: spoiling(getattr(Able, method))}))


@pytest.mark.parametrize("method", ["segment_log_prob", "segment_breaks", "panels"])
@pytest.mark.parametrize("few", [False, True])
@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_a_density_that_writes_through_torch_leaves_the_callers_arrays(method: str, few: bool) -> None:
    torch = pytest.importorskip("torch")

    class Mine(Able):
        pass

    def writes(self: Any, points: Any, *args: Any) -> Any:
        found = None if method == "panels" else getattr(Able, method)(self, points, *args)
        torch.from_numpy(points).fill_(7.0)
        if args and isinstance(args[0], np.ndarray):
            torch.from_numpy(args[0]).fill_(0)
        return found

    setattr(Mine, method, writes)
    points, edges = X.copy(), np.array(GRAPH.edges[:2] if few else GRAPH.edges)
    before = points.copy(), edges.copy()
    metric = gk.GenerativeMetric(Mine(), log_lam=-40.0, log_p0=-36.0)
    for measure in (lambda: metric.edge_lengths(points, edges), lambda: GRAPH.weigh(metric)):
        with contextlib.suppress(GeodesicKitError):  # of points that it has spoilt
            measure()
    np.testing.assert_array_equal(points, before[0])
    np.testing.assert_array_equal(edges, before[1])
    np.testing.assert_array_equal(GRAPH.points, X)


def test_what_is_the_kits_own_is_decided_by_one_rule() -> None:
    class Mine(type(gk.densities["mog"](means=X, covariances=1.0))):  # type: ignore[misc]
        pass

    own, foreign = gk.densities["mog"](means=X, covariances=1.0), Mine(means=X, covariances=1.0)
    halved = AffineMap(lambda x: x / 2, lambda z: 2 * z, np.full(2, 0.5))
    for density, is_ours in (
        (own, True),
        (foreign, False),
        (pull_back(own, halved), True),
        (pull_back(foreign, halved), False),
    ):
        assert is_own(density) is is_ours
        assert (lent(X, density) is X) is is_ours


def test_only_anothers_bound_is_held_against_its_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    own = gk.densities["mog"](means=X, covariances=1.0)
    monkeypatch.setattr(type(own), "log_prob_upper_bound", lambda self: asked.append(self) or 0.0)
    GRAPH.weigh(gk.GenerativeMetric(own, lam=0.01, p0=0.05))
    assert not asked
    foreign = answering(Able, log_prob_upper_bound=lambda self: asked.append(self) or 0.0)
    GRAPH.weigh(gk.GenerativeMetric(foreign, lam=0.01, p0=0.05))
    assert asked == [foreign]


def test_a_fit_that_writes_into_its_input_leaves_the_callers_points() -> None:
    class Fitted(Plain):
        @classmethod
        def fit(cls, x: Any, *, seed: int) -> Any:
            x -= x.mean(axis=0)
            return cls()

    before = X.copy()
    gk.GenerativeGeodesics(Fitted, n_neighbors=3).fit(X)
    assert np.array_equal(X, before)
