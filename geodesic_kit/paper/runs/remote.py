"""Runs of notebooks by the workers of a Dask cluster: a notebook is sent, run there in a process of its own,
and comes back executed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...base.files import write_text
from ...workers.connection import connected
from ...workers.shards import carried_out
from .catalog import Plan
from .execution import Outcome
from .workers import carry_out

__all__ = ["carry_out_there"]


def carry_out_there(
    plans: Sequence[Plan], results: Path, *, client: Any, timeout: int | None
) -> Generator[Outcome, None, None]:
    """Outcomes of the plans as they end, each on one thread of a worker. Raises ClusterError."""
    if not plans:
        return
    sent = {k: (item, item.notebook.read_text(encoding="utf-8")) for k, item in enumerate(plans)}
    with connected(client) as cluster:
        for k, (status, seconds, error, text) in carried_out(cluster, _run, timeout, sent):
            target = results / "executed" / f"{plans[k].name}.ipynb"
            if text:
                write_text(target, text)
            yield Outcome(plans[k], target, status, seconds, error)


def _run(timeout: int | None, sent: tuple[Plan, str]) -> tuple[str, float, str, str]:
    """Status, seconds, error and the executed notebook of one run, on a worker."""
    item, notebook = sent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = replace(item, notebook=folder / item.notebook.name)
        write_text(here.notebook, notebook)
        (outcome,) = carry_out([here], folder, jobs=1, threads=1, timeout=timeout)
        text = outcome.path.read_text(encoding="utf-8") if outcome.path.is_file() else ""
        return outcome.status, outcome.seconds, outcome.error, text
