"""Widths and bests over a grid of temperatures, and their figure."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import geodesic_kit as gk
from geodesic_kit.paper.experiments.temperatures import (
    Found,
    best,
    by_tau,
    decades,
    draw,
    figure,
    grid,
    lowest,
    nmi_by_tau,
    summaries,
)

TAUS = np.array([0.01, 0.1, 1.0, 10.0, 100.0])


def column(*values):
    return np.array(values, dtype=float)[:, None]


def test_a_width_is_measured_between_grid_points():
    assert decades(TAUS, column(1, 1, 1, 1, 1)) == pytest.approx(4)
    assert decades(TAUS, column(0, 1, 1, 1, 0)) == pytest.approx(2 + 2 * 0.05)
    assert decades(TAUS, column(0, 0, 1, 0, 0)) == pytest.approx(0.1)
    assert decades(TAUS, column(1, 0, 0, 0, 1), share=0.5) == pytest.approx(1)
    assert decades(TAUS, 0.01 * column(1, 1, 1, 1, 1)) == pytest.approx(4)


def test_the_mean_over_seeds_counts():
    nmi = np.array([[1.0, 0.0], [0.8, 0.6], [0.5, 0.9], [0.9, 0.9], [0.2, 0.2]])
    assert best(nmi) == pytest.approx(0.9)
    assert lowest(TAUS, nmi) == pytest.approx(0.2)
    assert lowest(TAUS[:4], nmi[:4], 1.0) == pytest.approx(0.7)
    with pytest.raises(gk.errors.InvalidParameter, match="1000 or more"):
        lowest(TAUS, nmi, 1000)


def test_a_sweep_finds_what_cluster_finds():
    found = nmi_by_tau(["two_moons"], [3], 120, {"spectral": [0.1, 1.0]}, jobs=1)
    assert [(f.distance, f.tau) for f in found[:2]] == [("generative", 0.1), ("generative", 1.0)]
    assert len(found) == 6
    taus, nmi = by_tau(found, "two_moons", "Euclidean", "spectral")
    np.testing.assert_array_equal(taus, [0.1, 1.0])
    assert nmi.shape == (2, 1)
    assert nmi_by_tau(["two_moons"], [3], 120, {"spectral": [0.1, 1.0]}, jobs=2)[:2] == found[:2]
    with pytest.raises(gk.errors.InvalidParameter, match="'ising'"):
        by_tau(found, "two_moons", "Euclidean", "ising")


def test_the_figure_has_a_line_and_a_default_for_each_name_and_the_first_on_top():
    curves = [
        (name, tau, nmi)
        for name, nmi in (("ours", 1.0), ("b", 0.5), ("c", 0.2))
        for _ in range(2)
        for tau in (np.nan, *TAUS)
    ]
    table = pd.DataFrame([*curves, ("no distance", np.nan, 0.9)], columns=["method", "tau", "nmi"])
    fig, ax = plt.subplots()
    draw(table, "method", ax)
    lines, names = ax.get_legend_handles_labels()
    assert names == ["ours", "b", "c"]
    assert lines[0].get_zorder() > max(line.get_zorder() for line in lines[1:])
    marks = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [float(mark.get_ydata()[0]) for mark in marks] == pytest.approx([1.0, 0.5, 0.2])
    places = [float(mark.get_xdata()[0]) for mark in marks]
    assert places == sorted(places)
    assert places[-1] < TAUS[0] / 3
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["default", "$10^{-2}$"]
    plt.close(fig)


def test_a_grid_of_temperatures_has_equal_steps_and_both_ends():
    assert grid(2.0) == [1e-4, 1e-2, 1.0, 1e2, 1e4]
    assert len(grid(0.5)) == 17


def rows_of(name, method, nmi_generative, nmi_euclidean):
    pairs = {"generative": nmi_generative, "Euclidean": nmi_euclidean}
    taus = [*TAUS, np.nan]
    return [
        Found(name, 0, kind, method, tau, nmi)
        for kind, values in pairs.items()
        for tau, nmi in zip(taus, values, strict=True)
    ]


def test_summaries_count_no_width_for_what_is_never_right():
    found = rows_of("b", "spectral", [1, 1, 1, 1, 1, 0.9], [0.3] * 6) + rows_of(
        "a", "spectral", [0, 0, 1, 1, 0.8, 1], [0.6] * 6
    )
    rows = summaries(found)
    assert [(row.name, row.distance) for row in rows] == [
        (n, k) for n in "ba" for k in ("generative", "Euclidean")
    ]
    assert (rows[0].best, rows[0].decades, rows[0].default, rows[0].worst) == (1, 4, 0.9, 0.9)
    assert (rows[1].best, rows[1].decades) == (0.3, 0)
    assert rows[2].lowest == 0.8
    assert rows[3].decades == 4


def test_the_figure_of_all_has_a_panel_a_method_and_set():
    methods = ("spectral", "ising")
    found = [
        row for name in "ab" for method in methods for row in rows_of(name, method, [1.0] * 6, [0.5] * 6)
    ]
    figure(pd.DataFrame(found), title="both")
    drawn = plt.gcf()
    assert [ax.get_title() for ax in drawn.axes] == ["a, spectral", "b, spectral", "a, ising", "b, ising"]
    assert drawn.get_suptitle() == "both"
    plt.close(drawn)


def test_panels_of_unequal_grids_have_the_ticks_and_the_defaults_of_the_whole_range():
    warm = [row for row in rows_of("a", "ising", [1.0] * 6, [0.5] * 6) if not row.tau < 1]
    figure(pd.DataFrame([*rows_of("a", "spectral", [1.0] * 6, [0.5] * 6), *warm]))
    drawn = plt.gcf()
    ticks = [list(ax.get_xticks()) for ax in drawn.axes]
    assert ticks[0] == ticks[1]
    places = [
        [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "None"] for ax in drawn.axes
    ]
    assert places[0] == places[1]
    assert max(places[1]) < TAUS[0]
    plt.close(drawn)
