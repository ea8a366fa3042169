"""Many paths refined at a time: as if alone, in order, and an error that names its path."""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import FallbackNotice, InvalidParameter, NotADensityError

MIXTURE = gk.densities["mog"]([[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]], [0.1, 0.2, 0.1], [0.5, 0.3, 0.2])
METRIC = gk.GenerativeMetric(MIXTURE, lam=0.02, p0=0.1)


def polygon(points: object, metric: object = METRIC) -> gk.Geodesic:
    points = np.asarray(points, dtype=float)
    steps = np.stack([np.arange(len(points) - 1), np.arange(1, len(points))], axis=1)
    return gk.geodesic(gk.Graph(points, steps).weigh(metric), 0, len(points) - 1)


def some_paths(n: int) -> list[gk.Geodesic]:
    rng = np.random.default_rng(0)
    return [polygon(rng.normal(size=(int(rng.integers(2, 6)), 2))) for _ in range(n)]


def test_each_as_if_alone_and_in_order() -> None:
    paths = some_paths(12)
    together = gk.refine(paths)
    for path, fine in zip(paths, together, strict=True):
        assert fine.length == pytest.approx(gk.refine(path).length, rel=1e-9)
        np.testing.assert_array_equal(fine.points[[0, -1]], path.points[[0, -1]])
    backwards = gk.refine(paths[::-1], n_points=17)
    forwards = gk.refine(paths, n_points=17)
    assert [p.length for p in backwards] == pytest.approx([p.length for p in forwards[::-1]], rel=1e-9)


def test_how_many_paths_and_points_go_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import geodesic_kit.geodesics.batched as calls
    import geodesic_kit.geodesics.refine as room

    paths = some_paths(9)
    wide = [fine.length for fine in gk.refine(paths)]
    monkeypatch.setattr(room, "_MOST_AT_ONCE", 2)
    assert [fine.length for fine in gk.refine(paths)] == pytest.approx(wide, rel=1e-9)
    monkeypatch.setattr(calls, "_CALL", 200)
    assert [fine.length for fine in gk.refine(paths)] == pytest.approx(wide, rel=1e-9)


def test_a_density_is_called_as_often_for_many_paths_as_for_the_longest_lasting_one() -> None:
    class Counting:
        dim, normalised, calls = 2, True, 0

        def log_prob(self, x: np.ndarray) -> np.ndarray:
            type(self).calls += 1
            return MIXTURE.log_prob(x)

        def score(self, x: np.ndarray) -> np.ndarray:
            type(self).calls += 1
            return MIXTURE.score(x)

        def log_prob_and_score(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            type(self).calls += 1
            return MIXTURE.log_prob_and_score(x)

    metric = gk.GenerativeMetric(Counting(), lam=0.02, p0=0.1)
    alone = []
    paths = some_paths(20)
    for path in paths:
        before = Counting.calls
        gk.refine(path, metric)
        alone.append(Counting.calls - before)
    before = Counting.calls
    gk.refine(paths, metric)
    assert Counting.calls - before <= 2 * max(alone)  # asks with and without a gradient fall apart in time
    assert Counting.calls - before < sum(alone) / 5


def test_sensible_results_for_none_for_twins_and_for_equal_ends() -> None:
    assert gk.refine([]) == []
    path, still = polygon([[-1.0, 0.0], [0.0, 0.5], [1.0, 0.0]]), polygon([[0.0, 0.0], [1.0, 0.0]])
    still = gk.Geodesic(still.points[[0, 0]], np.zeros(1), metric=METRIC)
    one = gk.Geodesic(still.points[:1], np.empty(0), metric=METRIC)
    a, zero, b, none = gk.refine([path, still, path, one])
    np.testing.assert_array_equal(a.points, b.points)
    assert zero.length == none.length == 0
    assert gk.refine((path,))[0].length == pytest.approx(a.length, rel=1e-12)


def test_paths_of_several_metrics() -> None:
    flat = polygon([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]], gk.EuclideanMetric())
    path = polygon([[-1.0, 0.0], [0.0, 0.5], [1.0, 0.0]])
    mixed = gk.refine([path, flat, path])
    assert mixed[1].length == pytest.approx(2.0, rel=1e-12)
    assert mixed[0].length == mixed[2].length == gk.refine(path).length


def test_an_error_names_its_path_and_hangs_nobody() -> None:
    def log_p(x: np.ndarray) -> np.ndarray:
        return np.where(x[:, 0] > 5, np.nan, -0.5 * np.square(x).sum(axis=1))

    metric = gk.GenerativeMetric(gk.as_density(log_p, dim=2, score=lambda x: -x), lam=0.1, p0=0.1)
    good = polygon([[0.0, 0.0], [1.0, 0.5], [1.0, 1.0]], metric)
    bad = gk.Geodesic(np.array([[0.0, 0.0], [6.0, 0.0]]), np.ones(1), metric=metric)
    with pytest.raises(NotADensityError, match=r"^path 2: log p of"):
        gk.refine([good, good, bad, good])
    with pytest.raises(NotADensityError, match=r"^log p of"):
        gk.refine(bad)

    class Failing:
        dim, normalised = 2, True

        def log_prob(self, x: np.ndarray) -> np.ndarray:
            return MIXTURE.log_prob(x)

        def score(self, x: np.ndarray) -> np.ndarray:
            if (x[:, 0] > 5).any():
                raise RuntimeError("the device is gone")
            return MIXTURE.score(x)

    metric = gk.GenerativeMetric(Failing(), lam=0.1, p0=0.1)
    paths = [gk.Geodesic(path.points, path.pieces, metric=metric) for path in (good, bad, good)]
    with pytest.raises(RuntimeError, match="the device is gone") as caught:
        gk.refine(paths)
    assert caught.value.__notes__ == ["path 1"]
    with pytest.raises(InvalidParameter, match="a Geodesic or a list of them; there is a str"):
        gk.refine([good, "path"])  # type: ignore[list-item]


def test_a_trial_step_out_of_the_domain_is_that_paths_own_affair() -> None:
    bare = gk.as_density(lambda x: np.log(x[:, 1]), dim=2)  # NaN below the axis
    metric = gk.GenerativeMetric(bare, log_lam=-np.inf, p0=1.0)
    paths = [polygon([[-1.0, 0.02], [0.0, 0.03 + 0.1 * k], [1.0, 0.02]], metric) for k in range(3)]
    with np.errstate(invalid="ignore"), pytest.warns(FallbackNotice) as notices:
        found = gk.refine(paths)
    assert len(notices) == 1
    exact = np.arccosh(1 + 4 / (2 * 0.02**2))
    assert [fine.length for fine in found] == pytest.approx([exact] * 3, rel=2e-6)
