"""Shared by all tests: fixed seeds for hypothesis, a clean ledger, small notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import settings
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from geodesic_kit import claims

# Derandomised, so that a run fails or passes by the code alone; no deadline, since the two cores are shared.
settings.register_profile("kit", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("kit")

PARAMETERS = """\
lam: float = 0.5  # strength; ours (lost in the source)
n: int = 3  # points
name: str = "a"
loud: bool = False
xs: list = [1, 2]
seed: int = 0
"""


@pytest.fixture
def ledger() -> Iterator[None]:
    """An empty ledger before and after."""
    claims.reset()
    yield
    claims.reset()


@pytest.fixture
def write_notebook() -> Callable[..., None]:
    """A function that writes a notebook of the kit's form: a title, PARAMETERS, and the cells given."""

    def write(path: Path, *cells: str) -> None:
        notebook = new_notebook(
            cells=[new_markdown_cell(f"# Title of {path.stem}\ntext"), new_code_cell(PARAMETERS)]
        )
        notebook.cells[1].metadata["tags"] = ["parameters"]
        notebook.cells += [new_code_cell(source) for source in cells]
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, path)

    return write


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The counts of the matrix of hostile inputs, wherever its rows ran."""
    reports = [
        report
        for each in terminalreporter.stats.values()
        for report in each
        if getattr(report, "when", "") == "call"
    ]
    rows = [value for report in reports for name, value in report.user_properties if name == "hostile"]
    if rows:
        names, kinds, refused, served = zip(*rows, strict=True)
        terminalreporter.write_line(
            f"hostile inputs: {len({name.split(' ')[0] for name in names})} callables × "
            f"{len(set().union(*kinds))} kinds, {sum(refused):,} refused, {sum(served):,} served"
        )
