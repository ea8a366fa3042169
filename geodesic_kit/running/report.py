"""The report of executed notebooks: ledger, figures, a page each, and an index."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from ..files import make_folder, write_bytes, write_text
from ..ledger.statements import SECTIONS
from ..ledger.table import Table, claims_of, write_ledger
from .machine import hardware, versions

__all__ = ["write_report"]


def write_report(results: Path) -> None:
    """Rewrite claims.json, claims.md, figures/, pages/ and index.html of `results` from results/executed."""
    runs = [_read(path) for path in sorted((results / "executed").glob("[!.]*.ipynb"))]
    runs = sorted((run for run in runs if run["record"]), key=lambda run: (not run["record"]["id"][0].isdigit(), run["record"]["name"]))
    rows = [claim.as_json() | {"notebook": run["record"]["name"]} for run in runs for claim in run["claims"]]
    write_ledger(results, rows, versions=versions(), hardware=hardware(), runs=[_summary(run) for run in runs])
    for folder in ("figures", "pages"):
        make_folder(results / folder)
    figures = {run["record"]["name"]: _write_figures(run, results / "figures") for run in runs}
    kept = {name for names in figures.values() for name in names}
    for path in (results / "figures").glob("*.png"):
        if path.name not in kept:
            path.unlink()
    for run in runs:
        _write_page(run, results / "pages" / f"{run['record']['name']}.html")
    write_text(results / "index.html", _index(runs, figures))


def _read(path: Path) -> dict[str, Any]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    headings = (re.match(r"#\s+(.+)", "".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    title = next((match[1].strip() for match in headings if match and "papermill" not in match[1]), path.stem)
    record = notebook["metadata"].get("geodesic_kit", {})
    return {"path": path, "cells": notebook["cells"], "title": title, "record": record, "claims": claims_of(path)}


def _summary(run: dict[str, Any]) -> dict[str, Any]:
    shown = ("id", "name", "status", "error", "preset", "parameters", "seed", "seconds", "ended", "code", "versions", "hardware")
    return {name: run["record"][name] for name in shown}


def _write_figures(run: dict[str, Any], folder: Path) -> list[str]:
    outputs = (output for cell in run["cells"] for output in cell.get("outputs", ()))
    images = ["".join(output["data"]["image/png"]) for output in outputs if "image/png" in output.get("data", {})]
    names = [f"{run['record']['name']}-{k}.png" for k in range(1, len(images) + 1)]
    for name, image in zip(names, images, strict=True):
        write_bytes(folder / name, base64.b64decode(image))
    return names


def _write_page(run: dict[str, Any], page: Path) -> None:
    if page.exists() and page.stat().st_mtime >= run["path"].stat().st_mtime:
        return
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter().from_filename(str(run["path"]))
    write_text(page, body)


def _index(runs: list[dict[str, Any]], figures: dict[str, list[str]]) -> str:
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    page = Environment(loader=PackageLoader("geodesic_kit", "running"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
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
        runs=entries, total=len(claims), holding=sum(c.holds for c in claims), versions=versions(), hardware=hardware()
    )
