"""Figures of the notebooks' experiments: what stands in them, by which labels, in which units."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import geodesic_kit as gk
from geodesic_kit.geodesics.courses import courses
from geodesic_kit.paper.experiments import hard_distributions as hd
from geodesic_kit.paper.experiments import hard_figures, picture_figures, plane_figures
from geodesic_kit.paper.experiments.plane_paths import course_table
from geodesic_kit.paper.experiments.quadrature_rules import RuleOutcome, outcome_table

pd = pytest.importorskip("pandas", reason="tables come with the extra `notebooks`")
BOX = ((-2.0, 2.0), (-1.0, 1.0))
NORMAL = gk.densities["mog"]([[0.0, 0.0]], 0.5)
METRIC = gk.GenerativeMetric(NORMAL, lam=0.01, p0=0.1)
CURVES = [np.array([[-1.0, 0], [0, 0.5], [1, 0]]), np.array([[-1.0, -0.5], [1, 0.5]])]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn() -> Figure:
    return plt.gcf()


def legend(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_rows_of_pictures_are_named_by_path_and_way() -> None:
    paths = np.random.default_rng(0).uniform(size=(3, 20, 6))
    ways = {"geodesic": paths, "straight": 1 - paths}
    picture_figures.draw_strips(ways, ["a", "b", "c"], (2, 3), label="fraction of something", columns=4)
    ax = drawn().axes[0]
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == [f"{path}: {way}" for path in "abc" for way in ways]
    assert ax.get_xlabel() == "fraction of something"


def test_decoded_pictures_stand_above_samples() -> None:
    class Model:
        def decode(self, z: np.ndarray, *, steps: int) -> np.ndarray:
            return z / steps

    z = np.random.default_rng(0).uniform(size=(30, 4))
    picture_figures.draw_decoded(Model(), z, z, z, (2, 2), jumps=(1, 18))
    names = [tick.get_text() for tick in drawn().axes[0].get_yticklabels()]
    assert names == ["test images", "by 1 jump", "by 18 jumps", "samples", "samples"]


def test_shares_of_skips_rise_to_one_by_steps() -> None:
    picture_figures.draw_skips({"geodesic": np.array([1.0, 2.0, 4.0]), "line": np.ones(3)}, bound=3)
    ax = drawn().axes[0]
    places, share = ax.lines[0].get_data()
    assert share[places <= 3].max() == pytest.approx(2 / 3)
    assert share[-1] == 1
    assert legend(ax) == ["geodesic", "line", "bound"]
    assert ax.get_xlabel() == "skip: largest step / median step  [1]"


def test_shares_along_a_path_fill_the_axis_from_0_to_1() -> None:
    t = np.linspace(0, 1, 9)
    picture_figures.draw_along({"share  [1]": {"geodesic": t}, "log p": {"geodesic": 300 * t}})
    left, right = drawn().axes
    assert left.get_ylim() == (0, 1.02)
    assert right.get_ylim()[1] > 300
    assert (left.get_ylabel(), right.get_ylabel()) == ("share  [1]", "log p")


def test_jumps_are_marked_as_they_were_run() -> None:
    panels = {"skip": (np.array([[1.0, 2], [3, 30]]), 1.5), "share": (np.array([[0.5, 1], [0.2, 0]]), 0.9)}
    picture_figures.draw_by_jumps([1, 18], panels)
    left, right = drawn().axes
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["1", "18"]
    assert (left.get_yscale(), right.get_yscale()) == ("log", "linear")
    assert legend(right) == ["latent linear, one line a pair", "geodesics of the same pairs, median"]


def test_numbered_curves_bear_their_numbers_at_their_first_points() -> None:
    axes = plt.subplots(1, 2)[1]
    for ax in axes:
        plane_figures.draw_numbered(dict(zip((3, 7), CURVES, strict=True)), NORMAL, BOX, "geodesic", ax)
        places = {text.get_text(): text.get_position() for text in ax.texts}
        assert places == {"3": (-1, 0), "7": (-1, -0.5)}
    bars = [ax.images[0].colorbar is not None for ax in axes]
    assert bars == [False, True], "one colour bar a row"


def test_lows_of_numbered_pairs_bear_their_numbers() -> None:
    found = dict(enumerate(courses(CURVES, METRIC)))
    plane_figures.draw_lows(found, {5: 1, 6: 9}, NORMAL, BOX)
    assert [text.get_text() for text in drawn().axes[0].texts] == ["5"]


def test_one_way_against_another_has_a_mark_a_pair() -> None:
    table = course_table({"geodesic": courses(CURVES, METRIC), "latent": courses(CURVES[::-1], METRIC)})
    groups = {"one": np.array([True, False]), "other": np.array([False, True])}
    plane_figures.draw_against(table, "turning / π", ["latent"], groups, unit="1")
    ax = drawn().axes[0]
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [1, 1]
    assert ax.get_xlabel() == "turning / π: latent path  [1]"
    assert ax.get_ylabel() == "turning / π: geodesic  [1]"


def test_profiles_have_a_panel_a_group_and_a_band_a_way() -> None:
    profiles = {way: np.random.default_rng(0).normal(size=(6, 50)) for way in ("geodesic", "latent")}
    groups = {"one": np.arange(6) < 3, "other": np.arange(6) >= 3}
    plane_figures.draw_profiles(profiles, groups)
    assert [ax.get_title() for ax in drawn().axes] == ["one", "other"]
    assert [len(ax.collections) for ax in drawn().axes] == [2, 2]


def test_cases_are_mapped_with_their_sources() -> None:
    case = hd.Case("normal", METRIC, np.array(BOX), np.zeros((3, 2)), ())
    hard_figures.draw_cases({"normal": case})
    assert drawn().axes[0].get_title().startswith("normal: λ = 0.01")
    assert len(drawn().axes[0].lines[0].get_xdata()) == 3


def test_errors_and_shares_against_n() -> None:
    fixed = {"distribution": "boxes", "within": 0.5, "bridged": 0.6}
    table = pd.DataFrame([fixed | {"sampling": s, "n": n} for s in hd.SAMPLINGS for n in (100, 1000)])
    table["mean relative error"] = 1 / table.n
    hard_figures.draw_errors(table[table.sampling == "uniform"])
    assert legend(drawn().axes[0]) == ["boxes, slope -1.00"]
    shares = table.groupby(["distribution", "sampling", "n"])[["within", "bridged"]].mean()
    hard_figures.draw_shares(shares, ["boxes"], [100, 1000])
    assert legend(drawn().axes[0]) == [*hd.SAMPLINGS, "from p, bridges"]


def test_refinement_and_rules_are_drawn_with_names() -> None:
    refined = hd.Refined(np.array([0.1]), np.array([0.0]), np.array([0.0]), ((),))
    hard_figures.draw_refined({("boxes", "uniform"): refined, ("modes", "from p"): refined}, tolerance=0.005)
    names = [tick.get_text() for tick in drawn().axes[0].get_xticklabels()]
    assert names == ["boxes,\nuniform", "modes,\nfrom p, bridges"]
    runs = {"trapezoid": [RuleOutcome("trapezoid", m, np.array([1 / m, 0.0]), m + 1.0) for m in (1, 4)]}
    hard_figures.draw_outcomes(runs)
    assert legend(drawn().axes[0]) == ["trapezoid, mean", "trapezoid, largest"]
    table = outcome_table(runs | {"adaptive": [RuleOutcome("adaptive", 1e-4, np.array([1e-9]), 22.4)]})
    assert table.loc[("trapezoid", "4")].tolist() == ["5", "1e-01", "2e-01"]
    assert table.loc[("adaptive", "0.0001")].tolist() == ["22", "< 1e-08", "< 1e-08"]
