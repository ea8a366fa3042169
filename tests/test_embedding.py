"""Embedding: classical scaling exact where distances are Euclidean, t-SNE by seed, components, separability,
errors.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist, squareform

import geodesic_kit as gk
from geodesic_kit.applications import embedding
from geodesic_kit.applications.scaling import classical_mds
from geodesic_kit.base import torgerson
from geodesic_kit.errors import ComponentsNotice, DataError, InvalidParameter, MissingPlugin
from geodesic_kit.paper.experiments import embedding_seeds
from geodesic_kit.paper.experiments.embedding_seeds import embedded, fraction, over_seeds

pytest.importorskip("sklearn")


def cloud(n: int, dim: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dim)) * np.arange(dim, 0, -1)


def blobs(sizes: tuple[int, ...], apart: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Round blobs along a diagonal, and their labels."""
    y = np.repeat(np.arange(len(sizes)), sizes)
    return cloud(len(y), seed=seed) + apart * y[:, None], y


def split(D: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.where(y[:, None] == y, D, np.inf)


# --- classical scaling


@pytest.mark.parametrize(("n", "dim"), [(2, 1), (3, 2), (40, 2), (40, 3), (40, 7)])
def test_scaling_is_exact_on_euclidean_distances(n: int, dim: int) -> None:
    D = cdist(*[cloud(n, dim)] * 2)
    found = classical_mds(D, dim)
    np.testing.assert_allclose(cdist(found.points, found.points), D, atol=1e-9 * D.max())
    assert (found.share, found.negative) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert (np.diff(found.eigenvalues) <= 0).all()


def test_scaling_keeps_duplicates_together_and_cut_dimensions_show_in_its_share() -> None:
    x = np.repeat(cloud(10, 3), 2, axis=0)
    D = cdist(x, x)
    full, flat = classical_mds(D, 3), classical_mds(D, 2)
    np.testing.assert_allclose(full.points[::2], full.points[1::2], atol=1e-9)
    np.testing.assert_allclose(flat.points, full.points[:, :2], atol=1e-9)
    assert flat.share == pytest.approx(flat.eigenvalues.sum() / full.eigenvalues.sum())
    assert repr(flat).startswith(
        f"Scaling(20 points in 2 dimensions, {100 * flat.share:.0f} % of the positive spectrum, 0 % "
    )


def test_more_dimensions_than_the_points_span_stay_zero() -> None:
    line = np.array([[0.0], [1.0], [5.0]])
    found = classical_mds(cdist(line, line), 4)
    assert found.points.shape == (3, 4)
    assert not found.points[:, 1:].any()
    assert found.share == pytest.approx(1)


def test_distances_that_no_euclidean_space_holds_are_scaled_and_say_so() -> None:
    star = squareform([2.0, 2.0, 1.0, 2.0, 1.0, 1.0])  # three leaves and their middle: a negative eigenvalue
    found = classical_mds(star, 3)
    assert found.share == pytest.approx(1)
    assert found.negative == pytest.approx(1 / 17)
    assert (found.eigenvalues[2:] == 0).all()
    assert np.isfinite(found.points).all()


def test_scaling_follows_the_order_of_the_points_and_the_unit() -> None:
    x = cloud(30)
    D, order = cdist(x, x), np.random.default_rng(1).permutation(30)
    z = classical_mds(D).points
    np.testing.assert_allclose(classical_mds(D[np.ix_(order, order)]).points, z[order], atol=1e-9)
    for unit in (1e-120, 1e120):
        np.testing.assert_allclose(classical_mds(D * unit).points, z * unit, rtol=1e-6, atol=1e-9 * unit)
    assert np.array_equal(gk.embed(D, method="mds"), gk.embed(D, method="mds", seed=5))


def test_the_partial_solver_agrees_with_the_dense_one(monkeypatch: pytest.MonkeyPatch) -> None:
    D = cdist(*[cloud(120, 4)] * 2)
    dense = classical_mds(D, 2)
    monkeypatch.setattr(torgerson, "_DENSE", 50)
    partial = classical_mds(D, 2)
    np.testing.assert_allclose(partial.points, dense.points, atol=1e-8)
    assert partial.share == pytest.approx(dense.share)


def test_coinciding_points_scale_to_the_origin() -> None:
    found = classical_mds(np.zeros((4, 4)))
    assert not found.points.any()
    assert found.share == 1


# --- t-SNE


@pytest.mark.parametrize("backend", ["sklearn", "opentsne"])
def test_tsne_depends_on_distances_seed_and_nothing_else(backend: str) -> None:
    if backend == "opentsne":
        pytest.importorskip("openTSNE")
    x, y = blobs((30, 30), 20)
    D = cdist(x, x)
    state = np.random.get_state()[1].copy()  # noqa: NPY002  # that the global state stays alone is the test
    z = gk.embed(D, seed=3, backend=backend, iterations=300)
    assert z.shape == (60, 2)
    assert z.dtype == np.float64
    assert np.array_equal(z, gk.embed(D, seed=3, backend=backend, iterations=300))
    assert np.array_equal(z, gk.embed(1024 * D, seed=3, backend=backend, iterations=300))  # t-SNE has no unit
    assert not np.allclose(z, gk.embed(D, seed=4, backend=backend, iterations=300))
    assert gk.linear_separability(z, y) == 1
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_auto_is_scikit_learn_for_few_points_and_opentsne_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    D = cdist(*[cloud(40)] * 2)
    assert np.array_equal(gk.embed(D, iterations=250), gk.embed(D, iterations=250, backend="sklearn"))
    monkeypatch.setattr(embedding, "_installed", lambda name: True)
    assert [embedding._engine("auto", n, dim) for n, dim in ((5000, 2), (5001, 2), (5001, 3))] == [
        "sklearn",
        "opentsne",
        "sklearn",
    ]
    monkeypatch.setattr(embedding, "_installed", lambda name: name == "sklearn")
    assert embedding._engine("auto", 5001, 2) == "sklearn"


def test_permuted_points_are_embedded_as_well() -> None:
    x, y = blobs((25, 35), 20)
    order = np.random.default_rng(0).permutation(60)
    z = gk.embed(cdist(x[order], x[order]), iterations=300)
    assert gk.linear_separability(z, y[order]) == 1


@pytest.mark.parametrize(("n", "dim"), [(2, 2), (3, 1), (10, 3), (12, 4)])
def test_few_points_and_other_dimensions(n: int, dim: int) -> None:
    z = gk.embed(cdist(*[cloud(n)] * 2), dim=dim, iterations=250)
    assert z.shape == (n, dim)
    assert np.isfinite(z).all()


def test_points_on_a_line_and_duplicates_leave_the_line() -> None:
    x = np.repeat(np.linspace(0, 1, 30), 2)[:, None]
    z = gk.embed(cdist(x, x), iterations=300)
    assert np.linalg.matrix_rank(z - z.mean(axis=0), tol=1e-2) == 2
    assert np.isfinite(gk.embed(np.zeros((8, 8)), iterations=250)).all()


# --- components


@pytest.mark.parametrize("backend", ["sklearn", "opentsne"])
def test_tsne_keeps_components_apart_however_small(backend: str) -> None:
    if backend == "opentsne":
        pytest.importorskip("openTSNE")
    x, y = blobs((40, 12, 2, 1), 0.5)  # on top of each other, so that only inf tells them apart
    D = split(cdist(x, x), y)
    with pytest.warns(
        ComponentsNotice, match="4 components of 40, 12, 2 and 1 points: t-SNE has no affinity across them"
    ):
        z = gk.embed(D, backend=backend, iterations=300)
    assert np.isfinite(z).all()
    large = y < 2
    assert gk.linear_separability(z[large], y[large]) == 1
    assert np.linalg.norm(z[52] - z[53]) < 0.1 * np.linalg.norm(z[52] - z[:52], axis=1).min()


def test_scaled_components_lie_side_by_side_each_as_if_alone() -> None:
    x, y = blobs((20, 9, 1, 2), 0.0)
    D = split(cdist(x, x), y)
    with pytest.warns(
        ComponentsNotice, match="4 components of 20, 9, 2 and 1 points: they are scaled one by one"
    ):
        z = gk.embed(D, method="mds")
    np.testing.assert_allclose(cdist(z, z)[np.isfinite(D)], D[np.isfinite(D)], atol=1e-9)
    spans = [(z[y == c, 0].min(), z[y == c, 0].max()) for c in (0, 1, 3, 2)]  # by falling size
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    with pytest.warns(ComponentsNotice):
        lone = gk.embed(np.where(np.eye(3) > 0, 0, np.inf), method="mds")
    assert len(np.unique(lone[:, 0])) == 3


def test_only_lone_points_are_embedded_too() -> None:
    for backend in ("sklearn", "opentsne"):
        with pytest.warns(ComponentsNotice):
            assert np.isfinite(
                gk.embed(np.where(np.eye(5) > 0, 0, np.inf), iterations=250, backend=backend)
            ).all()


# --- separability


def test_separability_is_the_share_that_straight_lines_get_right() -> None:
    x, y = blobs((30, 30, 30), 50)
    assert gk.linear_separability(x, y) == 1
    assert gk.linear_separability(1e6 + 1e-3 * x, y) == 1
    ring = (
        np.stack([np.cos(np.arange(60)), np.sin(np.arange(60))], axis=1) * np.repeat([1.0, 3.0], 30)[:, None]
    )
    assert gk.linear_separability(ring, np.repeat([0, 1], 30)) < 0.8
    assert gk.linear_separability(cloud(200), np.arange(200) % 2) == pytest.approx(0.5, abs=0.15)
    assert gk.linear_separability(x, np.array(["a", "b", "c"])[y], folds=2, seed=1) == 1
    assert gk.linear_separability(x, np.array([0.5, 1.5, 2.5])[y]) == 1
    assert gk.linear_separability(x * [1e-300, 1e300], y) == 1


@pytest.mark.parametrize(
    ("y", "options", "match"),
    [
        ([0, 1], {}, "labels have shape"),
        ([0] * 6, {}, "all 6 points are of class 0"),
        ([0, 0, 0, 0, 0, 1], {}, r"class 1 has 1 member\(s\), folds=5"),
        ([0, 0, 0, 1, 1, 1], {"folds": 1}, "folds=1"),
        ([0, 0, 0, 1, 1, 1], {"seed": 2**32}, "seed=4294967296"),
        ([0, 0, 0, None, None, None], {}, "labels cannot be read or compared"),
        ([[0], [0], [0], [1], [1], [1, 2]], {}, "labels cannot be read: row 4 has 1"),
    ],
)
def test_labels_that_cannot_be_judged(y: list[Any], options: dict[str, int], match: str) -> None:
    with pytest.raises((DataError, InvalidParameter), match=match):
        gk.linear_separability(cloud(6), y, **options)


# --- figures


def test_an_embedding_is_drawn_without_units() -> None:
    pytest.importorskip("seaborn")
    import matplotlib.pyplot as plt

    z, y = blobs((9, 9), 5)
    ax = gk.plots.embedding(z, y, name="MDS")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()) == ("MDS 1", "MDS 2", 1.0)
    assert not ax.get_xticks().size
    assert [len(group.get_offsets()) for group in ax.collections] == [9, 9]
    with pytest.raises(DataError, match=r"these are in R\^3"):
        gk.plots.embedding(np.zeros((4, 3)))
    plt.close("all")


# --- errors


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"method": "umap"}, "method='umap'; there are tsne, mds"),
        ({"backend": "cuml"}, "backend='cuml'; there are auto, sklearn, opentsne"),
        ({"perplexity": 10}, "perplexity=10 needs more than 10 points, there are 10"),
        ({"perplexity": 0.5}, "perplexity=0.5"),
        ({"dim": 0}, "dim=0"),
        ({"seed": -1}, "seed=-1"),
        ({"iterations": 10}, "iterations=10"),
        ({"backend": "opentsne", "dim": 3}, "one or two dimensions"),
    ],
)
def test_parameters_that_cannot_be(options: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidParameter, match=match):
        gk.embed(cdist(*[cloud(10)] * 2), **options)  # type: ignore[arg-type]  # wrong on purpose


def test_distances_that_cannot_be() -> None:
    for D in (
        np.ones((2, 3)),
        [[0, 1], [2, 0]],
        [[0, np.nan], [np.nan, 0]],
        [[1.0, 0.5], [0.5, 1.0]],
        [[0.0]],
    ):
        with pytest.raises(DataError):
            gk.embed(D)
    with pytest.raises(DataError, match=r"2 components of 1 and 1 points; gk\.embed"):
        classical_mds([[0, np.inf], [np.inf, 0]])


@pytest.mark.parametrize(
    ("backend", "module", "extra"),
    [("sklearn", "sklearn.manifold", "learn"), ("opentsne", "openTSNE", "tsne")],
)
def test_a_missing_library_names_its_extra(
    monkeypatch: pytest.MonkeyPatch, backend: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPlugin, match=rf"pip install 'geodesic-kit\[{extra}\]'"):
        gk.embed(cdist(*[cloud(10)] * 2), backend=backend)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingPlugin, match=r"geodesic-kit\[learn\]"):
        gk.linear_separability(*blobs((9, 9), 5))


# --- the experiment of notebook 3.2


def test_over_seeds_draws_by_seed_and_counts() -> None:
    found = over_seeds(["narrow_mog"], [0, 1], 60, 10, iterations=250)
    assert [(t.distance, t.seed) for t in found] == [
        (d, s) for s in (0, 1) for d in ("generative", "Euclidean")
    ]
    again = embedded("narrow_mog", 60, 1, [10], iterations=250)
    assert all(np.array_equal(a.z, b.z) for a, b in zip(found[2:], again, strict=True))
    assert fraction(found, "narrow_mog", "generative", least=0) == 1
    with pytest.raises(DataError, match="no embedding of 'rings'"):
        fraction(found, "rings", "Euclidean")


def test_separabilities_are_drawn_by_set_and_distance() -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    x, y = blobs((5, 5), 3.0)
    cases = [(name, distance, k) for name in "ab" for distance in ("generative", "Euclidean") for k in (0, 1)]
    embedding_seeds.draw(
        [embedding_seeds.Embedded(*case, 30.0, x, y, 0.9 + 0.01 * case[2], 0.0) for case in cases]
    )
    ax = plt.gca()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["generative", "Euclidean"]
    plt.close(ax.figure)


def test_a_set_without_labels_has_nothing_to_separate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        embedding_seeds, "load", lambda name, n, seed: gk.datasets.Dataset(name, cloud(n), None, "ours")
    )
    with pytest.raises(DataError, match="'cloud' has no labels"):
        embedded("cloud", 60, 0, [10])
