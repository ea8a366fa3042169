"""scikit-learn's real densities agree with `score_samples` and integrate to one; its look-alikes are refused
by name.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA, FactorAnalysis, TruncatedSVD
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import OneClassSVM

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, NotADensityError
from geodesic_kit.testing import DensityContract
from geodesic_kit.types import HasScore, LeaveOneOut, OnSegments, Points, Samples

RNG = np.random.default_rng(7)
BLOBS = np.concatenate([RNG.standard_normal((90, 2)), 0.5 * RNG.standard_normal((60, 2)) + [3.0, 1.0]])
STRETCHED = BLOBS * [30.0, 0.2] + [500.0, -4.0]
NORMALISED = {
    **{
        f"mixture-{kind}": GaussianMixture(3, covariance_type=kind, random_state=0)
        for kind in ("full", "tied", "diag", "spherical")
    },
    **{
        f"kernel-{kernel}": KernelDensity(kernel=kernel, bandwidth=0.5)
        for kernel in ("gaussian", "tophat", "epanechnikov", "exponential", "linear")
    },
    "kernel-scott": KernelDensity(bandwidth="scott"),
    "pca": PCA(),
    "pca-1": PCA(1),
    "pca-whiten": PCA(whiten=True),
    "factor-analysis": FactorAnalysis(1),
}
SCALERS = {
    "standard": StandardScaler(),
    "standard-shift": StandardScaler(with_std=False),
    "standard-scale": StandardScaler(with_mean=False),
    "standard-in-place": StandardScaler(copy=False),
    "min-max": MinMaxScaler((-2, 5)),
    "max-abs": MaxAbsScaler(),
    "robust": RobustScaler(),
    "robust-unit": RobustScaler(unit_variance=True, with_centering=False),
    "robust-none": RobustScaler(with_centering=False, with_scaling=False),
    "pca": PCA(),
    "pca-whiten": PCA(whiten=True),
    "passthrough": "passthrough",
}


def mass(density: Any, around: Points, cells: int = 601) -> float:
    """Integral of p over the box of ten standard deviations, by mid-points."""
    centre, reach = around.mean(axis=0), 10 * around.std(axis=0)
    axes = [c + r * (2 * (np.arange(cells) + 0.5) / cells - 1) for c, r in zip(centre, reach, strict=True)]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    return float(np.exp(density.log_prob(nodes)).sum() * np.prod(2 * reach / cells))


@pytest.mark.parametrize("estimator", NORMALISED.values(), ids=NORMALISED.keys())
def test_agrees_with_score_samples_and_integrates_to_one(estimator: Any) -> None:
    fitted = estimator.fit(BLOBS)
    density = gk.as_density(fitted)
    x = np.concatenate([BLOBS[:40], BLOBS[:40] + 0.37])
    np.testing.assert_allclose(density.log_prob(x), fitted.score_samples(x), rtol=1e-9, atol=1e-9)
    assert density.normalised is True
    assert density.dim == 2
    edges_of_kernels = 3e-3 if getattr(estimator, "kernel", "") == "tophat" else 1e-4
    grid = 201 if isinstance(estimator, KernelDensity) and estimator.kernel != "gaussian" else 401
    assert mass(density, BLOBS, grid) == pytest.approx(1.0, abs=edges_of_kernels if grid == 401 else 1e-2)


def test_mixtures_and_gaussian_kernels_are_the_exact_mixture() -> None:
    kind = gk.densities["mog"]
    assert isinstance(gk.as_density(GaussianMixture(2, random_state=0).fit(BLOBS)), kind)
    kernels = gk.as_density(KernelDensity(bandwidth=0.5).fit(BLOBS))
    assert isinstance(kernels, kind)
    np.testing.assert_array_equal(kernels.means, BLOBS)
    assert not isinstance(gk.as_density(KernelDensity(kernel="exponential").fit(BLOBS)), OnSegments)


def test_the_cosine_kernel_is_normalised_in_odd_dimensions_only() -> None:
    """Measured: one kernel integrates to 1 in one and three dimensions, to 0.363 in two, and is NaN in
    four.
    """
    line, plane = (
        gk.as_density(KernelDensity(kernel="cosine", bandwidth=0.5).fit(BLOBS[:, :d])) for d in (1, 2)
    )
    assert line.normalised is True
    assert mass(line, BLOBS[:, :1], 4001) == pytest.approx(1.0, abs=1e-4)
    assert plane.normalised is False
    assert mass(plane, BLOBS, 301) < 0.5
    with pytest.raises(NotADensityError, match=r"KernelDensity\.score_samples is nan"):
        gk.as_density(KernelDensity(kernel="cosine").fit(np.zeros((1, 4)))).log_prob(np.zeros((1, 4)))


def test_sample_weights_of_kernels() -> None:
    weights = RNG.uniform(0.1, 2.0, len(BLOBS))
    for kernel in ("gaussian", "epanechnikov"):
        fitted = KernelDensity(kernel=kernel, bandwidth=0.7).fit(BLOBS, sample_weight=weights)
        np.testing.assert_allclose(
            gk.as_density(fitted).log_prob(BLOBS), fitted.score_samples(BLOBS), rtol=1e-9, atol=1e-9
        )


def test_compact_kernels_are_zero_far_away() -> None:
    density = gk.as_density(KernelDensity(kernel="epanechnikov", bandwidth=0.5).fit(BLOBS))
    assert density.log_prob(np.array([[50.0, 50.0]])).tolist() == [-np.inf]


def test_kernels_of_another_distance_do_not_claim_to_be_normalised() -> None:
    for kernel in ("gaussian", "tophat"):
        fitted = KernelDensity(kernel=kernel, bandwidth=0.7, metric="manhattan").fit(BLOBS)
        density = gk.as_density(fitted)
        assert density.normalised is False
        np.testing.assert_allclose(density.log_prob(BLOBS), fitted.score_samples(BLOBS), rtol=1e-9)
    euclidean = gk.as_density(KernelDensity(metric="minkowski", metric_params={"p": 2}).fit(BLOBS))
    assert euclidean.normalised is True
    assert isinstance(euclidean, gk.densities["mog"])


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
@pytest.mark.parametrize("prior", ["dirichlet_process", "dirichlet_distribution"])
def test_the_bayesian_mixture_is_a_bound_and_says_so(covariance_type: Any, prior: Any) -> None:
    """Measured: its score_samples is a variational lower bound and integrates to 0.93 to 0.95, so it is not
    normalised.
    """
    fitted = BayesianGaussianMixture(
        n_components=3,
        covariance_type=covariance_type,
        weight_concentration_prior_type=prior,
        random_state=0,
        max_iter=1000,
    ).fit(BLOBS)
    density = gk.as_density(fitted)
    np.testing.assert_allclose(density.log_prob(BLOBS), fitted.score_samples(BLOBS), rtol=1e-9)
    assert 0.85 < mass(density, BLOBS, 301) < 0.99
    assert density.normalised is False
    gk.GenerativeMetric.from_sample(density, BLOBS)
    if covariance_type == "full":
        assert mass(
            gk.densities["mog"](fitted.means_, fitted.covariances_, fitted.weights_), BLOBS, 301
        ) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("scaler", SCALERS.values(), ids=SCALERS.keys())
@pytest.mark.parametrize(
    "final",
    [GaussianMixture(2, random_state=0), KernelDensity(bandwidth=0.4), PCA()],
    ids=["gmm", "kde", "pca"],
)
def test_a_pipeline_brings_its_jacobian(scaler: Any, final: Any) -> None:
    data = BLOBS if scaler == "passthrough" else STRETCHED
    fitted = make_pipeline(scaler, final).fit(data.copy())
    density = gk.as_density(fitted)
    before = data[:30].copy()
    gap = density.log_prob(before) - fitted.score_samples(before.copy())
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)
    np.testing.assert_array_equal(before, data[:30])
    if scaler == "passthrough":
        assert abs(gap[0]) < 1e-9
    # Kernels of width 0.4 suit a grid of ten standard deviations only where the scaled data are about that
    # wide.
    spread = fitted[:-1].transform(data.copy()).std(axis=0)
    if not isinstance(final, KernelDensity) or (spread.min() > 0.2 and spread.max() < 5):
        assert mass(density, data, 401) == pytest.approx(1.0, abs=1e-4)


class TestPipeline(DensityContract):
    def data(self) -> Points:
        return STRETCHED

    def make(self) -> Any:
        steps = [
            ("scale", StandardScaler()),
            ("none", None),
            ("pca", PCA(whiten=True)),
            ("mixture", GaussianMixture(2, random_state=0)),
        ]
        return gk.as_density(Pipeline(steps).fit(STRETCHED))


class TestPCA(DensityContract):
    def make(self) -> Any:
        return gk.as_density(PCA(1).fit(self.data()))


class TestEpanechnikov(DensityContract):
    mass_rtol = 5e-3

    def make(self) -> Any:
        return gk.as_density(KernelDensity(kernel="epanechnikov", bandwidth=0.8).fit(self.data()))


class TestTopHat(DensityContract):
    mass_rtol = 5e-3

    def make(self) -> Any:
        return gk.as_density(KernelDensity(kernel="tophat", bandwidth=1.0).fit(self.data()))


def test_a_pipeline_has_the_abilities_of_its_last_step() -> None:
    exact = gk.as_density(make_pipeline(StandardScaler(), KernelDensity(bandwidth=0.4)).fit(STRETCHED))
    for ability in (HasScore, Samples, OnSegments, LeaveOneOut):
        assert isinstance(exact, ability)
    left_out = exact.leave_one_out(STRETCHED)  # type: ignore[attr-defined]
    # each point's own kernel is found again through the scaling
    assert (left_out < exact.log_prob(STRETCHED)).all()
    wrapped = gk.as_density(
        make_pipeline(StandardScaler(), BayesianGaussianMixture(random_state=0)).fit(STRETCHED)
    )
    assert not isinstance(wrapped, HasScore)


def test_far_from_the_origin_no_digits_are_lost() -> None:
    data = BLOBS * 1e-3 + 1e6
    fitted = make_pipeline(StandardScaler(), GaussianMixture(2, random_state=0)).fit(data)
    gap = gk.as_density(fitted).log_prob(data) - fitted.score_samples(data)
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)


def test_a_search_is_its_best_estimator() -> None:
    search = GridSearchCV(KernelDensity(), {"bandwidth": [0.3, 0.6]}).fit(BLOBS)
    np.testing.assert_allclose(
        gk.as_density(search).log_prob(BLOBS), search.best_estimator_.score_samples(BLOBS), rtol=1e-9
    )
    over_pipeline = GridSearchCV(
        make_pipeline(StandardScaler(), KernelDensity()), {"kerneldensity__bandwidth": [0.3, 0.6]}
    ).fit(STRETCHED)
    assert mass(gk.as_density(over_pipeline), STRETCHED) == pytest.approx(1.0, abs=1e-4)
    inside = Pipeline(
        [("scale", StandardScaler()), ("search", GridSearchCV(KernelDensity(), {"bandwidth": [0.3, 0.6]}))]
    ).fit(STRETCHED)
    assert mass(gk.as_density(inside), STRETCHED) == pytest.approx(1.0, abs=1e-4)


def test_a_later_fit_changes_nothing() -> None:
    for estimator in (
        GaussianMixture(2, random_state=0),
        PCA(),
        KernelDensity(kernel="linear"),
        make_pipeline(StandardScaler(), PCA()),
    ):
        density = gk.as_density(estimator.fit(BLOBS))
        before = density.log_prob(BLOBS)
        estimator.fit(STRETCHED)
        np.testing.assert_array_equal(density.log_prob(BLOBS), before)


def test_an_estimator_fitted_on_a_data_frame_does_not_warn() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(STRETCHED, columns=["a", "b"])
    pipeline = (
        make_pipeline(StandardScaler(), PCA(whiten=True), KernelDensity(kernel="linear"))
        .set_output(transform="pandas")
        .fit(frame)
    )
    gap = gk.as_density(pipeline).log_prob(STRETCHED) - pipeline.score_samples(frame)
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)


THERE_ARE = "there are GaussianMixture, BayesianGaussianMixture, KernelDensity, PCA, FactorAnalysis"


class Stranger(BaseEstimator):
    def score_samples(self, x: Points) -> Any:
        return x[:, 0]


@pytest.mark.parametrize(
    "look_alike",
    [
        IsolationForest(n_estimators=5, random_state=0),
        OneClassSVM(),
        LocalOutlierFactor(),
        LocalOutlierFactor(novelty=True),
        EllipticEnvelope(random_state=0, support_fraction=0.9),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_look_alikes_are_refused_by_name(look_alike: Any) -> None:
    fitted = look_alike.fit(BLOBS)
    name = type(look_alike).__name__
    for obj in (fitted, make_pipeline(StandardScaler(), fitted), look_alike.__class__()):
        with pytest.raises(
            NotADensityError,
            match=f"{name} ranks points, but its score_samples is not a log-density; {THERE_ARE}",
        ):
            gk.as_density(obj)
    if hasattr(fitted, "score_samples"):
        with pytest.raises(NotADensityError, match=f"{name} ranks points"):
            gk.as_density(fitted.score_samples, dim=2)


def test_other_estimators_are_refused_by_name() -> None:
    with pytest.raises(NotADensityError, match=f"Stranger ranks points.*{THERE_ARE}"):
        gk.as_density(Stranger())
    with pytest.raises(NotADensityError, match=f"LinearRegression is not a density; {THERE_ARE}"):
        gk.as_density(LinearRegression())
    with pytest.raises(
        NotADensityError,
        match=r"Pipeline\.score_samples leaves out the Jacobian of the "
        r"scaling; pass the Pipeline itself",
    ):
        gk.as_density(make_pipeline(StandardScaler(), PCA()).fit(BLOBS).score_samples, dim=2)
    own = PCA().fit(BLOBS)
    np.testing.assert_allclose(
        gk.as_density(own.score_samples, dim=2).log_prob(BLOBS), own.score_samples(BLOBS)
    )


@pytest.mark.parametrize(
    ("estimator", "text"),
    [
        (GaussianMixture(), "GaussianMixture is not fitted: call .fit"),
        (KernelDensity(), "KernelDensity is not fitted"),
        (make_pipeline(StandardScaler(), PCA()), "PCA is not fitted"),
        (make_pipeline(StandardScaler(), PCA().fit(BLOBS)), "StandardScaler is not fitted"),
        (GridSearchCV(KernelDensity(), {"bandwidth": [1.0]}), "GridSearchCV is not fitted"),
        (
            GridSearchCV(KernelDensity(), {"bandwidth": [1.0]}, refit=False),
            "has refit=False, so it keeps no best estimator",
        ),
        (GaussianMixture, "GaussianMixture is a class, not a density"),
        (make_pipeline(StandardScaler(), "passthrough").fit(BLOBS), "ends in 'passthrough'"),
        (make_pipeline(PCA(1), GaussianMixture()).fit(BLOBS), r"step 'pca' \(PCA\) keeps 1 of 2 dimensions"),
        (
            make_pipeline(MinMaxScaler(clip=True), PCA()).fit(BLOBS),
            r"step 'minmaxscaler' \(MinMaxScaler\) "
            r"clips.*clip=False",
        ),
        (
            make_pipeline(Normalizer(), PCA()).fit(BLOBS),
            r"step 'normalizer' \(Normalizer\) is not an affine map that is known here; there are",
        ),
        (make_pipeline(PowerTransformer(), PCA()).fit(BLOBS), "PowerTransformer"),
        (make_pipeline(QuantileTransformer(n_quantiles=20), PCA()).fit(BLOBS), "QuantileTransformer"),
        (
            make_pipeline(FunctionTransformer(np.exp), PCA()).fit(BLOBS),
            "FunctionTransformer.*fit the density on the transformed points",
        ),
        (make_pipeline(TruncatedSVD(1), PCA()).fit(BLOBS), "TruncatedSVD"),
        (
            make_pipeline(PCA(whiten=True), PCA()).fit(BLOBS[:, :1] * [1.0, 2.0]),
            r"step 'pca-1' \(PCA\) "
            r"flattens a direction",
        ),
    ],
)
def test_what_cannot_be_is_named_with_the_next_step(estimator: Any, text: str) -> None:
    with pytest.raises(NotADensityError, match=text):
        gk.as_density(estimator)


def test_a_scaler_that_does_more_than_it_learned_is_found_out() -> None:
    class Squaring(StandardScaler):
        def transform(self, x: Points, copy: Any = None) -> Points:
            return super().transform(x) ** 3

    with pytest.raises(NotADensityError, match=r"\(Squaring\) is not the affine map that it was fitted as"):
        gk.as_density(make_pipeline(Squaring(), PCA()).fit(BLOBS))


def test_parameters_that_contradict_an_estimator() -> None:
    fitted = GaussianMixture(2, random_state=0).fit(BLOBS)
    assert gk.as_density(fitted, dim=2).dim == 2
    for wrong, text in (
        ({"dim": 3}, "dim=3 contradicts GaussianMixture, which has 2"),
        (
            {"kind": "energy"},
            "kind='energy' is for callables and torch modules; GaussianMixture offers log p",
        ),
        ({"normalised": False}, "normalised=False contradicts GaussianMixture"),
        ({"sample": len}, "score= and sample= are for callables and torch modules; for GaussianMixture"),
    ):
        with pytest.raises(InvalidParameter, match=text):
            gk.as_density(fitted, **wrong)


@pytest.mark.parametrize("kernel", ["tophat", "epanechnikov", "linear", "cosine"])
@pytest.mark.parametrize(
    "norm",
    [{"metric": "euclidean"}, {"metric": "manhattan"}, {"metric": "chebyshev"}, {"metric_params": {"p": 1}}],
)
def test_compact_kernels_tell_their_rims_to_quadrature(kernel: str, norm: dict[str, Any]) -> None:
    x = np.random.default_rng(0).standard_normal((40, 2))
    norm = {"metric": "minkowski", **norm}
    density = gk.as_density(KernelDensity(bandwidth=0.5, kernel=kernel, **norm).fit(x))
    graph = gk.knn_graph(x, 4)
    lam, p0 = np.quantile(density.log_prob(x), [0.02, 0.5])
    metric = gk.GenerativeMetric.of_logs(density, lam, p0)
    weighed = graph.weigh(metric)
    assert weighed.report.relative_errors.max() < 1e-6  # type: ignore[union-attr]
    assert weighed.report.evaluations < 300 * graph.m  # type: ignore[union-attr]
    fine = graph.weigh(metric, rule="trapezoid", pieces=1500)
    np.testing.assert_allclose(weighed.weights, fine.weights, rtol=1e-3)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("dim", [1, 3])
def test_rims_lie_where_a_kernel_ends_and_on_no_edge_twice(metric: str, dim: int) -> None:
    rng = np.random.default_rng(dim)
    x, ends = rng.standard_normal((30, dim)), 2 * rng.standard_normal((50, dim))
    ends[:, 0] = np.where(np.arange(50) % 2, ends[:, 0], 0.25)  # some edges are parallel to faces
    edges = np.stack([np.arange(0, 48), np.arange(2, 50)], axis=1)
    density: Any = gk.as_density(KernelDensity(bandwidth=0.7, kernel="linear", metric=metric).fit(x))
    edge, place = density.segment_breaks(ends, edges, -np.inf)
    order = {"euclidean": 2, "manhattan": 1, "chebyshev": np.inf}[metric]
    at = ends[edges[edge, 0]] + place[:, None] * (ends[edges[edge, 1]] - ends[edges[edge, 0]])
    away = np.linalg.norm(at[:, None] - x, order, axis=2)
    np.testing.assert_allclose(np.abs(away - 0.7).min(axis=1), 0, atol=1e-12)
    t = np.linspace(0, 1, 20001)
    for k in range(len(edges)):
        along = ends[edges[k, 0]] + t[:, None] * (ends[edges[k, 1]] - ends[edges[k, 0]])
        within = np.linalg.norm(along[:, None] - x, order, axis=2) < 0.7
        assert (within[1:] != within[:-1]).sum() == (edge == k).sum()


def test_no_edges_cross_no_rim() -> None:
    density: Any = gk.as_density(KernelDensity(bandwidth=0.5, kernel="tophat").fit(STRETCHED))
    none = np.empty((0, 2), dtype=np.int64)
    assert [len(part) for part in density.segment_breaks(STRETCHED, none, -np.inf)] == [0, 0]
    assert len(gk.FermatMetric(density, beta=0.5).edge_lengths(STRETCHED, none)) == 0


def test_rims_hold_no_array_of_all_kernels_and_edges() -> None:
    x = np.random.default_rng(0).standard_normal((4000, 2))
    density: Any = gk.as_density(KernelDensity(bandwidth=0.02, kernel="linear").fit(x))
    edges = np.stack([np.arange(3999), np.arange(1, 4000)], axis=1)
    ends = x[0] + np.cumsum(0.01 * x, axis=0)
    tracemalloc.start()
    density.segment_breaks(ends, edges, -np.inf)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4000 * 3999  # bytes: an eighth of one float64 for each
