"""The live page as a file: the nodes that it integrates by, what it refuses, and that it names no address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, QuadratureWarning, UnweightedError
from geodesic_kit.plots.live.tables import Sliders, gauss_lobatto, tables

MOG = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.5]], covariances=[0.2, 0.1])
X = MOG.sample(60, seed=0)
GRAPH = gk.epsilon_graph(X, eps=1.0)
METRIC = gk.GenerativeMetric(MOG, lam=0.05, p0=0.2)


@pytest.mark.parametrize("n_nodes", [3, 5, 7, 17, 65])
def test_gauss_lobatto_is_exact_to_its_degree(n_nodes: int) -> None:
    t, weights = gauss_lobatto(n_nodes)
    degree = 2 * n_nodes - 3
    assert weights @ t**degree == pytest.approx(1 / (degree + 1), rel=1e-12)
    assert weights @ t ** (degree + 1) != pytest.approx(1 / (degree + 2), rel=1e-12) or n_nodes > 7
    assert (t[0], t[-1]) == (0, 1)


def test_the_nodes_give_every_edge_s_length_wherever_the_sliders_stand() -> None:
    sliders = Sliders.around(METRIC)
    parts = tables(GRAPH.weigh(METRIC), METRIC, sliders)
    edges, lengths = parts["edges"].reshape(-1, 2), parts["lengths"].astype(float)
    assert sum(level["edges"] for level in parts["levels"]) == GRAPH.m
    for log_lam in np.linspace(-3, 3, 7) * np.log(10) + METRIC.log_lam:
        metric = gk.GenerativeMetric(MOG, log_lam=log_lam, log_p0=METRIC.log_p0, power=1.7)
        rows = node = 0
        for level in parts["levels"]:
            inner = level["nodes"] - 2
            some = slice(rows, rows + level["edges"])
            between = parts["nodeLogP"][node : node + inner * level["edges"]].reshape(-1, inner)
            ends = parts["vertexLogP"][edges[some]]
            log_p = np.concatenate([ends[:, :1], between, ends[:, 1:]], axis=1).astype(float)
            found = lengths[some] * (np.exp(metric.log_c(log_p)) @ level["weights"])
            assert found == pytest.approx(metric.edge_lengths(X, edges[some].astype(int)), rel=5e-5)
            rows, node = some.stop, node + between.size


def test_a_power_so_strong_that_c_overflows_is_not_offered() -> None:
    steep = gk.GenerativeMetric(MOG, lam=1e-8, p0=0.2, power=14.0)
    sliders = Sliders.around(steep)
    assert sliders.heavier < 20
    most = sliders.power * 2 ** (sliders.heavier / 20)
    lowest = gk.GenerativeMetric(MOG, log_lam=steep.log_lam - 3 * np.log(10), log_p0=steep.log_p0, power=most)
    assert np.isfinite(np.exp(lowest.log_c(np.array([-np.inf]))))


def test_where_log_p_jumps_the_page_says_that_it_is_off(tmp_path: Path) -> None:
    steps = gk.as_density(lambda x: np.where(x[:, 0] < 0.1234, -1.0, -4.0), dim=2)
    graph = gk.knn_graph(X[:12], k=3).weigh(gk.GenerativeMetric(steps, lam=0.001, p0=0.2), rtol=1e-4)
    with pytest.warns(QuadratureWarning, match="edges of the page are off"):
        gk.plots.live_page(graph, tmp_path / "live.html")


def test_the_file_is_whole_and_names_no_address(tmp_path: Path) -> None:
    path = gk.plots.live_page(
        GRAPH.weigh(METRIC), tmp_path / "live.html", i=3, j=5, title="</script><b>@@DATA@@"
    )
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"""https?:|["'(]//|@import|\b(src|href)=""", text)
    held = json.loads(re.search(r'id="data">(.*?)</script>', text, flags=re.DOTALL)[1])
    assert held["ends"] == [3, 5]
    assert held["title"] == "</script><b>@@DATA@@"
    assert "<title>&lt;/script&gt;&lt;b&gt;@@DATA@@</title>" in text


def test_what_it_refuses(tmp_path: Path) -> None:
    path = tmp_path / "live.html"
    with pytest.raises(UnweightedError):
        gk.plots.live_page(GRAPH, path)
    with pytest.raises(InvalidParameter, match=r"EuclideanMetric.*gk\.GenerativeMetric"):
        gk.plots.live_page(GRAPH.weigh(gk.EuclideanMetric()), path)
    with pytest.raises(InvalidParameter, match="lam above 0"):
        gk.plots.live_page(GRAPH.weigh(gk.GenerativeMetric(MOG, log_lam=-np.inf, log_p0=-1.0)), path)
    faint = gk.GenerativeMetric(MOG, log_lam=-650.0, log_p0=-640.0, power=0.1)
    with pytest.raises(InvalidParameter, match="larger lam="):
        gk.plots.live_page(GRAPH.weigh(faint), path)
    with pytest.raises(InvalidParameter, match="j=60"):
        gk.plots.live_page(GRAPH.weigh(METRIC), path, j=60)
    with pytest.raises(DataError, match=r"R\^3"):
        gk.plots.live_page(gk.knn_graph(np.eye(3), k=1), path)
    with pytest.raises(DataError, match="0 edges"):
        gk.plots.live_page(gk.epsilon_graph(X[:2], eps=1e-6).weigh(METRIC), path)
    assert not path.exists()
