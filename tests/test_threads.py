"""Threads on a shared machine: processes that the kit starts wait asleep, and small work has one thread."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.base.limited import limited_to, small_work
from geodesic_kit.base.threads import PASSIVE, child_environment, children
from geodesic_kit.paper.experiments import own_process
from geodesic_kit.paper.runs import workers

ROOT = Path(__file__).parents[1]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of threads."""
    for name in (*PASSIVE, "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def said(environment: str) -> dict[str, str]:
    return dict(
        line.split("=", 1)
        for line in environment.splitlines()
        if line.split("=", 1)[0] in (*PASSIVE, "OMP_NUM_THREADS")
    )


@pytest.mark.usefixtures("bare")
def test_a_child_waits_asleep_unless_its_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_environment() == PASSIVE | os.environ
    assert child_environment(2) == PASSIVE | os.environ | {"OMP_NUM_THREADS": "2"}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert child_environment(2) == PASSIVE | os.environ
    before = dict(os.environ)
    with children(1, GEODESIC_KIT_TEST="said"):
        assert dict(os.environ) == PASSIVE | before | {"GEODESIC_KIT_TEST": "said"}
    assert dict(os.environ) == before


@pytest.mark.usefixtures("bare")
def test_every_process_that_the_kit_starts_waits_asleep() -> None:
    assert {name: own_process.call("os:getenv", key=name) for name in PASSIVE} == PASSIVE
    with workers._environment(threads=1) as environment:
        assert {name: environment[name] for name in PASSIVE} == PASSIVE
        assert environment["OMP_NUM_THREADS"] == "1"


@pytest.mark.usefixtures("bare")
def test_the_command_waits_asleep_before_numpy_is_there() -> None:
    program = (
        "import os, sys, types\nfrom geodesic_kit import cli\ndef app(): print(*(f'{name}={value}' for "
        "name, value in os.environ.items()), sep='\\n'); print('numpy' in "
        "sys.modules)\nsys.modules['geodesic_kit.cli.commands'] = types.SimpleNamespace(app=app)\ncli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said(done.stdout) == PASSIVE
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.usefixtures("bare")
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_waits_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(target: str) -> dict[str, str]:
        command = ["make", "--silent", f"--eval={target}: ; @env", target]
        return said(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    assert make("shown") == PASSIVE | {"OMP_NUM_THREADS": "1"}
    monkeypatch.setenv("KMP_BLOCKTIME", "200")
    assert make("shown") == PASSIVE | {"OMP_NUM_THREADS": "1", "KMP_BLOCKTIME": "200"}


@pytest.fixture
def threads() -> Iterator[Any]:
    """The numbers of threads of BLAS and OpenMP, by name, on a machine that has two of each."""
    threadpoolctl = pytest.importorskip("threadpoolctl")
    pytest.importorskip("sklearn.mixture")

    def now() -> dict[str, set[int]]:
        pools = threadpoolctl.threadpool_info()
        return {
            kind: {pool["num_threads"] for pool in pools if pool["user_api"] == kind}
            for kind in ("blas", "openmp")
        }

    with threadpoolctl.threadpool_limits(2):
        yield now


ONE, TWO = ({"blas": {n}, "openmp": {n}} for n in (1, 2))


def test_small_work_has_one_thread_and_gives_the_others_back(threads: Any) -> None:
    with small_work(131_073):
        assert threads() == TWO
    with small_work(131_072):
        assert threads() == ONE
        with limited_to(2):
            assert threads() == TWO
        assert threads() == ONE
    with pytest.raises(KeyError), small_work(1):
        raise KeyError
    assert threads() == TWO


@pytest.mark.parametrize("first_leaves_first", [True, False])
def test_threads_within_at_once_leave_all_as_it_was(first_leaves_first: bool, threads: Any) -> None:
    with ThreadPoolExecutor(1) as other:
        here, there = small_work(9), small_work(9)
        ways = [
            lambda: here.__exit__(None, None, None),
            lambda: other.submit(there.__exit__, None, None, None).result(),
        ]
        here.__enter__()
        other.submit(there.__enter__).result()
        assert threads() == other.submit(threads).result() == ONE
        for leave in ways if first_leaves_first else reversed(ways):
            leave()
        assert threads() == TWO
        assert other.submit(threads).result()["blas"] == {2}


@pytest.mark.parametrize("work", ["estimator", "mixture", "kmeans", "cluster"])
def test_small_fits_have_one_thread(work: str, threads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from geodesic_kit_plugins.densities.mog.em import Sample
    from sklearn.cluster import MiniBatchKMeans, _kmeans

    seen = []

    def spy(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def spied(*args: Any, **options: Any) -> Any:
            seen.append(threads())
            return original(*args, **options)

        monkeypatch.setattr(owner, name, spied)

    spy(Sample, "most_likely")
    spy(MiniBatchKMeans, "fit")
    spy(_kmeans, "_kmeans_single_lloyd")
    x = np.random.default_rng(0).normal(size=(60, 2))
    if work == "estimator":
        gk.GenerativeGeodesics(random_state=0).fit(x)
    elif work == "cluster":
        gk.cluster(np.linalg.norm(x[:, None] - x, axis=2), 2, tau=1.0)
    else:
        gk.densities["mog"].fit(x, seed=0, method={"mixture": "em"}.get(work, work), n_components=3)
    assert seen
    assert all(one == ONE for one in seen)
    assert threads() == TWO
