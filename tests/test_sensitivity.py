"""Sensitivity: laws of what is varied, densities judged, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_metric
from geodesic_kit.density.answers import held_out_log_density
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.paper.experiments import density_table, scoring, sensitivity, sensitivity_grids


@pytest.fixture(scope="module")
def of():
    return sensitivity.subject("two_moons", 150, 0)


def test_a_subject_knows_what_it_was_drawn_from(of):
    assert of.x.shape == (150, 2)
    assert of.classes == 2
    assert abs(sensitivity.divergence(of, of.truth)) == 0
    assert 0 < sensitivity.divergence(of, of.density) < 1
    with pytest.raises(DataError, match="'digits' has no labels or no known density"):
        sensitivity.subject("digits", 30, 0)


def test_p0_is_one_factor_and_moves_no_label(of):
    deviation, *moved = sensitivity.scaled_by_p0(of, [0.1, 50.0])
    assert deviation < 1e-9
    assert moved == [0, 0]


def test_the_grid_of_lam_holds_p0(of):
    found = sensitivity.lams(of, [10, 1, 1e-3])
    assert list(found) == [10, 1, 1e-3]
    rule = default_metric(of.density, of.x)
    assert {metric.log_p0 for metric in found.values()} == {rule.log_p0}
    assert found[1e-3].lam == pytest.approx(rule.p0 / 1000)


def test_lam_by_contrast_goes_from_the_quantile_to_the_share_of_p0(of):
    found = sensitivity.by_contrast(of, [1, 1000, 1e6])
    own = held_out_log_density(of.density, of.x)
    assert found[1].log_lam == np.quantile(own, 0.02, method="lower")
    assert found[1e6].log_p0 - found[1e6].log_lam == pytest.approx(np.log(1e6))
    assert all(metric.log_lam <= found[1].log_lam for metric in found.values())
    rule = default_metric(of.density, of.x)
    assert (found[1000].log_lam, found[1000].log_p0, found[1000].power) == pytest.approx(
        (rule.log_lam, rule.log_p0, rule.power)
    )


def test_clustered_has_a_row_a_tau_and_one_with_labels_by_default(of):
    rows = list(sensitivity_grids.clustered(of, [1, 1000], [0.1]))
    assert [(row.contrast, row.tau) for row in rows if row.tau == row.tau] == [(1, 0.1), (1000, 0.1)]
    default = [row for row in rows if row.tau != row.tau]
    assert [row.contrast for row in default] == [1, 1000]
    assert all(0.5 < row.one_label <= 1 and 0 <= row.nmi <= 1 for row in default)


def test_neighbours_are_tried_beside_the_rule_and_the_true_density(of):
    found = dict(sensitivity_grids.by_neighbours(of, [5]))
    assert list(found) == ["k = 5", "the rule", "the rule, true p"]
    assert found["the rule"] == next(sensitivity_grids.clustered(of, [1000])).nmi


def test_smoothness_and_separability_have_a_row_a_setting(of):
    (name, fraction, skip, turning), *more = sensitivity_grids.smoothness_by_lam(of, [1e3, 1e-3], 3)
    assert (name, fraction, len(more)) == ("two_moons", 1e3, 1)
    assert skip < more[0][2]  # nearly Euclidean
    assert turning >= 0
    rows = list(sensitivity_grids.separabilities(of, [1e-3], [5, 10], 250))
    assert [row[:3] for row in rows] == [
        (method, 1e-3, k) for k in (5, 10) for method in ("classical scaling", "t-SNE")
    ]
    assert all(0.5 <= row[3] <= 1 for row in rows)


def test_nmi_is_1_where_distances_are_the_classes_own():
    y = np.repeat([0, 1, 2], 10)
    D = np.where(y[:, None] == y, 0.1, 5.0) - 0.1 * np.eye(30)
    assert scoring.agreement(D, y, 0) == pytest.approx(1)
    assert scoring.agreement(D, y, 0, tau=1.0) == pytest.approx(1)
    assert scoring.agreement(D, np.random.default_rng(0).permutation(y), 0) < 0.5


def test_vertices_are_the_points_draws_or_both(of):
    found = sensitivity.over_vertices(of)
    assert list(found) == ["training data", "draws", "both"]
    assert all(0 <= value <= 1 for value in found.values())
    mute = SimpleNamespace(dim=2, normalised=True, log_prob=lambda x: np.zeros(len(x)))
    with pytest.raises(DataError, match="does not sample"):
        sensitivity.over_vertices(sensitivity.Subject("two_moons", 0, of.x, of.y, of.truth, mute))


def test_straight_paths_are_smooth():
    x = np.linspace(0, 1, 40)[:, None] * [[1.0, 2.0]]
    graph = gk.knn_graph(x, k=2).weigh(gk.EuclideanMetric())
    found = sensitivity.smoothness(graph, np.zeros(40, dtype=int), 5, seed=0)
    assert found.skip == pytest.approx(1)
    assert found.turning == pytest.approx(0, abs=1e-6)


def test_a_floor_keeps_components_from_single_points(of):
    plain, floored = (
        gk.densities["mog"].fit(of.x, seed=0, n_components=60, floored=wanted) for wanted in (False, True)
    )
    assert np.linalg.eigvalsh(floored.covariances).min() > 10 * np.linalg.eigvalsh(plain.covariances).min()
    assert sensitivity.divergence(of, floored) < sensitivity.divergence(of, plain)


def test_densities_are_judged_and_the_worst_ones_named(of):
    options = {"mog": {}, "two of them": {"plugin": "mog", "n_components": 2}}
    rows = density_table.judged(of, [2], options, n_pairs=3, n_fresh=1000)
    by_name = {row.density: row for row in rows if row.family != "deep"}
    assert [row.family for row in rows[:2]] == ["true", "default"]
    again, two = (row for row in rows if row.family == "deep")
    assert (again.density, again.kl, again.nmi) == ("mog", rows[1].kl, rows[1].nmi)
    assert two.kl == by_name["EM, K = 2"].kl
    assert by_name["the true density"].kl == 0
    assert not by_name["mog"].named
    assert by_name["kde, Scott's width / 16"].named
    assert by_name["mog, variances × 16"].measured
    assert by_name["mog, variances × 4"].kl < by_name["mog, variances × 16"].kl
    mute = sensitivity.Subject(
        "two_moons",
        0,
        of.x,
        of.y,
        of.truth,
        gk.as_density(lambda x: np.zeros(len(x)), dim=2, normalised=True),
    )
    with pytest.raises(InvalidParameter, match="give density='mog'"):
        density_table.judged(mute, [2])


def test_a_density_without_a_fast_path_is_tabulated_and_judged_the_same(of):
    """Only what paths need goes through the table; the divergence is that of the density itself."""

    class Slow:
        """The mixture without its fast path along edges."""

        calls = 0

        @classmethod
        def fit(cls, x, *, seed=0):
            of_x, made = gk.densities["mog"].fit(x, seed=seed), cls()
            made.log_prob, made.sample, made.dim, made.normalised = of_x.log_prob, of_x.sample, 2, True
            return made

    rows = density_table.judged(of, [], {"slow": {"plugin": Slow}}, n_pairs=3, n_fresh=1000)
    ready, slow = (next(row for row in rows if row.density == name) for name in ("mog", "slow"))
    assert slow.kl == pytest.approx(ready.kl, abs=1e-12)
    assert slow.nmi == pytest.approx(ready.nmi, abs=0.05)
    assert slow.skip == pytest.approx(ready.skip, rel=0.1)
    assert slow.named == ready.named
