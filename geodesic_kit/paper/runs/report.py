"""The report of executed notebooks: ledger, figures, a page each, and an index, rewritten after every run."""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...base.files import make_folder, write_text
from ...base.provenance import hardware, versions
from ...errors import FileError, InvalidParameter, MissingPlugin, TruncatedFileError
from ..claims.statements import SECTIONS
from ..claims.table import Table, claims_of, read_notebook, write_ledger
from .collect import Run
from .execution import record_of
from .figures import figures_of, write_figures
from .sweeps import Sweep, sweeps_of

__all__ = ["Report"]


class Report:
    """The report of a folder of results; what it has read and written of a run it does not do again."""

    def __init__(self, results: Path) -> None:
        self._results = results
        self._read: dict[Path, tuple[Any, dict[str, Any]]] = {}  # as of its inode, time and size

    def write(self, *, sweeps: bool = True) -> list[str]:
        """Rewrite claims.json, claims.md, figures/, pages/ and index.html from results/executed, and the
        tables and figures of sweeps unless told not to, which takes seconds.

        Returns a line for each file there that is not what a run has left, and for each part that could not
        be made.
        """
        results, runs, unread = self._results, [], []
        for path in sorted((results / "executed").glob("[!.]*")):
            try:
                runs.append(self._run(path))
            except TruncatedFileError as err:
                unread.append(str(err))
        runs.sort(key=lambda run: (not run["record"]["id"][:1].isdigit(), run["record"]["name"]))
        rows = [
            claim.as_json() | {"notebook": run["record"]["name"]} for run in runs for claim in run["claims"]
        ]
        write_ledger(
            results, rows, versions=versions(), hardware=hardware(), runs=[_summary(run) for run in runs]
        )
        for folder in ("figures", "pages"):
            make_folder(results / folder)
        for run in runs:
            if "names" not in run:
                run["names"] = write_figures(run.pop("figures"), run["record"], results / "figures")
        kept = {name for run in runs for name in run["names"]}
        for path in (results / "figures").glob("*.png"):
            if path.name not in kept:
                path.unlink()
        for run in runs:
            try:
                if not run.get("page"):
                    _write_page(run, results / "pages" / f"{run['record']['name']}.html")
                    run["page"] = True
            except (FileError, InvalidParameter):
                raise
            except Exception as err:  # noqa: BLE001  # whatever one notebook holds, the others have their page
                unread.append(
                    f"the page of {run['path']}: {type(err).__name__}: {' '.join(str(err).split())}"
                )
        found, odd = sweeps_of(results)
        unread += odd
        by_name = {run["record"]["name"]: (run["record"], run["claims"]) for run in runs}
        shown = []
        for sweep in found:
            try:
                if sweeps:
                    sweep.write(sweep.of(by_name))
                shown.append(_of_sweep(sweep, sweep.of(by_name)))
            except MissingPlugin as err:
                unread.append(str(err))
        write_text(results / "index.html", _unicode(_index(runs, shown, unread)))
        return unread

    def _run(self, path: Path) -> dict[str, Any]:
        with suppress(OSError):
            stat = path.stat()
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._read.get(path, (None, {}))[0] == mark:
                return self._read[path][1]
            self._read[path] = (mark, _read(path))
            return self._read[path][1]
        return _read(path)  # a link to nowhere, which it names


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
    figures = figures_of(path, cells)
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


def _told(record: dict[str, Any]) -> str:
    """What sets a run apart from others of its notebook: the preset, and the parameters that it was given."""
    given = [f"{name} = {value}" for name, value in record["parameters"].items()]
    return ", ".join([*([] if record["preset"] == "quick" else [record["preset"]]), *given])


def _index(runs: list[dict[str, Any]], sweeps: list[dict[str, Any]], unread: list[str]) -> str:
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
            "told": _told(run["record"]),
            "section": SECTIONS.get(run["record"]["id"], run["record"]["id"]),
            "figures": run["names"],
            # The table escapes its own cells.
            "claims": Markup(Table(tuple(run["claims"]))._repr_html_()) if run["claims"] else "",
        }
        for run in runs
    ]
    claims = [claim for run in runs for claim in run["claims"]]
    return page.get_template("report.html.j2").render(
        runs=entries,
        sweeps=[sweep | {"table": Markup(sweep["table"])} for sweep in sweeps],  # pandas escapes, too
        unread=unread,
        total=len(claims),
        holding=sum(c.holds for c in claims),
        odd=sum(not c.as_declared for c in claims),
        versions=versions(),
        hardware=hardware(),
    )


def _of_sweep(sweep: Sweep, runs: list[Run]) -> dict[str, Any]:
    return {
        "name": sweep.name,
        "title": sweep.title,
        "there": len(runs),
        "of": len(sweep.runs),
        "drawn": sweep.figure.exists(),
        "table": sweep.shown(runs).to_html(index=False, border=0) if runs else "",
    }
