"""Run a notebook where it lies and keep its outputs, as they are committed: no timings, no widget state, no
machine's paths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.files import check_writable, write_text
from ...base.threads import children
from ...errors import RunFailed

__all__ = ["refresh"]

_WIDGET = "application/vnd.jupyter.widget-view+json"


def refresh(notebook: Path, *, timeout: int) -> None:
    """Execute `notebook` with its own parameters and write it back in one step; a cell may take `timeout`
    seconds, as of runs.

    Raises RunFailed where a cell fails, or prints to stderr: a reader must not see a warning that names this
    machine.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    from .clock import CellClock
    from .kernel_start import with_a_kernel

    check_writable(notebook)
    content = nbformat.read(notebook, as_version=4)
    clock = CellClock(timeout)
    client = NotebookClient(
        content,
        timeout=None,
        on_cell_execute=clock.begin,
        on_cell_executed=clock.end,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(notebook.parent)}},
    )
    try:
        with children():
            with_a_kernel(client.execute)
    except (CellExecutionError, DeadKernelError) as err:
        raise RunFailed(f"{notebook.name} was not refreshed: {clock.reached or err}") from None
    finally:
        clock.end()
    for number, cell in enumerate(content.cells):
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if not _is_bar(output)]
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise RunFailed(
                    f"{notebook.name} was not refreshed: cell {number} prints to stderr: "
                    f"{output.text.strip()[:300]}"
                )
            # its state is not kept, and the still picture beside it needs none
            output.get("data", {}).pop(_WIDGET, None)
    content.metadata.pop("widgets", None)
    write_text(notebook, nbformat.writes(content) + "\n")


def _is_bar(output: Any) -> bool:
    """Whether an output is the widget of a progress bar: once it has run, nothing in it is for a reader."""
    data = output.get("data", {})
    return _WIDGET in data and "%|" in data.get("text/plain", "")
