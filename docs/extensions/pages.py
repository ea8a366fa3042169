"""What the site adds to the files it is built from: its order, the gallery with a figure a notebook, the live
page, and README as index.html.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

from geodesic_kit.paper.experiments.live_moons import live_moons
from geodesic_kit.paper.runs import catalog

ROOT = Path(__file__).resolve().parents[2]
FIGURES, LIVE = ROOT / "build" / "figures", ROOT / "build" / "live"


def _notebooks() -> dict[str, Path]:
    return catalog.notebooks(ROOT / "notebooks")


def _figures(app: Any) -> None:
    """The first figure of each notebook, as a file: what a gallery shows."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    for id, path in _notebooks().items():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = (each.get("data", {}) for cell in cells for each in cell.get("outputs", ()))
        (FIGURES / f"{id}.png").write_bytes(
            base64.b64decode("".join(next(data["image/png"] for data in outputs if "image/png" in data)))
        )


def _live(app: Any) -> None:
    LIVE.mkdir(parents=True, exist_ok=True)
    live_moons(LIVE / "live.html")


def _minutes(path: Path) -> str:
    seconds = catalog.usual_seconds(path)
    return f"{max(seconds / 60, 0.1):.1f} min of CPU"


def _title(path: Path) -> str:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if found := re.match(r"#\s+(.+)", "".join(cell["source"])):
            return found[1].strip()
    return path.stem


def _gallery() -> str:
    cards = [".. container:: gallery\n"]
    for id, path in _notebooks().items():
        cards.append(
            f"   .. figure:: /build/figures/{id}.png\n      :alt: first figure of {_title(path)}\n"
            f"      :figclass: card\n      :target: ../notebooks/{path.stem}.html\n\n"
            f"      :doc:`{_title(path)} </notebooks/{path.stem}>`, {_minutes(path)}\n"
        )
    return "\n".join(cards)


def _order() -> str:
    guides = sorted(f"docs/guides/{path.stem}" for path in (ROOT / "docs" / "guides").glob("*.md"))
    parts = {
        "Guides": guides,
        "Notebooks": ["docs/gallery", *(f"notebooks/{path.stem}" for path in _notebooks().values())],
        "Reference": ["docs/api", "notebooks/claims", "benchmarks/README", "benchmarks/results"],
        "Contribute": ["CONTRIBUTING", "plugins/README", "data/README"],
    }
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(docs) + "\n```\n"
        for caption, docs in parts.items()
        if docs
    )


def _read(app: Any, name: str, source: list[str]) -> None:
    if name == "README":
        source[0] += _order()
    if name == "docs/gallery":
        source[0] += _gallery()
    # a folder is no page of the site: its name stays, the link goes
    if name.endswith(("README", "CONTRIBUTING")) or name.startswith("docs/guides"):
        here = (ROOT / name).parent
        source[0] = re.sub(
            r"\[([^]]+)\]\(([^)#:]+)\)",
            lambda link: link[1] if (here / link[2]).is_dir() else link[0],
            source[0],
        )


def _front(app: Any, failed: Exception | None) -> None:
    if failed is None:
        shutil.copyfile(Path(app.outdir) / "README.html", Path(app.outdir) / "index.html")


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", lambda app, config: (_figures(app), _live(app)))
    app.connect("source-read", _read)
    app.connect("build-finished", _front)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
