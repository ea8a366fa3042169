"""Runs in processes of their own, several at a time: none outlives who started it, and one that dies is a
failed run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...base.extras import needing
from ...base.iri import without_iri_grammar
from ...base.threads import child_environment
from ...errors import GeodesicKitError
from ..claims import LENIENT
from .catalog import Plan
from .clock import end_descendants
from .execution import Outcome, execute

__all__ = ["carry_out", "main"]

_PATIENCE = 2.0  # seconds that a worker has to end its kernel


def carry_out(
    plans: Sequence[Plan], results: Path, *, jobs: int, threads: int | None, timeout: int | None
) -> Generator[Outcome, None, None]:
    """Outcomes of the plans, run `jobs` at a time in this order, as they end; when left early, what still
    runs is ended.
    """
    if not plans:
        return
    with _environment(threads) as environment, ThreadPoolExecutor(jobs) as pool:
        crew = _Crew(environment)
        options = {"results": str(results), "timeout": timeout, "bar": jobs == 1}
        futures = [pool.submit(crew.run, item, options) for item in plans]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
            crew.end()


class _Crew:
    """The processes that run now."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._over = False

    def run(self, item: Plan, options: dict[str, Any]) -> Outcome:
        task = json.dumps(
            {"plan": asdict(item) | {"notebook": str(item.notebook)}, **options}, allow_nan=False
        )
        target = Path(options["results"]) / "executed" / f"{item.name}.ipynb"
        with self._lock:
            if self._over:
                return Outcome(item, target, "failed", 0.0, "stopped")
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from geodesic_kit.paper.runs.workers import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment | {LENIENT: "" if item.strict else "1"},
                text=True,
                encoding="utf-8",
                # the terminal's Ctrl-C comes to this process alone, which ends the others
                start_new_session=True,
            )
            self._running.add(process)
        assert process.stdin is not None
        assert process.stdout is not None
        said = ""
        with suppress(BrokenPipeError), process:
            process.stdin.write(task + "\n")
            process.stdin.flush()  # and is left open: where it closes, the worker ends
            said = process.stdout.read()
        with self._lock:
            self._running.discard(process)
        if not said:
            return Outcome(
                item, target, "failed", 0.0, f"the process that ran it ended with code {process.returncode}"
            )
        told = json.loads(said)
        return Outcome(item, target, told["status"], told["seconds"], told["error"])

    def end(self) -> None:
        """No run begins any more; those at work are ended with all that they started."""
        with self._lock:
            self._over, running = True, list(self._running)
        for process in running:
            with suppress(OSError, ValueError):
                process.stdin.close()  # type: ignore[union-attr]  # a pipe, see run
        for process in running:
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def _environment(threads: int | None) -> Iterator[dict[str, str]]:
    """This process' environment, in which `python3` means this very interpreter: a user's kernel of that name
    would come first.
    """
    with needing("running notebooks needs", "notebooks"):
        from ipykernel.kernelspec import write_kernel_spec

    with tempfile.TemporaryDirectory() as folder:
        # Kernels listen on the loopback interface only: without the option each warns that this is not
        # encrypted, and one that is interrupted prints a traceback of its own.
        write_kernel_spec(
            str(Path(folder) / "kernels" / "python3"), extra_arguments=["--IPKernelApp.log_level=50"]
        )
        path = os.pathsep.join(filter(None, [folder, os.environ.get("JUPYTER_PATH")]))
        yield child_environment(threads) | {"JUPYTER_PATH": path}


def main() -> None:
    """What a worker does: one run, told on standard input, its outcome on standard output; both ends close
    with their owner.
    """
    without_iri_grammar()
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    plan = task["plan"]
    item = Plan(**plan | {"notebook": Path(plan["notebook"]), "given": tuple(plan["given"])})
    results = Path(task["results"])
    try:
        outcome = execute(item, results, timeout=task["timeout"], bar=task["bar"])
    except (GeodesicKitError, OSError) as err:
        outcome = Outcome(
            item, results / "executed" / f"{item.name}.ipynb", "failed", 0.0, " ".join(str(err).split())
        )
    answer.write(json.dumps({name: getattr(outcome, name) for name in ("status", "seconds", "error")}))
    answer.flush()


def _end_with_parent() -> None:
    sys.stdin.read()
    end_descendants()
    os._exit(1)
