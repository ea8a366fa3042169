"""Runs of notebooks by papermill: with parameters and presets, resumable, one or several at a time, each written in one step."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .checks import integer
from .errors import MissingPlugin
from .files import make_folder, write_text
from .ledger.table import claims_of
from .parallel import children
from .running import catalog
from .running.catalog import QUICK, Plan, grid, plan
from .running.machine import code_hash, hardware, versions

__all__ = ["Outcome", "execute", "reproduce", "run", "second_seed", "sweep"]

RESULTS = Path("results")


@dataclass(frozen=True)
class Outcome:
    """What became of one run: `status` is finished, kept (finished before, nothing changed since) or failed."""

    plan: Plan
    path: Path
    status: str
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        claims = claims_of(self.path) if self.path.exists() else []
        tail = f", {sum(claim.holds for claim in claims)} of {len(claims)} claims hold" if claims else ""
        return f"{self.plan.name}: {self.status}, {self.seconds:.0f} s{tail}{'; ' + self.error if self.error else ''}"


def run(
    which: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    preset: str = QUICK,
    folder: str | Path | None = None,
    results: str | Path = RESULTS,
    timeout: int | None = None,
    force: bool = False,
) -> Outcome:
    """Run one notebook, by id or the beginning of its name, and bring `results` up to date.

    `timeout` is in seconds a cell: 10 minutes under the quick preset, else 6 hours. A run whose notebook, parameters and
    code are those of a finished one is kept unless `force`. Raises UnknownName and InvalidParameter before work begins.
    """
    plans = [plan(which, parameters, preset_name=preset, folder=folder)]
    return work(plans, Path(results), jobs=1, timeout=timeout, force=force)[0]


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
) -> list[Outcome]:
    """Run one notebook for every combination of the axes' values, `jobs` at a time."""
    plans = [plan(which, point, preset_name=preset, folder=folder) for point in grid(axes)]
    return work(plans, Path(results), jobs=jobs, timeout=timeout, force=force)


def reproduce(
    *,
    preset: str = QUICK,
    folder: str | Path | None = None,
    results: str | Path = RESULTS,
    jobs: int = 1,
    timeout: int | None = None,
    force: bool = False,
) -> list[Outcome]:
    """Run every notebook, in the paper's order; one that fails does not stop the others."""
    plans = [plan(id, preset_name=preset, folder=folder) for id in catalog.notebooks(folder)]
    return work(plans, Path(results), jobs=jobs, timeout=timeout, force=force)


def second_seed(
    *, seed: int = 1, count: int = 1, folder: str | Path | None = None, results: str | Path = RESULTS / "second-seed", jobs: int = 1
) -> list[Outcome]:
    """Run `count` notebooks, other ones at each commit, at another seed: their claims must still hold."""
    known = catalog.notebooks(folder)
    seeded = [id for id, path in known.items() if "seed" in catalog.parameters_of(path) and claims_of(path)]
    chosen = catalog.of_this_commit(seeded, integer(count, "count", least=1), catalog.folder_of_notebooks(folder))
    return work([plan(id, {"seed": seed}, folder=folder) for id in chosen], Path(results), jobs=jobs)


def work(plans: Sequence[Plan], results: Path, *, jobs: int = 1, timeout: int | None = None, force: bool = False) -> list[Outcome]:
    """Carry out the plans and rewrite the report of `results`; what is finished stays when the work is interrupted."""
    from tqdm.auto import tqdm

    from .running.report import write_report

    integer(jobs, "jobs", least=1)
    if timeout is not None:
        integer(timeout, "timeout", least=1)
    plans = list({item.name: item for item in plans}.values())  # a combination given twice is run once
    outcomes: dict[str, Outcome] = {}
    with tqdm(total=len(plans), unit="notebook", disable=None, file=sys.stderr) as bar:
        for outcome in _carry_out(plans, results.resolve(), jobs, timeout, force):
            outcomes[outcome.plan.name] = outcome
            bar.update()
            tqdm.write(str(outcome), file=sys.stdout)
            sys.stdout.flush()
    write_report(results.resolve())
    return [outcomes[item.name] for item in plans]


def _carry_out(plans: Sequence[Plan], results: Path, jobs: int, timeout: int | None, force: bool) -> Iterator[Outcome]:
    with _kernels_of_this_interpreter(threads=max(1, (os.cpu_count() or 1) // jobs) if jobs > 1 else None):
        if jobs == 1 or len(plans) < 2:
            for item in plans:
                yield execute(item, results, timeout=timeout, force=force)
            return
        # Spawned, not forked: the caller may hold threads and a running event loop.
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
            futures = [pool.submit(execute, item, results, timeout=timeout, force=force) for item in plans]
            try:
                for future in concurrent.futures.as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)


def execute(item: Plan, results: Path, *, timeout: int | None = None, force: bool = False) -> Outcome:
    """Run one plan in a kernel of its own and put the executed notebook into `results/executed` when it has ended."""
    import nbformat
    from nbclient.exceptions import CellControlSignal, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillException

    folder = make_folder(results / "executed")
    target = folder / f"{item.name}.ipynb"
    key = _key(item)
    before = record_of(target)
    if not force and before.get("key") == key and before.get("status") == "finished":
        return Outcome(item, target, "kept", before["seconds"])
    # The name keeps its suffix, by which papermill knows a notebook; the dot hides it from those who look for results.
    partial = folder / f".partial-{os.getpid()}-{item.name}.ipynb"
    if timeout is None:
        timeout = 600 if item.preset == QUICK else 6 * 3600
    begin, error = time.monotonic(), ""
    try:
        execute_notebook(
            item.notebook,
            partial,
            parameters=item.parameters,
            kernel_name="python3",
            language="python",
            cwd=item.notebook.parent,
            execution_timeout=timeout,
            progress_bar={"desc": item.id, "leave": False, "disable": None},
        )
    except (PapermillException, CellControlSignal, DeadKernelError, TimeoutError, RuntimeError) as err:
        error = _one_line(err)
    except KeyboardInterrupt:
        partial.unlink(missing_ok=True)
        raise
    seconds = time.monotonic() - begin
    if not partial.exists():
        return Outcome(item, target, "failed", seconds, error)
    notebook = nbformat.read(partial, as_version=4)
    status = "failed" if error else "finished"
    notebook.metadata["geodesic_kit"] = {
        "key": key,
        "id": item.id,
        "name": item.name,
        "status": status,
        "error": error,
        "preset": item.preset,
        "parameters": item.parameters,
        "seed": item.parameters.get("seed", catalog.default(item.notebook, "seed")),
        "seconds": round(seconds, 1),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code_hash()[:12],
        "versions": versions(),
        "hardware": hardware(),
    }
    write_text(target, nbformat.writes(notebook) + "\n")
    partial.unlink()
    return Outcome(item, target, status, seconds, error)


def record_of(executed: Path) -> dict[str, Any]:
    """What `execute` noted in an executed notebook; empty where there is none."""
    try:
        return json.loads(executed.read_text(encoding="utf-8"))["metadata"]["geodesic_kit"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _key(item: Plan) -> str:
    """Equal for two runs that must give the same result: the cells' sources, the parameters, the code and the versions."""
    cells = json.loads(item.notebook.read_text(encoding="utf-8"))["cells"]
    sources = [["".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]
    content = [sources, item.parameters, code_hash(), versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _one_line(err: BaseException) -> str:
    name, text = getattr(err, "ename", None), getattr(err, "evalue", None)
    return " ".join(f"{name or type(err).__name__}: {text or err}".split())[:500]


@contextmanager
def _kernels_of_this_interpreter(threads: int | None = None) -> Iterator[None]:
    """Let `python3` mean this very interpreter: a user's own kernel of that name would otherwise come first."""
    try:
        from ipykernel.kernelspec import write_kernel_spec
    except ModuleNotFoundError as err:
        raise MissingPlugin(f"running notebooks needs {err.name}: pip install 'geodesic-kit[notebooks]'", name=err.name) from err

    with tempfile.TemporaryDirectory() as folder:
        # Kernels listen on the loopback interface only: without the option each warns that this is not encrypted, and one
        # that is interrupted prints a traceback of its own.
        write_kernel_spec(str(Path(folder) / "kernels" / "python3"), extra_arguments=["--IPKernelApp.log_level=50"])
        path = os.pathsep.join(filter(None, [folder, os.environ.get("JUPYTER_PATH")]))
        with children(threads, JUPYTER_PATH=path):
            yield
