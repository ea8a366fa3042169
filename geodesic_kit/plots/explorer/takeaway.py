"""What the explorer shows as a command and as a program, to go on with elsewhere."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...base.files import as_path
from ...errors import GeodesicKitError
from .models import GIVEN, TRUE, fit_options
from .planes import PLANES
from .scene import Scene

__all__ = ["DENSITY_FILE", "POINTS_FILE", "Settings", "Taken", "taken"]

POINTS_FILE, DENSITY_FILE = "explored-points.npz", "explored-density.npz"


@dataclass(frozen=True)
class Settings:
    """What the controls say, by the keywords of `gk.widgets.explore`."""

    metric: str
    log_lam: float
    log_p0: float
    power: float
    rule: str
    eps: float
    k: int
    bridged: bool
    solver: str
    i: int
    j: int
    projection: str
    columns: tuple[int, int]
    refine: bool
    graph: bool


@dataclass(frozen=True)
class Taken:
    """A line for a shell, a program, and what to know about both."""

    command: str
    program: str
    notes: tuple[str, ...] = ()


def taken(scene: Scene, settings: Settings, folder: Path | None = None) -> Taken:
    """The command and the program that show what `settings` show of the scene.

    Rows that no name gives again are written to `folder`, the working one by default, and so is a density of
    one's own that can be saved. Raises FileError.
    """
    folder = Path() if folder is None else as_path(folder)
    notes: list[str] = []
    source, loaded = _rows(scene, folder, notes)
    name, made = _density(scene, folder, notes)
    options = _options(settings, name, scene)
    line = ["geodesic-kit", "run", "explorer", "-p", f"dataset={source}"]
    line += ["-p", f"n_points={len(scene.points)}", "-p", f"seed={scene.seed}", "-p", f"options={options}"]
    program = ["import geodesic_kit as gk", "", loaded, *made, *_chain(settings)]
    command = shlex.join(line) if name is not None else "# needs a density that can be saved"
    return Taken(command, "\n".join(program) + "\n", tuple(notes))


def _rows(scene: Scene, folder: Path, notes: list[str]) -> tuple[str, str]:
    data = scene.data
    if data.source is not None:
        asked = f", n={data.asked}" if data.asked is not None else ""
        return data.source, f'data = gk.datasets.load("{data.source}"{asked}, seed={scene.seed})'
    path = folder / POINTS_FILE
    if data.y is None:
        np.savez(path, x=data.x)
    else:
        np.savez(path, x=data.x, y=data.y)
    notes.append(f"the points shown are now in {path}")
    return str(path), f'data = gk.datasets.load("{path}")'


def _density(scene: Scene, folder: Path, notes: list[str]) -> tuple[str | None, list[str]]:
    """The density's name or file, None where neither is, and the lines that make it."""
    name = scene.density_name
    if name == TRUE and scene.data.source is not None:
        return TRUE, ["x, density = data.x, data.density"]
    if name not in (GIVEN, TRUE):
        options = "".join(f", {key}={value!r}" for key, value in fit_options(name, scene.points).items())
        return name, ["x = data.x", f'density = gk.densities["{name}"].fit(x, seed={scene.seed}{options})']
    path = folder / DENSITY_FILE
    try:
        scene.density.save(path)  # type: ignore[attr-defined]  # whoever has it; the others are told below
    except (AttributeError, GeodesicKitError):
        notes.append("your density cannot be saved: the program takes it as `density`")
        return None, ["x = data.x  # and `density` is yours"]
    notes.append(f"the density is now in {path}")
    # the notebook runs in a folder of its own
    return str(path.resolve()), ["x = data.x", f'density = gk.densities.load("{path}")']


def _options(settings: Settings, density: str | None, scene: Scene) -> str:
    """The options that differ from the defaults, as YAML on one line."""
    rows = scene.data.image_shape
    found: dict[str, Any] = {
        "density": density,
        "metric": settings.metric,
        "log_lam": settings.log_lam,
        "log_p0": settings.log_p0,
        "power": settings.power,
        "rule": settings.rule,
        "eps": settings.eps if settings.rule != "knn" else None,
        "k": settings.k if settings.rule != "epsilon" else None,
        "bridged": settings.bridged,
        "solver": settings.solver if settings.solver != "auto" else None,
        "i": settings.i,
        "j": settings.j,
        "projection": settings.projection,
        "columns": list(settings.columns) if settings.projection == PLANES[0] else None,
        "image_shape": list(rows) if rows is not None else None,
        "refine": settings.refine or None,
        "graph": settings.graph or None,
    }
    return (
        "{" + ", ".join(f"{key}: {_yaml(value)}" for key, value in found.items() if value is not None) + "}"
    )


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def _chain(settings: Settings) -> list[str]:
    graph = {
        "epsilon": f"gk.epsilon_graph(x, eps={settings.eps!r})",
        "knn": f"gk.knn_graph(x, k={settings.k})",
        "adaptive": f"gk.adaptive_graph(x, k={settings.k}, eps={settings.eps!r})",
    }[settings.rule] + (".bridged()" if settings.bridged else "")
    solver = "" if settings.solver == "auto" else f', solver="{settings.solver}"'
    lines = [
        f"metric = {_metric(settings)}",
        f"graph = {graph}.weigh(metric)",
        f"path = gk.geodesic(graph, {settings.i}, {settings.j}{solver})",
    ]
    return [*lines, *(["smooth = gk.refine(path, rtol=1e-3)"] if settings.refine else []), "print(path)"]


def _metric(settings: Settings) -> str:
    if settings.metric == "Euclidean":
        return "gk.EuclideanMetric()"
    if settings.metric == "Fermat":
        return f"gk.FermatMetric(density, beta={settings.power!r})"
    if settings.metric == "log-likelihood":
        lam, p0 = float(np.exp(settings.log_lam)), float(np.exp(settings.log_p0))
        return f"gk.LogLikelihoodMetric(density, lam={lam!r}, p0={p0!r})"
    return (
        f"gk.GenerativeMetric(density, log_lam={settings.log_lam!r}, log_p0={settings.log_p0!r}, "
        f"power={settings.power!r})"
    )
