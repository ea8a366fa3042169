"""Hard distributions: how samples are drawn, how a graph is judged, and what refinement reports where c
jumps.
"""

from __future__ import annotations

import numpy as np
import pytest

from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.experiments import hard_distributions as hd

pytest.importorskip("skfmm", reason="scikit-fmm comes with the extra `notebooks`")
SETTINGS = dict(contrast=300.0, n_sources=2, cells=100, seed=0)


@pytest.fixture(scope="module")
def boxes() -> hd.Case:
    return hd.case("boxes", [(-1.6, 1.6), (-1.5, 1.5)], floor=0.05, **SETTINGS)


@pytest.fixture(scope="module")
def modes() -> hd.Case:
    return hd.case("grid_of_modes", [(-1.1, 1.1)] * 2, side=2, label="four modes", **SETTINGS)


def test_the_metric_has_the_contrast_asked(modes: hd.Case) -> None:
    x = modes.metric.density.sample(4000, seed=0)
    far, near = (
        np.exp(modes.metric.log_factor(np.array([[50.0, 50.0]])))[0],
        np.exp(modes.metric.log_factor(x)).min(),
    )
    assert far / near == pytest.approx(300, rel=0.02)
    assert modes.name == "four modes"


@pytest.mark.parametrize("sampling", hd.SAMPLINGS)
def test_samples_lie_in_the_box_and_where_they_should(modes: hd.Case, sampling: str) -> None:
    x = hd.draw(modes, 2000, sampling, seed=1)
    assert x.shape == (2000, 2)
    assert (np.abs(x) <= 1.1).all()
    np.testing.assert_array_equal(x, hd.draw(modes, 2000, sampling, seed=1))
    inside = (np.linalg.norm(np.abs(x) - 0.5, axis=1) < 0.2).mean()  # two standard deviations from a mode
    disk = 4 * np.pi * 0.2**2 / 2.2**2
    # A round Gaussian's mass within two of its widths, and the root's, which is wider by a root of two.
    expected = {
        "uniform": disk,
        "from p": 1 - np.exp(-2),
        "half and half": (disk + 1 - np.exp(-2)) / 2,
        "from √p": 1 - np.exp(-1),
    }
    assert inside == pytest.approx(expected[sampling], abs=0.04)


def test_trials_tell_dense_from_torn(modes: hd.Case, boxes: hd.Case) -> None:
    good = hd.trial(modes, 800, "uniform", seed=0)
    assert (good.torn, good.components) == (0.0, 1)
    assert good.within == good.bridged > 0.9
    assert good.error < 0.03
    torn = hd.trial(modes, 800, "from p", seed=0)
    assert torn.components > 1
    assert torn.torn > 0.2
    assert torn.within <= min(1 - torn.torn, torn.bridged)
    assert good == hd.trial(modes, 800, "uniform", seed=0)
    assert hd.trial(modes, 800, "uniform", seed=0, repeat=1) != good
    jump = hd.trial(boxes, 800, "uniform", seed=0)
    assert jump.error < 0.03
    assert jump.own95 < 0.02
    errors, own = hd.audit(boxes, 1, 300, cells=150, seed=0)
    assert errors.shape == own.shape
    assert np.quantile(np.abs(errors), 0.95) < 0.06


def test_a_table_has_a_row_for_every_trial(modes: hd.Case) -> None:
    table = hd.trial_table([modes], [100, 200], ["uniform", "from p"], trials=2, seed=3)
    assert len(table) == 8
    row = table[(table.n == 200) & (table.sampling == "from p")].iloc[1]
    again = hd.trial(modes, 200, "from p", seed=3, repeat=1)
    assert (row["distribution"], row["mean relative error"]) == ("four modes", again.error)


def test_a_table_of_refinement_counts_what_converged() -> None:
    notes = ((), ("not converged",))
    of = hd.Refined(np.array([0.1, 0.2]), np.array([0.0, 0.05]), np.array([0.001, 0.0]), notes)
    row = hd.refined_table({("boxes", "uniform"): of}).loc[("boxes", "uniform")]
    assert row.tolist() == ["0.200", "0.050", "0.001", "1 of 2"]


def test_refinement_closes_the_gap_where_c_is_smooth_and_says_so_where_it_jumps(
    modes: hd.Case, boxes: hd.Case
) -> None:
    smooth = hd.refined_pairs(modes, hd.advised(modes, 400, "uniform", seed=0), 3, seed=0)
    assert (np.abs(smooth.after) <= 0.005 + smooth.own).all()
    assert smooth.before.max() > 0.005
    assert not any(smooth.notes)
    jump = hd.refined_pairs(boxes, hd.advised(boxes, 400, "uniform", seed=0), 2, seed=0)
    assert (jump.after <= jump.before + 1e-9).all()


def test_what_is_refused(modes: hd.Case) -> None:
    with pytest.raises(InvalidParameter, match="there are boxes, grid_of_modes, uneven_modes"):
        hd.case("mixture", [(-2, 2)] * 2, dim=1, **SETTINGS)
    with pytest.raises(InvalidParameter, match="there are uniform, half and half, from √p, from p"):
        hd.draw(modes, 10, "sobol", seed=0)
