"""A scheduler and workers on this machine: the same numbers to the bit, and nothing lost where one dies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clusters
import numpy as np
import pytest
from clusters import WITHOUT_THE_KIT, Cluster, Slow, graph_of, running, until

import geodesic_kit as gk
from geodesic_kit.errors import ClusterError, InvalidParameter, MissingPlugin
from geodesic_kit.workers import connection

pytest.importorskip("distributed")

MIXTURE = gk.densities["mog"]([[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]], [0.1, 0.2, 0.1], [0.5, 0.3, 0.2])
METRIC = gk.GenerativeMetric(MIXTURE, lam=0.02, p0=0.1)
NOWHERE = "tcp://127.0.0.1:1"  # a port that no one listens on


@pytest.fixture(scope="module", autouse=True)
def by_value() -> Iterator[None]:
    """Workers read the solver from what they are sent: they cannot import the file that has it."""
    import cloudpickle

    cloudpickle.register_pickle_by_value(clusters)
    yield
    cloudpickle.unregister_pickle_by_value(clusters)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        started.worker()
        started.worker()
        yield started


@pytest.mark.parametrize("solver", ["native", "scipy"])
def test_distances_are_equal_to_the_bit(cluster: Cluster, solver: str) -> None:
    graph = graph_of(700)
    sources = [5, 699, 5, *range(300, 0, -1)]
    for options in ({}, {"dtype": np.float32}, {"limit": 0.5}):
        here = gk.distances(graph, sources, solver, **options)
        there = gk.distances(graph, sources, solver, client=cluster.address, **options)
        np.testing.assert_array_equal(there, here)
        assert there.dtype == here.dtype


def test_a_killed_worker_costs_its_own_shards_and_no_more(cluster: Cluster, tmp_path: Path) -> None:
    graph, slow = graph_of(2600), Slow(str(tmp_path), 0.4)
    doomed = cluster.worker()
    found: list[Any] = []
    work = threading.Thread(
        target=lambda: found.append(gk.distances(graph, solver=slow, client=cluster.address))
    )
    work.start()
    until(lambda: any(f"-{doomed.pid}-" in name for name in slow.calls()), "its first shard")
    cluster.end(doomed)
    shards = -(-graph.n // 256)
    assert len(slow.calls()) < shards
    work.join()
    np.testing.assert_array_equal(found[0], gk.distances(graph, solver="scipy"))
    its = sum(f"-{doomed.pid}-" in name for name in slow.calls())
    assert shards <= len(slow.calls()) <= shards + its


PROGRAM = """
import sys, numpy as np, cloudpickle
sys.path.insert(0, {tests!r})
import clusters
cloudpickle.register_pickle_by_value(clusters)
graph = clusters.graph_of(1500)
out = np.lib.format.open_memmap({out!r}, "w+", np.float64, (1500, 1500))
clusters.gk.distances(graph, solver=clusters.Slow({calls!r}, 0.4), out=out, client={client!r})
"""


def test_a_caller_that_was_killed_goes_on_where_it_was(cluster: Cluster, tmp_path: Path) -> None:
    calls, out = tmp_path / "calls", tmp_path / "rows.npy"
    calls.mkdir()
    program = PROGRAM.format(
        tests=str(Path(__file__).parent), out=str(out), calls=str(calls), client=cluster.address
    )
    caller = subprocess.Popen([sys.executable, "-c", program])

    def noted() -> list[str]:
        return [
            line
            for path in tmp_path.glob("rows.npy.*.shards")
            for line in path.read_text().split("\n")
            if line
        ]

    until(lambda: len(noted()) >= 2, "two shards")
    caller.kill()
    caller.wait()
    kept = len(noted())
    shards = -(-1500 // 256)
    assert 2 <= kept < shards
    time.sleep(1.0)  # what the workers were at ends
    before = len(list(calls.iterdir()))
    graph, slow = graph_of(1500), Slow(str(calls), 0.4)
    rows = np.load(out, mmap_mode="r+")
    gk.distances(graph, solver=slow, out=rows, client=cluster.address)
    expected = gk.distances(graph, solver="scipy")
    np.testing.assert_array_equal(rows, expected)
    assert len(slow.calls()) - before == shards - kept
    # rows that were overwritten meanwhile are found out
    rows[300] = 0
    rows.flush()
    gk.distances(graph, solver=slow, out=rows, client=cluster.address)
    np.testing.assert_array_equal(rows, expected)
    assert len(slow.calls()) - before == shards - kept + 1


def test_rows_go_to_a_zarr_array_and_are_found_there_again(cluster: Cluster, tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    graph = graph_of(600)
    out = zarr.create_array(tmp_path / "d.zarr", shape=(600, 600), chunks=(100, 600), dtype="f8")
    calls = tmp_path / "calls"
    calls.mkdir()
    slow = Slow(str(calls), 0.0)
    for _ in range(2):
        given = gk.distances(graph, solver=slow, client=cluster.address, out=out)
        assert given is out
        np.testing.assert_array_equal(out[:], gk.distances(graph))
    assert len(slow.calls()) == 3


def test_errors_of_a_solver_come_back(cluster: Cluster) -> None:
    with pytest.raises(gk.errors.PluginError, match="No such file"):
        gk.distances(graph_of(50), solver=Slow("/nowhere/at/all", 0.0), client=cluster.address)


def test_a_worker_without_the_kit_is_named(cluster: Cluster) -> None:
    bare = cluster.worker("-c", WITHOUT_THE_KIT)
    try:
        with pytest.raises(ClusterError, match=r"the worker tcp://.* has no geodesic-kit"):
            gk.distances(graph_of(50), client=cluster.address)
    finally:
        cluster.end(bare)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"numpy": "0.1"}, r"the worker tcp://.* has numpy [\d.]+, and this process 0\.1"),
        ({"code": "0"}, "has other code of geodesic-kit than this process"),
    ],
)
def test_a_worker_of_another_version_is_named(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, own: dict[str, str], told: str
) -> None:
    mine = connection.made_with() | own
    monkeypatch.setattr(connection, "made_with", lambda: mine)
    with pytest.raises(ClusterError, match=told):
        gk.distances(graph_of(50), client=cluster.address)


def test_a_client_of_ones_own_is_taken_and_left_open(cluster: Cluster) -> None:
    from distributed import Client

    graph = graph_of(50)
    with Client(cluster.address, set_as_default=False) as client:
        np.testing.assert_array_equal(gk.distances(graph, client=client), gk.distances(graph))
        assert client.status == "running"
    with pytest.raises(ClusterError, match="client= is closed: open a new one"):
        gk.distances(graph, client=client)


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with pytest.raises(
        ClusterError, match=f"no scheduler answers at {NOWHERE} within 5 s: start one by `dask"
    ):
        gk.distances(graph_of(50), client=NOWHERE)


def test_a_scheduler_without_workers_is_named(tmp_path: Path) -> None:
    with (
        running(tmp_path) as empty,
        pytest.raises(ClusterError, match="has no workers: start some by `dask w"),
    ):
        gk.distances(graph_of(50), client=empty.address)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"client": 8786}, "client=8786: give a dask.distributed.Client, or a scheduler's address"),
        ({"client": "10.0.0.1"}, "client='10.0.0.1': give a dask.distributed.Client"),
        ({"sources": [50]}, "50"),
        ({"out": np.zeros((50, 49))}, r"out has shape \(50, 49\) and type float64; \(50, 50\) and float64"),
        ({"out": np.zeros((50, 50), np.float32)}, "type float32"),
        ({"out": [[0.0]]}, "out=list: give an array, a memmap or a zarr array"),
    ],
)
def test_what_cannot_be_is_refused_before_anyone_is_asked(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidParameter, match=told):
        gk.distances(graph_of(50), **({"client": NOWHERE} | options))


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPlugin, match=r"client= needs distributed: pip install 'geodesic-kit\[dask\]'"):
        gk.distances(graph_of(50), client=NOWHERE)


@pytest.mark.parametrize("rule", ["adaptive", "trapezoid"])
def test_weights_are_equal_to_the_bit(cluster: Cluster, rule: str) -> None:
    graph = gk.knn_graph(np.random.default_rng(0).normal(size=(3000, 2)), k=8)
    here, there = (graph.weigh(METRIC, rule, client=client) for client in (None, cluster.address))
    np.testing.assert_array_equal(there.weights, here.weights)
    assert repr(there.report) == repr(here.report)
    np.testing.assert_array_equal(there.report.relative_errors, here.report.relative_errors)


class Crooked:
    """A metric of one's own, which measures edges itself."""

    def edge_lengths(self, points: Any, edges: Any) -> Any:
        return 1.5 * np.abs(points[edges[:, 0]] - points[edges[:, 1]]).sum(axis=1)

    def lower_bound(self) -> float:
        return 1.0


def test_a_metric_that_measures_itself_is_asked_on_workers(cluster: Cluster) -> None:
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        graph = gk.knn_graph(np.random.default_rng(0).normal(size=(1200, 2)), k=8)
        here, there = (graph.weigh(Crooked(), client=client) for client in (None, cluster.address))
        np.testing.assert_array_equal(there.weights, here.weights)
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def test_what_cannot_travel_is_told_before_work(cluster: Cluster) -> None:
    lock = threading.Lock()
    density = gk.as_density(lambda x: -(x**2).sum(axis=1) if lock else x, dim=2)
    with pytest.raises(InvalidParameter, match="this cannot be sent to workers"):
        graph_of(50).weigh(gk.GenerativeMetric(density, lam=0.1, p0=0.1), client=cluster.address)


def test_what_a_worker_cannot_import_is_told(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="a worker cannot import what it was sent"):
        graph_of(50).weigh(Crooked(), client=cluster.address)


def test_refined_paths_are_equal_to_the_bit(cluster: Cluster) -> None:
    graph = gk.knn_graph(np.random.default_rng(0).normal(size=(400, 2)), k=8).weigh(METRIC)
    paths = [gk.geodesic(graph, k, 399 - k) for k in range(10)]
    for options in ({}, {"n_points": 9}):
        here, there = (gk.refine(paths, client=client, **options) for client in (None, cluster.address))
        for a, b, path in zip(here, there, paths, strict=True):
            np.testing.assert_array_equal(b.points, a.points)
            np.testing.assert_array_equal(b.pieces, a.pieces)
            assert (b.notes, b.certified, b.error) == (a.notes, a.certified, a.error)
            assert (b.metric, b.support) == (METRIC, path.support)
    assert gk.refine([], client=cluster.address) == []


def test_a_sweep_is_run_by_workers_and_kept(
    cluster: Cluster, tmp_path: Path, write_notebook: Callable[..., None]
) -> None:
    (tmp_path / "notebooks").mkdir()
    work = "import os\nprint(seed * seed, os.environ['OMP_NUM_THREADS'])"
    write_notebook(tmp_path / "notebooks" / "2.1-squares.ipynb", work)
    given = {"folder": tmp_path / "notebooks", "results": tmp_path / "results", "client": cluster.address}
    first = gk.runs.sweep("2.1", {"seed": [3, 4]}, **given)
    assert [outcome.status for outcome in first] == ["finished", "finished"], first
    for seed, outcome in zip((3, 4), first, strict=True):
        assert f"{seed * seed} 1" in outcome.path.read_text()
    again = gk.runs.sweep("2.1", {"seed": [3, 4]}, **given)
    assert [outcome.status for outcome in again] == ["kept", "kept"]


def test_a_run_that_fails_on_a_worker_says_why(
    cluster: Cluster, tmp_path: Path, write_notebook: Callable[..., None]
) -> None:
    (tmp_path / "notebooks").mkdir()
    write_notebook(tmp_path / "notebooks" / "2.1-squares.ipynb", "raise KeyError('no such thing')")
    outcome = gk.runs.run(
        "2.1", folder=tmp_path / "notebooks", results=tmp_path / "results", client=cluster.address
    )
    assert outcome.status == "failed"
    assert "no such thing" in outcome.error
    assert "no such thing" in outcome.path.read_text()
