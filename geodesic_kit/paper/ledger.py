"""The ledger of the committed notebooks, as the repository shows it: notebooks/claims.json, claims.md and
README's table.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from ..base.files import make_folder, write_bytes, write_text
from ..errors import UnknownName
from .claims.table import Table, claims_of, read_notebook, readme_table, replace_block, write_ledger
from .runs.catalog import find, notebooks

__all__ = ["figures", "rows", "table", "write"]


def table(folder: Path) -> Table:
    """Every claim in the outputs of the notebooks in `folder`, in the paper's order."""
    return Table(tuple(claim for path in notebooks(folder).values() for claim in claims_of(path)))


def rows(folder: Path) -> list[dict[str, Any]]:
    """The same as JSON, each row with its notebook's name."""
    return [
        claim.as_json() | {"notebook": path.stem}
        for path in notebooks(folder).values()
        for claim in claims_of(path)
    ]


def figures(folder: Path, readme: str) -> dict[Path, bytes]:
    """The pictures that a README shows as notebooks/figures/<id>.png: the first figure of each of those
    notebooks.
    """
    found = {}
    for id in re.findall(r"\(notebooks/figures/([\w.]+)\.png\)", readme):
        cells = read_notebook(find(id, folder)[1])["cells"]
        outputs = (output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))
        image = next((data["image/png"] for data in outputs if "image/png" in data), None)
        if image is None:
            raise UnknownName(
                f"README.md shows notebooks/figures/{id}.png, and notebook {id} has no figure; run "
                f"`geodesic-kit refresh {id}`"
            )
        found[folder / "figures" / f"{id}.png"] = base64.b64decode("".join(image))
    return found


def write(folder: Path) -> list[Path]:
    """Write the claims of the notebooks in `folder` beside them and into the README above, and its figures.

    Returns the files written. Raises UnknownName, and writes nothing, where there is no README above, it
    lacks the marks around the table, or it shows a figure that its notebook does not have.
    """
    readme = folder.parent / "README.md"
    if not readme.exists():
        raise UnknownName(f"no README.md in {folder.parent}; --write is for a clone of the repository")
    text = replace_block(readme.read_text(encoding="utf-8"), readme_table(notebooks(folder), folder.parent))
    pictures = figures(folder, text)
    write_ledger(folder, rows(folder))
    write_text(readme, text)
    for path, content in pictures.items():
        make_folder(path.parent)
        write_bytes(path, content)
    return [folder / "claims.json", folder / "claims.md", readme, *pictures]
