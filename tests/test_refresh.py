"""Refreshing a notebook where it lies: outputs kept, widget views and timings not, stderr and failures
refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from geodesic_kit.errors import RunFailed
from geodesic_kit.paper.runs.refresh import refresh


@pytest.mark.notebook
def test_outputs_are_kept_as_they_are_committed(tmp_path: Path, write_notebook: Callable[..., None]) -> None:
    path = tmp_path / "2.2-tiny.ipynb"
    bar = "from tqdm.auto import tqdm\nbar = tqdm(total=3)\nbar.update()\nbar.close()"
    write_notebook(path, bar, "import ipywidgets\nipywidgets.IntSlider()", "n + 1")
    refresh(path, timeout=60)
    content = nbformat.read(path, as_version=4)
    assert "%|" not in path.read_text()
    assert content.cells[-1].outputs[0].data["text/plain"] == "4"
    assert "widget" not in path.read_text().replace("ipywidgets", "")
    assert all("execution" not in cell.metadata for cell in content.cells)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.notebook
@pytest.mark.parametrize(
    ("cell", "text"),
    [("1 / 0", "ZeroDivisionError"), ("import warnings\nwarnings.warn('old')", "cell 2 prints to stderr")],
)
def test_a_cell_that_fails_or_warns_changes_nothing(
    tmp_path: Path, write_notebook: Callable[..., None], cell: str, text: str
) -> None:
    path = tmp_path / "2.2-tiny.ipynb"
    write_notebook(path, cell)
    before = path.read_bytes()
    with pytest.raises(RunFailed, match=text):
        refresh(path, timeout=60)
    assert path.read_bytes() == before
