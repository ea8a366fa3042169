"""Runs of notebooks by papermill: with parameters and presets, resumable, one or several at a time, each
written in one step.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from ...base.threads import cores
from ...checks import integer
from ..claims.table import claims_of
from . import catalog
from .catalog import QUICK, Plan, grid, plan
from .collect import collect
from .execution import Outcome, execute, kept, prepare, record_of
from .sweeps import keep_record

__all__ = [
    "Outcome",
    "collect",
    "execute",
    "record_of",
    "reproduce",
    "run",
    "second_seed",
    "sweep",
    "terminated_as_interrupted",
    "work",
]

RESULTS = Path("results")
_LONGEST = 366 * 86_400  # seconds that a cell may take


def run(
    which: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    preset: str = QUICK,
    folder: str | Path | None = None,
    results: str | Path = RESULTS,
    timeout: int | None = None,
    force: bool = False,
    strict: bool = False,
    client: Any = None,
) -> Outcome:
    """Run one notebook, by id or the beginning of its name, and bring `results` up to date.

    A claim that is not as declared fails it under the notebook's own parameters or a preset's, and with
    `strict` under any.
    `timeout` is in seconds a cell, less those in wait for a core: 10 minutes under the quick preset, else 6
    hours. `client`, a dask.distributed.Client or a scheduler's address, has a worker run it. A run whose
    notebook, parameters and code are those of a finished one is kept unless `force`.
    Raises UnknownName and InvalidParameter before work begins.
    """
    plans = [plan(which, parameters, preset_name=preset, folder=folder, strict=strict)]
    return work(plans, Path(results), jobs=1, timeout=timeout, force=force, client=client)[0]


def sweep(
    which: str,
    axes: Mapping[str, Sequence[Any]],
    *,
    preset: str = QUICK,
    folder: str | Path | None = None,
    results: str | Path = RESULTS,
    jobs: int = 1,
    timeout: int | None = None,
    force: bool = False,
    strict: bool = False,
    client: Any = None,
) -> list[Outcome]:
    """Run one notebook for every combination of the axes' values, `jobs` at a time, or as many as a
    cluster's workers have threads, where its `client` is given.

    All are checked before the first begins. It ends with a table and a figure in `results/sweeps`: what was
    swept against each claim; `collect` gives the table.
    """
    plans = [plan(which, point, preset_name=preset, folder=folder, strict=strict) for point in grid(axes)]
    keep_record(Path(results).resolve(), plans, axes)
    return work(plans, Path(results), jobs=jobs, timeout=timeout, force=force, client=client)


def reproduce(
    *,
    preset: str = QUICK,
    folder: str | Path | None = None,
    results: str | Path = RESULTS,
    jobs: int | None = None,
    timeout: int | None = None,
    force: bool = False,
    client: Any = None,
) -> list[Outcome]:
    """Run every notebook on one thread each, two at a time by default; one that fails does not stop the
    others.
    """
    plans = [plan(id, preset_name=preset, folder=folder) for id in catalog.notebooks(folder)]
    return work(
        plans,
        Path(results),
        jobs=min(2, cores()) if jobs is None else jobs,
        threads=1,
        timeout=timeout,
        force=force,
        client=client,
    )


def second_seed(
    *,
    seed: int = 1,
    count: int = 1,
    folder: str | Path | None = None,
    results: str | Path = RESULTS / "second-seed",
    jobs: int = 1,
) -> list[Outcome]:
    """Run `count` notebooks, other ones at each commit, at another seed: their claims must still hold."""
    known = catalog.notebooks(folder)
    seeded = [id for id, path in known.items() if "seed" in catalog.parameters_of(path) and claims_of(path)]
    chosen = catalog.of_this_commit(
        seeded, integer(count, "count", least=1, most=1000), catalog.folder_of_notebooks(folder)
    )
    plans = [plan(id, {"seed": seed}, folder=folder, strict=True) for id in chosen]
    return work(plans, Path(results), jobs=jobs)


def work(
    plans: Sequence[Plan],
    results: Path,
    *,
    jobs: int = 1,
    threads: int | None = None,
    timeout: int | None = None,
    force: bool = False,
    client: Any = None,
) -> list[Outcome]:
    """Carry out the plans, the longest first, and rewrite the report of `results`, also of what is finished
    when interrupted.

    By the workers of the cluster of a `client`, one run a worker's thread, else `jobs` at a time here with
    `threads` each, unless OMP_NUM_THREADS says otherwise; by default the cores are shared out. Raises
    FileError and InvalidParameter where `results` cannot be written.
    """
    from tqdm.auto import tqdm

    from .remote import carry_out_there
    from .report import Report
    from .workers import carry_out

    jobs = integer(jobs, "jobs", least=1, most=256)
    if timeout is not None:
        timeout = integer(timeout, "timeout", least=1, most=_LONGEST)
    results = Path(results).resolve()
    plans = list({item.name: item for item in plans}.values())  # a combination given twice is run once
    prepare(results)
    outcomes = {item.name: outcome for item in plans if not force and (outcome := kept(item, results))}
    left = sorted(
        (item for item in plans if item.name not in outcomes), key=lambda item: -_seconds(item, results)
    )
    if threads is None and jobs > 1:
        threads = max(1, cores() // jobs)
    at_work = (
        carry_out(left, results, jobs=jobs, threads=threads, timeout=timeout)
        if client is None
        else carry_out_there(left, results, client=client, timeout=timeout)
    )
    report, whole = Report(results), False
    with terminated_as_interrupted() as unbroken:
        try:
            with (
                tqdm(total=len(plans), unit="notebook", disable=None, file=sys.stderr) as bar,
                closing(at_work) as ended,
            ):

                def tell(outcome: Outcome) -> None:
                    bar.update()
                    tqdm.write(str(outcome), file=sys.stdout)
                    sys.stdout.flush()

                for outcome in outcomes.values():
                    tell(outcome)
                for outcome in ended:
                    outcomes[outcome.plan.name] = outcome
                    tell(outcome)
                    with unbroken():
                        report.write(sweeps=False)
            whole = True
        finally:
            prepare(results)  # for what an interrupt has left
            for line in report.write(sweeps=whole):  # whoever interrupts is not kept waiting for figures
                print(f"left out of the report: {line}", file=sys.stderr)
    return [outcomes[item.name] for item in plans]


def _seconds(item: Plan, results: Path) -> float:
    """How long a run takes, by its last one or the notebook's usual time, so that the last to end is a short
    one.
    """
    record = record_of(results / "executed" / f"{item.name}.ipynb")
    known = record.get("cpu_seconds", record.get("seconds"))
    return known if isinstance(known, (int, float)) else catalog.usual_seconds(item.notebook)


@contextmanager
def terminated_as_interrupted() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Within it SIGTERM and a closed terminal are what Ctrl-C is, and whoever asks twice is not heard: what
    was begun is being put away.

    Gives `unbroken`, within which an end that is asked for waits: an import that is broken off, for one,
    leaves a module that nobody can use.
    """
    if threading.current_thread() is not threading.main_thread():
        yield nullcontext
        return
    held = asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        for name in before:
            signal.signal(name, signal.SIG_IGN)
        asked = True
        if not held:
            raise KeyboardInterrupt

    @contextmanager
    def unbroken() -> Iterator[None]:
        nonlocal held
        held = True
        try:
            yield
        finally:
            held = False
        if asked:
            raise KeyboardInterrupt

    names = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.getsignal(name) for name in names}
    before = {name: handler for name, handler in before.items() if handler is not signal.SIG_IGN}
    for name in before:
        signal.signal(name, stop)
    try:
        yield unbroken
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
