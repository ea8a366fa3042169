"""Figures: what is drawn, labelled axes, errors; no figure is left open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, MissingPlugin

mpl.use("Agg")
MOG = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.5]], covariances=[0.2, 0.1])
X = MOG.sample(60, seed=0)
GRAPH = gk.epsilon_graph(X, eps=1.0)
METRIC = gk.GenerativeMetric(MOG, lam=0.05, p0=0.2)


@pytest.fixture(autouse=True)
def no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def own_axes() -> mpl.axes.Axes:
    return Figure(layout="constrained").subplots()


def drawn(ax: mpl.axes.Axes, path: Path) -> None:
    """The figure renders, with both axes labelled."""
    assert ax.get_xlabel()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(path / "figure.png")
    assert (path / "figure.png").stat().st_size > 2000


def test_an_axes_that_is_given_is_used_and_pyplot_stays_alone(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    plt.close("all")
    ax = own_axes()
    assert gk.plots.density(MOG, X, ax=ax) is ax
    assert gk.plots.points(X, X[:, 0] > 0, ax=ax) is ax
    assert gk.plots.graph(GRAPH, ax=ax) is ax
    assert gk.plots.geodesics(GRAPH, [X[:2]], ax=ax) is ax
    assert plt.get_fignums() == []
    drawn(ax, tmp_path)
    assert len(plt.get_fignums()) == 0
    gk.plots.points(X)
    assert len(plt.get_fignums()) == 1


def test_the_map_shows_the_values_where_they_belong(tmp_path: Path) -> None:
    ax = gk.plots.density(MOG, ((-2, 2), (-1, 1)), resolution=41)
    image = ax.images[0]
    assert image.get_extent() == [-2, 2, -1, 1]
    values = image.get_array()
    assert values.shape == (20, 41)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    best = np.array([-2 + 4 * column / 40, -1 + 2 * row / 19])
    assert best == pytest.approx([1.0, 0.5], abs=0.1)
    assert image.norm.vmin >= values.max() - 12
    drawn(ax, tmp_path)


def test_a_metric_is_drawn_as_log_c() -> None:
    ax = gk.plots.density(METRIC, X, resolution=30)
    grid = ax.images[0].get_array()
    assert grid.min() == pytest.approx(METRIC.log_factor(MOG.means).min(), abs=0.05)


def test_the_box_comes_from_the_axes_or_from_draws() -> None:
    ax = own_axes()
    ax.plot([0, 3], [1, 2])
    gk.plots.density(MOG, ax=ax, resolution=10)
    assert ax.images[0].get_extent()[:2] == pytest.approx([-0.15, 3.15])
    extent = gk.plots.density(MOG, resolution=10).images[0].get_extent()
    assert extent[0] < -1 < 1 < extent[1]
    with pytest.raises(InvalidParameter, match=r"give box=\(\(x0, x1\), \(y0, y1\)\)"):
        gk.plots.density(gk.as_density(lambda x: -(x**2).sum(axis=1), dim=2))


def test_geodesics_are_drawn_and_named(tmp_path: Path) -> None:
    path = gk.geodesic(GRAPH.weigh(METRIC), 0, 5)
    ax = gk.plots.geodesics(GRAPH, {"geodesic": path, "straight": X[[0, 5]]}, density=MOG)
    assert [line.get_label() for line in ax.lines] == ["geodesic", "straight"]
    assert ax.lines[0].get_xydata() == pytest.approx(path.points)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["geodesic", "straight"]
    drawn(ax, tmp_path)
    unnamed = gk.plots.geodesics(GRAPH, [path], np.arange(60) % 3)
    assert unnamed.get_legend() is None
    assert len({line.get_color() for line in ax.lines}) == 2
    assert gk.plots.geodesics(None, [path]).lines


def test_a_weighed_graph_shows_its_mean_factor(tmp_path: Path) -> None:
    plain, coloured = gk.plots.graph(GRAPH, ax=own_axes()), gk.plots.graph(GRAPH.weigh(METRIC), ax=own_axes())
    assert plain.collections[0].get_array() is None
    weights = GRAPH.weigh(METRIC).weights
    assert weights is not None
    lengths = np.linalg.norm(X[GRAPH.edges[:, 0]] - X[GRAPH.edges[:, 1]], axis=1)
    assert np.asarray(coloured.collections[0].get_array()) == pytest.approx(weights / lengths)
    assert gk.plots.graph(GRAPH.weigh(gk.EuclideanMetric()), ax=own_axes()).collections[0].get_array() is None
    drawn(coloured, tmp_path)


def test_many_points_are_drawn_as_pixels() -> None:
    assert gk.plots.points(MOG.sample(3000, seed=0)).collections[0].get_rasterized()
    assert not gk.plots.points(X).collections[0].get_rasterized()


def test_convergence_fits_the_slope(tmp_path: Path) -> None:
    n = np.repeat([100, 200, 400, 800], 5)
    table = {
        "n": np.tile(n, 2),
        "error": np.concatenate([2.0 * n**-0.5, 3.0 * n**-0.25]),
        "κ": np.repeat([1.0, 2.0], 20),
    }
    ax = gk.plots.convergence(table, "n", "error", "κ", unit="relative")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "κ = 1, slope -0.50",
        "κ = 2, slope -0.25",
    ]
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_ylabel()) == ("log", "log", "error  [relative]")
    drawn(ax, tmp_path)
    with pytest.raises(DataError, match="no column 'm'; there are n, error"):
        gk.plots.convergence(table, "m", "error")
    with pytest.raises(DataError, match="log scales and must be positive"):
        gk.plots.convergence({"n": [1, 2], "error": [0.0, 1.0]}, "n", "error")


def test_strips_keep_rows_and_columns(tmp_path: Path) -> None:
    frames = np.zeros((2, 3, 8, 8))
    frames[1, 2] = 1.0
    ax = gk.plots.strip(frames, ["first", "second"])
    shown = ax.images[0].get_array()
    assert shown.shape == (20, 30)
    assert (shown[11:19, 21:29] == 0).all()
    assert (shown == 0).sum() == 64
    assert [text.get_text() for text in ax.get_yticklabels()] == ["first", "second"]
    drawn(ax, tmp_path)
    assert gk.plots.strip(frames[0]).images[0].get_array().shape == (10, 30)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: gk.plots.points(np.zeros((5, 3))),
            r"a plane figure needs points in R\^2, these are in R\^3; for images use gk.plots.strip",
        ),
        (
            lambda: gk.plots.density(gk.densities["mog"](means=np.zeros((1, 784)), covariances=1.0)),
            r"this density lives in R\^784",
        ),
        (lambda: gk.plots.geodesics(np.zeros((5, 4)), [np.zeros((2, 4))]), r"in R\^4"),
        (lambda: gk.plots.points(X, [1, 2]), r"labels have shape \(2,\); 60 points need \(60,\)"),
        (
            lambda: gk.plots.strip(np.zeros((4, 64))),
            r"frames have shape \(4, 64\); give finite pictures "
            r"\(rows, k, h, w\)",
        ),
        (lambda: gk.plots.strip(np.zeros((2, 3, 4, 4)), ["one"]), "1 titles for 2 rows"),
        (lambda: gk.plots.density(MOG, np.zeros((0, 2))), "box are empty|empty"),
    ],
)
def test_what_cannot_be_drawn_is_named(call: object, text: str) -> None:
    with pytest.raises(DataError, match=text):
        call()  # type: ignore[operator]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(InvalidParameter, match="nothing to draw"):
        gk.plots.geodesics(None, [])


def test_without_seaborn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "seaborn", None)
    with pytest.raises(MissingPlugin, match=r"pip install 'geodesic-kit\[plots\]'"):
        gk.plots.points(X)


def test_a_heat_map_writes_each_value_in_its_cell_and_frames_the_marked(tmp_path: Path) -> None:
    values = np.array([[0.1, 0.25, 1.0], [np.nan, 0.5, 0.0]])
    ax = gk.plots.heat_map(values, ["a", "b"], [1, 2, 3], marked=[(0, 2)], label="NMI")
    ax.set(xlabel="k", ylabel="lam")
    # NaN stays empty
    assert [text.get_text() for text in ax.texts] == ["0.10", "0.25", "1.00", "0.50", "0.00"]
    assert {text.get_position() for text in ax.texts} == {(0, 0), (1, 0), (2, 0), (1, 1), (2, 1)}
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3"]
    (x, y), (low, high) = ax.patches[0].get_xy(), ax.get_ylim()
    assert (x < 2 < x + 0.92, y < 0 < y + 0.9) == (True, True)
    assert low > high  # the first row is on top
    assert ax.images[0].get_clim() == (0.0, 1.0)
    drawn(ax, tmp_path)


def test_heat_maps_share_a_scale_where_limits_are_given() -> None:
    ax = gk.plots.heat_map([[0.4, 0.6]], ["a"], ["b", "c"], limits=(0, 1), ax=own_axes())
    assert ax.images[0].get_clim() == (0, 1)
    assert len(ax.child_axes) == 0  # no label, no colour bar


def test_a_heat_map_says_what_does_not_fit() -> None:
    with pytest.raises(DataError, match="there are 2 rows for 1 rows of values"):
        gk.plots.heat_map([[1, 2]], ["a", "b"], ["c", "d"])
    with pytest.raises(DataError, match="NaN for a cell that was not run"):
        gk.plots.heat_map([[np.inf]], ["a"], ["b"])
    with pytest.raises(InvalidParameter, match="no cell of a map of 1 rows and 2 columns"):
        gk.plots.heat_map([[1, 2]], ["a"], ["b", "c"], marked=[(1, 0)])


def test_an_affinity_is_sorted_by_class_and_its_classes_are_parted() -> None:
    A = np.eye(4)
    ax = gk.plots.affinity(A, [1, 0, 1, 0])
    np.testing.assert_array_equal(ax.images[0].get_array(), A[np.ix_([1, 3, 0, 2], [1, 3, 0, 2])])
    assert len(ax.lines) == 2
    assert ax.get_xlabel() == "point, by class"
    assert gk.plots.affinity(A).get_xlabel() == "point"
    with pytest.raises(gk.errors.DataError, match="labels have shape"):
        gk.plots.affinity(A, [0, 1])
    with pytest.raises(gk.errors.DataError, match=r"gk\.affinity"):
        gk.plots.affinity(np.ones((2, 3)))


def test_maps_that_no_figure_holds_are_refused() -> None:
    flat = gk.as_density(lambda x: -np.square(x).sum(axis=1), dim=2, normalised=False)
    with pytest.raises(DataError, match=r"so narrow that 2e\+302 rows would fill it; give box="):
        gk.plots.density(flat, [[0, 1e-300], [0, 1]])
    with pytest.raises(DataError, match="values have 10,100 cells"):
        gk.plots.heat_map(np.zeros((101, 100)), range(101), range(100))


def test_lines_are_told_apart_and_named(tmp_path: Path) -> None:
    ax = gk.plots.lines(
        [1, 10, 100],
        {"over x": [3.0, 2.0, 1.0], "over its own": [[1, 5], [2.0, 2.0]], "_unnamed": [1.0, 1.0, 1.0]},
        xlabel="n",
        ylabel="error",
        log="xy",
        bands={"over x": [[2.0, 1.0, 0.5], [4.0, 3.0, 2.0]]},
        levels={"bound": 1.5},
        marks={"_here": 10.0},
        ax=own_axes(),
    )
    drawn(ax, tmp_path)
    first, second, third, level, mark = ax.lines
    assert [np.shape(line.get_xdata()) for line in (first, second, third)] == [(3,), (2,), (3,)]
    assert (
        len({(line.get_color(), line.get_linestyle(), line.get_marker()) for line in (first, second, third)})
        == 3
    )
    assert level.get_ydata()[0] == 1.5
    assert mark.get_xdata()[0] == 10.0
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["over x", "over its own", "bound"]


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (dict(named={}), DataError, "no line to draw"),
        (dict(named=[1.0, 2.0]), DataError, "no line to draw"),
        (dict(named={"a": [1.0, 2.0, 3.0]}), DataError, "the line 'a' has shape"),
        (dict(log="z"), InvalidParameter, "log='z'; there are"),
        (dict(bands={"b": [[0, 0], [1, 1]]}), InvalidParameter, "bands= names b; there are the lines a"),
        (dict(bands={"a": [0, 1]}), DataError, "the band of 'a' has shape"),
        (dict(x=[]), DataError, "x has shape"),
    ],
)
def test_lines_that_cannot_be_drawn(given: dict, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        gk.plots.lines(
            **{"x": [0.0, 1.0], "named": {"a": [1.0, 2.0]}, "xlabel": "t", "ylabel": "c", "ax": own_axes()}
            | given
        )
