"""A Dask cluster on this machine, of processes started as its users start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import geodesic_kit as gk

_PATIENCE = 120.0  # seconds for a process to start on a busy machine
# A worker whose interpreter has Dask and not the kit.
WITHOUT_THE_KIT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("geodesic_kit", "geodesic_kit_plugins"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from dask.__main__ import main
main()
"""


def graph_of(n: int, dim: int = 2) -> gk.Graph:
    x = np.random.default_rng(0).normal(size=(n, dim))
    return gk.knn_graph(x, k=6).weigh(gk.EuclideanMetric())


@dataclass(frozen=True)
class Slow:
    """SciPy's solver, a while later; each call leaves a file named by its first source and its process."""

    folder: str
    seconds: float

    name: ClassVar[str] = "slow"
    rtol: ClassVar[float] = 1e-9

    def solve(self, graph: Any, sources: Any, **options: Any) -> Any:
        import os
        import time
        from pathlib import Path

        import geodesic_kit as gk

        time.sleep(self.seconds)
        (Path(self.folder) / f"{sources[0]}-{os.getpid()}-{time.time_ns()}").touch()
        return gk.solvers["scipy"]().solve(graph, sources, **options)

    def calls(self) -> list[str]:
        return [path.name for path in Path(self.folder).iterdir()]


def until(true: Callable[[], Any], what: str) -> None:
    """Wait until it is so."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < _PATIENCE, f"in vain waited for {what}"
        time.sleep(0.05)


class Cluster:
    """A scheduler and workers, each a process of its own; `stop` ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._told = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._start("-m", "dask", "scheduler", "--port", "0", "--scheduler-file", str(self._told))
        until(lambda: self._told.exists() and self._told.read_text().endswith("}"), "the scheduler")

    @property
    def address(self) -> str:
        return json.loads(self._told.read_text())["address"]

    def worker(self, *program: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, and wait until the scheduler knows it."""
        from distributed import Client

        options = ("--nthreads", "1", "--no-nanny", "--worker-port", "0")
        with Client(self.address, set_as_default=False) as client:
            before = len(client.nthreads())
            started = self._start(*(program or ("-m", "dask")), "worker", self.address, *options)
            until(lambda: len(client.nthreads()) > before, "a worker")
        return started

    def end(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker, and wait until the scheduler knows it."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            before = len(client.nthreads())
            worker.kill()
            worker.wait()
            until(lambda: len(client.nthreads()) < before, "a worker's end")

    def stop(self) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with open(self._folder / f"{len(self._processes)}.log", "wb") as said:
            command = [sys.executable, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                stdout=said,
                stderr=said,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )
        self._processes.append(process)
        return process


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """A cluster without workers, ended with the block."""
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.stop()
