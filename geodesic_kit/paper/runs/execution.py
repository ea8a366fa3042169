"""One run of one notebook by papermill: resumable, within a time limit a cell, its result put in place in one
step.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...base.files import check_writable, make_folder, write_text
from ...base.provenance import code_hash, hardware, versions
from ...errors import TruncatedFileError
from ..claims.table import claims_of, read_notebook
from . import catalog
from .catalog import QUICK, Plan
from .clock import CellClock
from .kernel_start import with_a_kernel
from .own_files import own_files

__all__ = ["Outcome", "execute", "kept", "key", "prepare", "record_of"]

_PARTIAL = ".run-"  # and the id of the process that writes it


@dataclass(frozen=True)
class Outcome:
    """What became of one run: `status` is finished, kept (finished before, nothing changed since) or
    failed.
    """

    plan: Plan
    path: Path
    status: str
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        try:
            claims = claims_of(self.path) if self.path.is_file() else []
        except TruncatedFileError:
            claims = []
        tail = f", {sum(claim.holds for claim in claims)} of {len(claims)} claims hold" if claims else ""
        if odd := [claim for claim in claims if not claim.as_declared]:
            tail += f", {len(odd)} not as declared"
        return (
            f"{self.plan.name}: {self.status}, {self.seconds:.0f} "
            f"s{tail}{'; ' + self.error if self.error else ''}"
        )


def prepare(results: Path) -> None:
    """Make the folders, and remove what runs that were killed have left. Raises FileError and
    InvalidParameter where it cannot.
    """
    import psutil

    folder = make_folder(results / "executed")
    check_writable(folder / "try.ipynb")
    for path in folder.glob(f"{_PARTIAL}*.ipynb"):
        number = path.name.removeprefix(_PARTIAL).split("-")[0]
        with suppress(psutil.Error, OSError):
            if number.isdigit() and psutil.Process(int(number)).create_time() < path.stat().st_mtime:
                continue  # its process is at work
        with suppress(OSError):
            path.unlink(missing_ok=True)


def kept(item: Plan, results: Path) -> Outcome | None:
    """The outcome of a finished run that this one would only repeat, or None."""
    target = results / "executed" / f"{item.name}.ipynb"
    record = record_of(target)
    if record.get("status") == "finished" and record["key"] == key(item):
        return Outcome(item, target, "kept", record["seconds"])
    return None


def execute(item: Plan, results: Path, *, timeout: int | None = None, bar: bool = True) -> Outcome:
    """Run one plan in a kernel of its own and put the executed notebook into `results/executed` when it has
    ended.
    """
    import nbformat
    from nbclient.exceptions import CellControlSignal, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillException

    folder = make_folder(results / "executed")
    target = folder / f"{item.name}.ipynb"
    # The name keeps its suffix, by which papermill knows a notebook; the dot hides it from those who look for
    # results.
    partial = folder / f"{_PARTIAL}{os.getpid()}-{item.name}.ipynb"
    clock = CellClock(timeout or (600 if item.preset == QUICK else 6 * 3600))
    begin, before, error = time.monotonic(), _of_children(), ""
    try:
        with_a_kernel(
            lambda: execute_notebook(
                _literal(item.notebook),
                _literal(partial),
                parameters=item.parameters,
                kernel_name="python3",
                language="python",
                cwd=item.notebook.parent,
                progress_bar={"desc": item.id, "leave": False, "disable": None} if bar else False,
                on_cell_execute=clock.begin,
                on_cell_executed=clock.end,
            )
        )
    except (
        PapermillException,
        CellControlSignal,
        DeadKernelError,
        TimeoutError,
        RuntimeError,
        OSError,
        UnicodeError,
    ) as err:
        error = f"CellTimeoutError: {clock.reached}" if clock.reached else _one_line(err)
    except KeyboardInterrupt:
        partial.unlink(missing_ok=True)
        raise
    finally:
        clock.end()
    seconds = time.monotonic() - begin
    if not partial.exists():
        return Outcome(item, target, "failed", seconds, error)
    try:
        notebook = nbformat.read(partial, as_version=4)
        notebook.metadata["geodesic_kit"] = _record(item, error, seconds, _of_children() - before)
        if target.is_dir() and not target.is_symlink():
            os.replace(target, folder / f"set-aside-{os.getpid()}-{time.time_ns()}")
        write_text(
            target, json.dumps(_strict(notebook), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        )
    # the disk is full: papermill's file was cut, or there is no room for this one
    except (OSError, ValueError) as err:
        return Outcome(item, target, "failed", seconds, error or _one_line(err))
    finally:
        partial.unlink(missing_ok=True)
    return Outcome(item, target, notebook.metadata["geodesic_kit"]["status"], seconds, error)


def _record(item: Plan, error: str, seconds: float, cpu_seconds: float) -> dict[str, Any]:
    defaults = catalog.defaults_of(item.notebook)
    return {
        "key": key(item),
        "id": item.id,
        "name": item.name,
        "status": "failed" if error else "finished",
        "error": error,
        "preset": item.preset,
        "strict": item.strict,
        "parameters": item.parameters,
        "defaults": defaults,
        "seed": (defaults | item.parameters).get("seed"),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code_hash()[:12],
        "versions": versions(),
        "hardware": hardware(),
    }


def record_of(executed: Path) -> dict[str, Any]:
    """What `execute` noted in an executed notebook; empty where there is none, or one that cannot be read."""
    try:
        record = read_notebook(executed)["metadata"].get("geodesic_kit")
        claims_of(executed)
    except TruncatedFileError:
        return {}
    if not isinstance(record, dict) or any(
        not isinstance(record.get(name), kind) for name, kind in _RECORD.items()
    ):
        return {}
    try:
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):  # the report could not be written with it
        return {}
    return record if "seed" in record else {}


_RECORD: dict[str, Any] = {
    **dict.fromkeys(("key", "id", "name", "status", "error", "preset", "ended", "code"), str),
    **dict.fromkeys(("parameters", "versions", "hardware"), dict),
    "seconds": (int, float),
}


def key(item: Plan) -> str:
    """Equal for two runs that must give the same result: the cells' sources, the parameters, one's own files,
    the code and the versions.
    """
    cells = read_notebook(item.notebook)["cells"]
    sources = [["".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]
    content = [sources, item.parameters, item.strict, own_files(item.parameters), code_hash(), versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _of_children() -> float:
    """Seconds of processor time of the kernels that have ended, which hang less than others on what else the
    machine does.
    """
    times = os.times()
    return times.children_user + times.children_system


def _literal(path: Path) -> str:
    """A path in which papermill finds no name of a parameter to fill in."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _strict(value: Any) -> Any:
    """`value` with null for numbers that JSON cannot hold, which a cell's output may have, and question marks
    for such texts.
    """
    if isinstance(value, dict):
        return {_strict(key): _strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(item) for item in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return None if isinstance(value, float) and value - value != 0 else value


def _one_line(err: BaseException) -> str:
    name, text = getattr(err, "ename", None), getattr(err, "evalue", None)
    return " ".join(f"{name or type(err).__name__}: {text or err}".split())[:500]
