"""The report of executed notebooks: ledger, figures, a page each, and an index."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...base.files import make_folder, write_bytes, write_text
from ...errors import FileError, InvalidParameter, TruncatedFileError
from ..claims.statements import SECTIONS
from ..claims.table import Table, claims_of, read_notebook, write_ledger
from .execution import record_of
from .provenance import hardware, versions

__all__ = ["write_report"]

_PNG = "image/png"


def write_report(results: Path) -> list[str]:
    """Rewrite claims.json, claims.md, figures/, pages/ and index.html of `results` from results/executed.

    Returns a line for each file there that is not what a run has left, which the report leaves out and names.
    """
    runs, unread = [], []
    for path in sorted((results / "executed").glob("[!.]*")):
        try:
            runs.append(_read(path))
        except TruncatedFileError as err:
            unread.append(str(err))
    runs.sort(key=lambda run: (not run["record"]["id"][:1].isdigit(), run["record"]["name"]))
    rows = [claim.as_json() | {"notebook": run["record"]["name"]} for run in runs for claim in run["claims"]]
    write_ledger(
        results, rows, versions=versions(), hardware=hardware(), runs=[_summary(run) for run in runs]
    )
    for folder in ("figures", "pages"):
        make_folder(results / folder)
    figures = {run["record"]["name"]: _write_figures(run, results / "figures") for run in runs}
    kept = {name for names in figures.values() for name in names}
    for path in (results / "figures").glob("*.png"):
        if path.name not in kept:
            path.unlink()
    for run in runs:
        try:
            _write_page(run, results / "pages" / f"{run['record']['name']}.html")
        except (FileError, InvalidParameter):
            raise
        except Exception as err:  # noqa: BLE001  # whatever one notebook holds, the others have their page
            unread.append(f"the page of {run['path']}: {type(err).__name__}: {' '.join(str(err).split())}")
    write_text(results / "index.html", _unicode(_index(runs, figures, unread)))
    return unread


def _read(path: Path) -> dict[str, Any]:
    record = record_of(path)
    if not record or record["name"] != path.stem:
        read_notebook(path)  # says what is wrong with it, unless it is a notebook of somebody else's
        raise TruncatedFileError(
            f"{path} is not what a run has left; move it elsewhere, or run that notebook again"
        )
    cells = read_notebook(path)["cells"]
    headings = (
        re.match(r"#\s+(.+)", "".join(cell.get("source", "")))
        for cell in cells
        if cell["cell_type"] == "markdown"
    )
    title = next((match[1].strip() for match in headings if match and "papermill" not in match[1]), path.stem)
    outputs = (output for cell in cells for output in cell.get("outputs", ()))
    try:
        figures = [
            base64.b64decode("".join(output["data"][_PNG]))
            for output in outputs
            if _PNG in output.get("data", {})
        ]
    except (ValueError, TypeError) as err:
        raise TruncatedFileError(f"{path} has a figure that is no picture ({err}); run it again") from err
    return {"path": path, "title": title, "record": record, "claims": claims_of(path), "figures": figures}


def _summary(run: dict[str, Any]) -> dict[str, Any]:
    shown = (
        "id",
        "name",
        "status",
        "error",
        "preset",
        "parameters",
        "seed",
        "seconds",
        "ended",
        "code",
        "versions",
        "hardware",
    )
    return {name: run["record"][name] for name in shown}


def _write_figures(run: dict[str, Any], folder: Path) -> list[str]:
    names = [f"{run['record']['name']}-{k}.png" for k in range(1, len(run["figures"]) + 1)]
    for name, image in zip(names, run["figures"], strict=True):
        write_bytes(folder / name, image)
    return names


def _write_page(run: dict[str, Any], page: Path) -> None:
    """The page of a run, made anew where it is of other content: clocks and copies may give files any
    time.
    """
    content = run["path"].read_bytes()
    mark = f"<!-- of {hashlib.sha256(content).hexdigest()} -->"
    with suppress(OSError, UnicodeDecodeError):
        if page.read_text(encoding="utf-8").endswith(mark):
            return
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter().from_file(
        io.StringIO(content.decode()), {"metadata": {"name": run["record"]["name"]}}
    )
    write_text(page, _unicode(body) + mark)


def _unicode(text: str) -> str:
    """`text` with a question mark for halves of surrogate pairs, which titles, outputs and names of files may
    hold.
    """
    return text.encode(errors="replace").decode()


def _index(runs: list[dict[str, Any]], figures: dict[str, list[str]], unread: list[str]) -> str:
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    page = Environment(
        loader=PackageLoader("geodesic_kit", "paper/runs"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    entries = [
        run["record"]
        | {
            "title": run["title"],
            "section": SECTIONS.get(run["record"]["id"], run["record"]["id"]),
            "figures": figures[run["record"]["name"]],
            # The table escapes its own cells.
            "claims": Markup(Table(tuple(run["claims"]))._repr_html_()) if run["claims"] else "",
        }
        for run in runs
    ]
    claims = [claim for run in runs for claim in run["claims"]]
    return page.get_template("report.html.j2").render(
        runs=entries,
        unread=unread,
        total=len(claims),
        holding=sum(c.holds for c in claims),
        versions=versions(),
        hardware=hardware(),
    )
