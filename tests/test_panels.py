"""Small multiples, heat maps side by side, tables with the best in bold, and figures of judged densities."""

from __future__ import annotations

import re
from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from geodesic_kit.errors import DataError
from geodesic_kit.paper.experiments.density_figures import over_divergence
from geodesic_kit.paper.experiments.density_table import Judged
from geodesic_kit.paper.experiments.panels import heat_maps, panels
from geodesic_kit.paper.experiments.tables import best_in_bold


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_panels_are_named_by_their_keys_and_labelled_at_the_rim() -> None:
    def draw(ax, name, kind="alone"):
        ax.plot([1, 2], [3, 4], label=kind)
        ax.set(xlabel="inner", ylabel="inner")
        if kind == "titled":
            ax.set_title("its own")

    panels(
        draw,
        [("a", "b"), ("a", "titled"), "c"],
        across=2,
        xlabel="x",
        ylabel="y",
        shared=True,
        legend=True,
        xticks=[1, 2],
    )
    figure = plt.gcf()
    axes = figure.axes
    assert [ax.get_title() for ax in axes] == ["a, b", "its own", "c", ""]
    assert [ax.get_xlabel() for ax in axes[:3]] == ["", "x", "x"]
    assert [ax.get_ylabel() for ax in axes[:3]] == ["y", "", "y"]
    assert not axes[3].axison
    assert list(axes[2].get_xticks()) == [1, 2]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["b"]


def test_no_panel_is_an_error() -> None:
    with pytest.raises(DataError, match="give one key or more"):
        panels(lambda ax: None, [], across=2)


def test_heat_maps_share_one_bar() -> None:
    table = pd.DataFrame([[0.0, 1.0], [0.5, np.nan]], index=["r", "s"], columns=[1, 2])
    heat_maps({"a": table, "b": table}, label="NMI", xlabel="x", ylabel="y", marked=[(0, 1)])
    first, second = plt.gcf().axes[:2]
    assert [ax.get_title() for ax in (first, second)] == ["a", "b"]
    assert (len(first.child_axes), len(second.child_axes)) == (0, 1)
    assert len(first.patches) == len(second.patches) == 2


@pytest.mark.parametrize("levels", [1, 2])
def test_the_best_of_each_row_is_bold(levels: int) -> None:
    table = pd.DataFrame([[0.9, 0.895, 0.5], [0.1, 0.3, 0.2]], columns=list("abc"))
    if levels == 2:
        table = pd.concat({"upper": table, "lower": 1 - table}, axis=1)
    html = best_in_bold(table, table, 0.01, "named").to_html()
    cells = re.search(r"([^}]*)\{\s*font-weight: bold", html)
    assert cells
    bold = {(int(row), int(column)) for row, column in re.findall(r"#T_named_row(\d+)_col(\d+)", cells[1])}
    assert bold == ({(0, 0), (0, 1), (1, 1)} | ({(0, 5), (1, 3)} if levels == 2 else set()))


def judged(family: str, name: str, kl: float, nmi: float) -> Judged:
    return Judged(name, 0, family, family, kl, nmi, 1.0, 0.0, False, "")


def test_families_that_matter_are_coloured_and_the_true_density_is_on_the_axis() -> None:
    rows = [
        judged("true", "s", 0.0, 1.0),
        judged("default", "s", 0.2, 0.9),
        judged("kernels", "s", 3.0, 0.1),
        judged("true", "t", 0.0, 1.0),
    ]
    over_divergence(rows, "nmi", ["true", "deep"], ylabel="NMI")
    figure = plt.gcf()
    assert [ax.get_title() for ax in figure.axes] == ["s", "t"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["others", "true"]
    grey, true = figure.axes[0].collections
    np.testing.assert_allclose(grey.get_offsets(), [[0.2, 0.9], [3.0, 0.1]])
    np.testing.assert_allclose(true.get_offsets(), [[0.01, 1.0]])
