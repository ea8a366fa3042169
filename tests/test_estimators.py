"""The scikit-learn face: its own checks, the pipelines people build, and the identities of its distances."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import DBSCAN, AgglomerativeClustering, SpectralClustering
from sklearn.exceptions import NotFittedError
from sklearn.manifold import TSNE, Isomap
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_metric
from geodesic_kit.base import threads as parallel
from geodesic_kit.errors import ComponentsNotice, DataError, InvalidParameter, UnknownPlugin
from geodesic_kit.metric.rules import Adaptive, Trapezoid
from geodesic_kit.paths.out_of_sample import distances_of_new

Geodesics = gk.GenerativeGeodesics


CHECKS = [
    pytest.param(
        estimator,
        check,
        id=f"{kind}-{number}-{check.func.__name__}",
    )
    for kind, given in {
        "default": Geodesics(),
        "chosen": Geodesics(n_neighbors=60, power=0.5, n_jobs=1, random_state=0),
        "landmarks": Geodesics(n_landmarks=4, n_neighbors=60, random_state=0),
    }.items()
    for number, (estimator, check) in enumerate(estimator_checks_generator(given))
    if "array_api" not in check.func.__name__  # which skips itself here: the next test
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learns_own_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def test_scikit_learns_check_of_array_api_input_passes_too() -> None:
    program = (
        "import geodesic_kit as gk\nfrom sklearn.utils.estimator_checks import estimator_checks_generator\n"
        "for estimator, check in estimator_checks_generator(gk.GenerativeGeodesics()):\n"
        "    if 'array_api' in check.func.__name__: check(estimator); print('passed')"
    )
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}  # read once, when SciPy is imported
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def moons() -> Any:
    return gk.datasets.load("two_moons", n=120, seed=0)


@pytest.fixture(scope="module")
def fitted(moons: Any) -> Geodesics:
    return Geodesics(random_state=0).fit(moons.x)


# The pipelines that people build


def test_a_grid_search_over_the_graph_and_lam_classifies() -> None:
    y = np.arange(90) % 2
    # of unequal scales, so that the scaler matters
    x = np.random.default_rng(0).normal(size=(90, 2)) * [1, 30] + y[:, None] * [3, 0]
    steps = [
        ("scale", StandardScaler()),
        ("geodesic", Geodesics(random_state=0)),
        ("knn", KNeighborsClassifier(3, metric="precomputed")),
    ]
    grid = {"geodesic__n_neighbors": [12, None], "geodesic__lam": [None, 0.05]}
    search = GridSearchCV(Pipeline(steps), grid, cv=2, error_score="raise").fit(x, y)
    assert search.best_score_ > 0.85
    assert search.predict(x[:5]).shape == (5,)


@pytest.mark.parametrize(
    "clusterer",
    [
        SpectralClustering(2, affinity="precomputed", random_state=0, assign_labels="cluster_qr"),
        SpectralClustering(
            2,
            affinity="precomputed_nearest_neighbors",
            n_neighbors=70,
            random_state=0,
            assign_labels="cluster_qr",
        ),
        AgglomerativeClustering(2, metric="precomputed", linkage="single"),
    ],
    ids=["spectral", "spectral-neighbours", "agglomerative"],
)
def test_clusterings_of_the_distances_find_the_moons(moons: Any, clusterer: Any) -> None:
    D = Geodesics(random_state=0).fit_transform(moons.x)
    if getattr(clusterer, "affinity", "") == "precomputed":
        D = np.exp(-(D**2) / np.median(D) ** 2)
    assert adjusted_rand_score(moons.y, clusterer.fit_predict(D)) > 0.9


def test_dbscan_takes_the_distances_in_a_pipeline(moons: Any) -> None:
    labels = Pipeline(
        [("geodesic", Geodesics(random_state=0)), ("dbscan", DBSCAN(eps=0.3, metric="precomputed"))]
    ).fit_predict(moons.x)
    assert labels.shape == (120,)


def test_embeddings_take_the_distances(moons: Any, fitted: Geodesics) -> None:
    D = fitted.fit_transform(moons.x)
    assert TSNE(
        metric="precomputed", init="random", perplexity=10, max_iter=250, random_state=0
    ).fit_transform(D).shape == (120, 2)
    assert Isomap(n_neighbors=70, metric="precomputed").fit(D).transform(
        fitted.transform(moons.x[:4])
    ).shape == (4, 2)


def test_output_and_input_as_data_frames_keep_names_and_index(moons: Any) -> None:
    frame = pd.DataFrame(moons.x, columns=["width", "height"], index=np.arange(120) + 7)
    model = Geodesics(random_state=0).set_output(transform="pandas")
    D = model.fit_transform(frame)
    assert list(model.feature_names_in_) == ["width", "height"]
    assert (
        list(D.columns)
        == list(model.get_feature_names_out())
        == [f"generativegeodesics{i}" for i in range(120)]
    )
    np.testing.assert_array_equal(D.index, frame.index)
    with pytest.raises(ValueError, match="feature names should match"):
        model.transform(frame.rename(columns={"width": "length"}))


def test_clones_and_representations_keep_the_parameters() -> None:
    model = Geodesics(radius=0.3, lam=0.1, density=gk.densities["mog"])
    assert clone(model).get_params() == model.get_params()
    assert repr(Geodesics(radius=0.3)) == "GenerativeGeodesics(radius=0.3)"
    with pytest.raises(NotFittedError):
        model.path(0, 1)


# Identities


def test_distances_are_those_of_the_fitted_graph_and_symmetric(moons: Any, fitted: Geodesics) -> None:
    D = Geodesics(random_state=0).fit_transform(moons.x)
    np.testing.assert_array_equal(D, fitted.distances_)
    np.testing.assert_array_equal(D, gk.distances(fitted.graph_))
    np.testing.assert_allclose(D, gk.distances(fitted.graph_, solver="scipy"), rtol=1e-12)
    np.testing.assert_allclose(D, D.T, rtol=1e-12)
    assert not np.diagonal(D).any()
    by_hand = default_metric(gk.densities["mog"].fit(moons.x, seed=0), moons.x)  # an int is the seed itself
    np.testing.assert_array_equal(D, gk.distances(fitted.graph_.weigh(by_hand)))


def test_a_constant_density_gives_the_euclidean_distances_of_the_graph() -> None:
    x = np.random.default_rng(0).uniform(size=(60, 3))
    with pytest.warns(gk.errors.ContrastWarning):
        model = Geodesics(density=lambda x: np.zeros(len(x)), radius=10.0).fit(x)
    np.testing.assert_allclose(
        model.distances_, np.linalg.norm(x[:, None] - x[None], axis=-1), rtol=1e-6, atol=1e-12
    )
    new = np.random.default_rng(1).uniform(size=(5, 3))
    np.testing.assert_allclose(
        model.transform(new), np.linalg.norm(new[:, None] - x[None], axis=-1), rtol=1e-6
    )


def test_a_new_point_goes_through_its_own_neighbours_as_attaching_it_would(moons: Any) -> None:
    new = moons.x[:1] + 0.013
    for model in (Geodesics(n_neighbors=70), Geodesics(radius=0.7), Geodesics()):
        model.fit(moons.x)
        attached = gk.distances(model.graph_.attach(new), sources=[120])[:, :120]
        np.testing.assert_allclose(model.transform(new), attached, rtol=1e-9)


@pytest.mark.parametrize("dim", [2, 20])
@pytest.mark.parametrize(
    "parameters", [{}, {"n_neighbors": 7}, {"radius": 6.0}, {"density": KernelDensity(bandwidth=0.7)}]
)
def test_rows_do_not_depend_on_their_batch_and_training_points_have_their_own(
    parameters: dict[str, Any], dim: int
) -> None:
    rng = np.random.default_rng(dim)
    x, new = rng.normal(size=(90, dim)), rng.normal(size=(25, dim))
    model = Geodesics(**parameters, random_state=0)
    D = model.fit_transform(x)
    np.testing.assert_array_equal(model.transform(x), D)
    together = model.transform(np.concatenate([new, x[:3], new[:2] + 1e-9, new[::-1]]))
    np.testing.assert_array_equal(together[:25], np.concatenate([model.transform(row[None]) for row in new]))
    np.testing.assert_array_equal(together[25:28], D[:3])
    np.testing.assert_array_equal(together[30:], together[:25][::-1])
    assert np.isfinite(together).all()


def test_ties_and_blocks_do_not_let_a_batch_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.stack(np.meshgrid(*[np.arange(5.0)] * 3), axis=-1).reshape(-1, 3)
    model = Geodesics(n_neighbors=9, random_state=0).fit(x)
    new = x[:40] + 0.5
    whole = model.transform(new)
    np.testing.assert_array_equal(whole, np.concatenate([model.transform(row[None]) for row in new]))
    monkeypatch.setattr("geodesic_kit.paths.out_of_sample._AT_ONCE", 1)
    monkeypatch.setattr("geodesic_kit.paths.out_of_sample._LEAST_BLOCK", 3)
    monkeypatch.setattr("geodesic_kit.paths.out_of_sample._ROWS", 1)
    np.testing.assert_array_equal(model.transform(new), whole)


def test_a_path_between_training_points_is_as_long_as_their_distance(moons: Any, fitted: Geodesics) -> None:
    far = int(np.argmax(np.where(moons.y == moons.y[0], fitted.distances_[0], 0)))
    path = fitted.path(0, far)
    assert path.length == pytest.approx(fitted.distances_[0, far], rel=1e-12)
    np.testing.assert_array_equal(path.points[[0, -1]], moons.x[[0, far]])
    assert fitted.path(-120, far).length == path.length
    np.testing.assert_array_equal(path.points, moons.x[path.indices])
    with pytest.raises(InvalidParameter, match="j=120 is not a vertex"):
        fitted.path(0, 120)


def test_one_seed_gives_one_result_by_every_convention(moons: Any) -> None:
    def once(state: Any) -> np.ndarray:
        return Geodesics(random_state=state).fit_transform(moons.x)

    np.testing.assert_array_equal(once(3), once(np.int64(3)))
    np.testing.assert_array_equal(once(np.random.RandomState(3)), once(np.random.RandomState(3)))
    state = np.random.RandomState(3)
    assert (once(state) != once(state)).any()  # it is drawn from, as scikit-learn says
    assert (once(3) != once(4)).any()


def test_n_jobs_sets_the_threads_and_leaves_the_result_alone(
    moons: Any, fitted: Geodesics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(4)), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    seen = []

    class Counting(gk.solvers["scipy"]):
        def solve(self, *args: Any, **options: Any) -> Any:
            seen.append(parallel.n_threads())
            return super().solve(*args, **options)

    for n_jobs in (None, 1, 3, 100, 10**400):
        model = Geodesics(density=fitted.density_, n_jobs=n_jobs, solver=Counting()).fit(moons.x)
        np.testing.assert_allclose(model.distances_, fitted.distances_, rtol=1e-12)
    assert seen == [1, 1, 3, 4, 4]
    assert parallel.n_threads() == 1
    for random_state in ("x", np.nan, -1, 10**400, object):
        with pytest.raises(InvalidParameter, match=r"random_state=.*: give a whole number"):
            Geodesics(random_state=random_state).fit(moons.x)
    with pytest.raises(InvalidParameter, match=r"power=.* is not a number"):
        Geodesics(power=np.arange(3)).fit(moons.x)
    with pytest.raises(
        InvalidParameter, match="n_jobs=0: give a number of threads, -1 for all cores, or None"
    ):
        Geodesics(n_jobs=0).fit(moons.x)


# What data bring


def test_equal_rows_share_a_vertex_and_have_distance_0(moons: Any) -> None:
    x = np.concatenate([moons.x[:50], moons.x[3:8], [[0.0, 0.0], [-0.0, 0.0]]])
    model = Geodesics(random_state=0)
    D = model.fit_transform(x)
    assert D.shape == (57, 57)
    assert model.graph_.n == len(model.distances_) == 51
    np.testing.assert_array_equal(D[50:55], D[3:8])
    np.testing.assert_array_equal(D[:, 50:55], D[:, 3:8])
    assert D[3, 50] == D[55, 56] == 0
    np.testing.assert_array_equal(model.graph_.points, x[np.r_[:50, 55]])  # in the order of X
    np.testing.assert_array_equal(model.transform(x), D)
    assert model.transform(x[:2] + 0.01).shape == (2, 57)
    assert len(model.get_feature_names_out()) == len(model.component_labels_) == 57
    assert model.path(3, 50).length == 0


def test_a_default_graph_is_connected_and_a_radius_is_taken_at_its_word() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 0.1, (30, 2)), rng.normal(5, 0.1, (20, 2))])
    default = Geodesics(random_state=0).fit(x)
    assert default.n_components_ == 1
    assert np.isfinite(default.distances_).all()
    assert np.isfinite(default.transform([[50.0, 50.0]])).all()
    model = Geodesics(radius=0.5, random_state=0)
    for method in (model.fit, model.fit_transform):
        with pytest.warns(ComponentsNotice, match="the graph over X falls into 2 components") as seen:
            method(x)
        assert [notice.filename for notice in seen] == [__file__]
    assert model.n_components_ == 2
    assert len(model.bridges_) == 0
    np.testing.assert_array_equal(model.component_labels_, np.repeat([0, 1], [30, 20]))
    np.testing.assert_array_equal(
        np.isfinite(model.distances_), model.component_labels_[:, None] == model.component_labels_
    )
    with pytest.warns(
        ComponentsNotice, match="1 new point.* no neighbour within radius=0.5, the first is row 1"
    ) as seen:
        D = model.transform([[0.0, 0.0], [50.0, 50.0], [5.0, 5.0]])
    assert [notice.filename for notice in seen] == [__file__]
    np.testing.assert_array_equal(np.isfinite(D).sum(axis=1), [30, 0, 20])
    with pytest.raises(gk.errors.DisconnectedError):
        model.path(0, 49)


@pytest.mark.parametrize(
    "x", [[[0, 0], [1, 2]], [[0], [1], [3]], [[1, 0, 5], [1, 2, 5], [1, 1, 5], [1, 3, 5]]]
)
def test_few_points_one_column_constant_columns_and_whole_numbers_work(x: list[list[int]]) -> None:
    D = Geodesics(random_state=0).fit_transform(x)
    assert (D[~np.eye(len(x), dtype=bool)] > 0).all()
    np.testing.assert_array_equal(D, Geodesics(random_state=0).fit_transform(np.array(x, dtype=np.float32)))


def test_densities_come_as_names_classes_estimators_and_values(moons: Any, fitted: Geodesics) -> None:
    for density in (gk.densities["mog"], fitted.density_):
        np.testing.assert_array_equal(
            Geodesics(density=density, random_state=0).fit_transform(moons.x), fitted.distances_
        )
    unfitted = GaussianMixture(3)
    model = Geodesics(density=unfitted, random_state=0).fit(moons.x)
    assert len(model.density_.means) == 3
    assert not hasattr(unfitted, "means_")
    ready = GaussianMixture(2, random_state=0).fit(moons.x)
    assert len(Geodesics(density=ready).fit(moons.x[:50]).density_.means) == 2
    kept = clone(Geodesics(density=gk.as_density(ready)))
    np.testing.assert_array_equal(kept.fit(moons.x[:50]).density_.means, ready.means_)


# Refusals


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"density": "flow"}, UnknownPlugin, "no density named 'flow'; there are .*mog"),
        ({"solver": "dijkstra"}, UnknownPlugin, "no solver named 'dijkstra'; there are astar"),
        ({"solver": 3}, InvalidParameter, "solver=3: give a name"),
        ({"n_neighbors": 0}, InvalidParameter, "n_neighbors=0: give a whole number from 1"),
        ({"n_neighbors": 2.5}, InvalidParameter, "n_neighbors=2.5 is not a whole number"),
        ({"radius": 0}, InvalidParameter, "radius=0: give a number above 0"),
        ({"radius": -1.0}, InvalidParameter, "radius=-1.0: give a number above 0"),
        (
            {"n_neighbors": 3, "radius": 1.0},
            InvalidParameter,
            "n_neighbors=3 and radius=1.0: give one of them",
        ),
        ({"lam": -0.1}, InvalidParameter, "lam=-0.1: give a number above 0"),
        ({"p0": -0.1}, InvalidParameter, "p0=-0.1: give a number above 0"),
        ({"power": -1}, InvalidParameter, "power=-1.* give a number above 0"),
        ({"lam": np.inf}, InvalidParameter, "lam=inf: give a number above 0 and finite"),
        ({"p0": np.inf}, InvalidParameter, "p0=inf: give a number above 0 and finite"),
        (
            {"density": KernelDensity},
            InvalidParameter,
            r"needs an instance; give one, such as KernelDensity\(\)",
        ),
    ],
)
def test_wrong_parameters_are_refused_when_fitted(
    moons: Any, parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = Geodesics(**parameters)
    with pytest.raises(error, match=message):
        model.fit(moons.x)


def test_data_that_hold_no_geometry_are_refused() -> None:
    model = Geodesics()
    with pytest.raises(DataError, match="all 5 rows of X are one point"):
        model.fit(np.ones((5, 2)))
    with pytest.raises(NotFittedError):
        model.transform(np.ones((5, 2)))
    for x, message in (
        ([[1.0, 2.0]], "1 sample"),
        ([1.0, 2.0], "1D array"),
        ([[np.nan, 0], [0, 1]], "NaN"),
        (np.array([[1j, 0], [0, 1]]), "Complex"),
        (np.ma.masked_greater([[0.0, 9.0], [1.0, 2.0]], 5.0), "they are masked"),
    ):
        with pytest.raises(ValueError, match=message), warnings.catch_warnings():
            Geodesics().fit(x)


def test_a_result_that_cannot_fit_is_refused_before_it_is_made(
    moons: Any, fitted: Geodesics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodesic_kit.checks.memory._LITTLE", 0)
    monkeypatch.setattr("geodesic_kit.checks.memory.available_memory", lambda: 1000)
    with pytest.raises(
        gk.errors.TooLittleMemoryError, match=r"all pairs of 120 points need .* fit fewer points"
    ):
        Geodesics().fit(moons.x)
    with pytest.raises(gk.errors.TooLittleMemoryError, match=r"distances of shape \(7, 120\)"):
        fitted.transform(moons.x[:7])


def test_new_points_need_a_rule_and_a_metric(moons: Any) -> None:
    graph = gk.knn_graph(moons.x, k=5)
    with pytest.raises(gk.errors.GraphError, match="new points are linked and weighed as the graph was"):
        distances_of_new(graph, np.zeros((120, 120)), moons.x)


def test_without_scikit_learn_the_kit_works_and_the_estimator_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['sklearn'] = None\nfrom geodesic_kit import *\nimport geodesic_kit as gk\n"
        "assert 'GenerativeGeodesics' not in dir(gk)\n"
        "try: gk.GenerativeGeodesics\nexcept gk.errors.MissingPlugin as err: print(err)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (
        done.stdout.strip() == "GenerativeGeodesics needs scikit-learn 1.6: pip install 'geodesic-kit[learn]'"
    ), done.stderr


# Landmarks instead of all pairs


def test_distances_to_landmarks_are_columns_of_all_distances(moons: Any) -> None:
    x = np.concatenate([moons.x, moons.x[:3]])
    whole, some = (Geodesics(random_state=0, n_landmarks=k).fit(x) for k in (None, 8))
    marks = some.landmarks_
    assert marks is not None
    columns = marks.vertices
    assert some.fit_transform(x).shape == (123, 8)
    np.testing.assert_allclose(some.fit_transform(x), whole.transform(x)[:, columns], rtol=1e-12)
    np.testing.assert_array_equal(some.transform(x), some.fit_transform(x))
    new = moons.x[:5] + 0.01
    np.testing.assert_allclose(some.transform(new), whole.transform(new)[:, columns], rtol=1e-12)
    np.testing.assert_array_equal(some.transform(new[2:3]), some.transform(new)[2:3])  # in any company
    assert list(some.get_feature_names_out()[:1]) == ["generativegeodesics0"]
    assert len(some.get_feature_names_out()) == 8
    assert some.path(0, 60).length == pytest.approx(whole.path(0, 60).length, rel=1e-12)
    assert gk.cluster(marks, 2).shape == (120,)


def test_landmarks_are_features_for_whatever_classifies(moons: Any) -> None:
    pipeline = Pipeline([("d", Geodesics(n_landmarks=12, random_state=0)), ("nn", KNeighborsClassifier(3))])
    assert pipeline.fit(moons.x[::2], moons.y[::2]).score(moons.x[1::2], moons.y[1::2]) > 0.95


def test_more_landmarks_than_points_are_refused_before_a_fit(moons: Any) -> None:
    with pytest.raises(InvalidParameter, match="n_landmarks=121: give a whole number from 1 to 120"):
        Geodesics(n_landmarks=121).fit(moons.x)
    with pytest.raises(InvalidParameter, match="n_landmarks"):
        Geodesics().set_params(n_landmarks=2.5).fit(moons.x)


# How edges are measured, and in what numbers distances are held


def test_rule_and_tolerance_reach_the_edges(moons: Any) -> None:
    loose = Geodesics(density=moons.density, rtol=1e-2).fit(moons.x)
    assert loose.graph_.rule.rtol == 1e-2
    paper = Geodesics(density=moons.density, rule="trapezoid").fit(moons.x)
    assert paper.graph_.rule == Trapezoid(8)
    np.testing.assert_allclose(paper.transform(moons.x), paper.distances_)
    bounded = clone(Geodesics(density=moons.density, rule=Adaptive(max_evaluations=10**7))).fit(moons.x)
    assert bounded.graph_.report.evaluations <= 10**7
    assert bounded.graph_.rule.max_evaluations == 10**7


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (dict(rule="simpson"), "rule='simpson'"),
        (dict(rule="trapezoid", rtol=1e-3), "rtol= and panels= belong to"),
        (dict(rtol=-1.0), "rtol=-1.0"),
        (dict(dtype="int64"), "dtype=int64; there are float64 and float32"),
    ],
)
def test_rules_and_types_are_refused_before_a_fit(
    given: dict[str, Any], told: str, moons: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gk.densities["mog"], "fit", None)
    with pytest.raises(InvalidParameter, match=told):
        Geodesics(**given).fit(moons.x)


@pytest.mark.parametrize("n_landmarks", [None, 5])
def test_distances_of_half_the_memory(moons: Any, n_landmarks: int | None) -> None:
    whole = Geodesics(density=moons.density, n_landmarks=n_landmarks, random_state=0).fit(moons.x)
    half = Geodesics(density=moons.density, n_landmarks=n_landmarks, random_state=0, dtype="float32")
    D = half.fit_transform(moons.x)
    assert D.dtype == half.distances_.dtype == np.float32
    np.testing.assert_array_equal(D, whole.distances_.astype(np.float32))
    np.testing.assert_array_equal(half.transform(moons.x), D)
    new = half.transform(moons.x[:20] + 0.01)
    assert new.dtype == np.float32
    np.testing.assert_allclose(new, whole.transform(moons.x[:20] + 0.01), rtol=1e-6)


def test_distances_are_held_once_where_no_rows_are_equal(moons: Any) -> None:
    model = Geodesics(density=moons.density)
    D = model.fit_transform(moons.x)
    assert D is model.distances_
    assert not D.flags.writeable
    again = model.fit_transform(moons.x[[0, 1, 1, 2, 3, 4, 5, 6, 7, 8]])
    assert again.shape == (10, 10)
    assert again.flags.writeable
