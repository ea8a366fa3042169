"""Shared by all tests: the GPU mark, fixed seeds for hypothesis, and a clean ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

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
seed: int = 0
"""


def _has_gpu() -> bool:
    try:
        import cupy
    except ImportError:
        return False
    try:
        return bool(cupy.cuda.is_available())
    except (RuntimeError, OSError):
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _has_gpu():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no CUDA GPU with cupy here"))


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
        """A notebook of the kit's form: a title, parameters, `cells`."""
        notebook = new_notebook(cells=[new_markdown_cell(f"# Title of {path.stem}\ntext"), new_code_cell(PARAMETERS)])
        notebook.cells[1].metadata["tags"] = ["parameters"]
        notebook.cells += [new_code_cell(source) for source in cells]
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, path)

    return write
