"""A fit of few points on two threads beside a process that keeps a core busy, against one thread."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import geodesic_kit as gk

from .. import children, warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run", "seconds"]

_N = 150
_FITS, _TURNS = 5, 3
_BUSY = "while True: pass"


def run(quick: bool) -> list[Line]:
    """Wall and CPU time of `GenerativeGeodesics().fit(x)`, whatever OMP_NUM_THREADS allows."""
    busy = subprocess.Popen([sys.executable, "-c", _BUSY])
    try:
        found: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for turn in range(1 if quick else _TURNS):
            for threads in (1, 2) if turn % 2 == 0 else (2, 1):
                environment = {"OMP_NUM_THREADS": str(threads)}
                found[threads] += children.call(f"{__name__}:seconds", environment=environment)
    finally:
        busy.kill()
        busy.wait()
    one, two = ([statistics.median(times) for times in zip(*found[n], strict=True)] for n in (1, 2))
    work = f"n = {_N}, defaults, two threads beside a busy process"
    return [
        measured(
            "small_fit",
            f"{work}: {name} over that of one thread",
            two[k] / one[k],
            f"×{two[k] / one[k]:.2f}",
            BOUNDS["small_fit"][key],
            f"{duration(two[k])} against {duration(one[k])}",
            runs=found,
        )
        for k, (key, name) in enumerate((("wall", "wall time"), ("cpu", "CPU time")))
    ]


def seconds() -> list[tuple[float, float]]:
    """Wall and CPU seconds of each fit in this interpreter, after a first one."""
    warm.up()
    x = gk.datasets.load("two_moons", n=_N, seed=0).x
    gk.GenerativeGeodesics(random_state=0).fit(x)
    took = []
    for _ in range(_FITS):
        wall, cpu = time.perf_counter(), time.process_time()
        gk.GenerativeGeodesics(random_state=0).fit(x)
        took.append((time.perf_counter() - wall, time.process_time() - cpu))
    return took
