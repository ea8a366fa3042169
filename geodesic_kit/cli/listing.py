"""Commands that tell what there is: list, claims, plugins, datasets."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.sparse import csr_array

from ..errors import BrokenPlugin, MissingPlugin, NameClash, NoGPUError, PluginWarning
from ..graph.graph import Graph
from ..registry import Registry, decoders, densities, solvers
from .app import app
from .options import WHICH, Folder

__all__: list[str] = []


@app.command("list")
def list_notebooks(
    which: Annotated[str | None, typer.Argument(help=WHICH)] = None, notebooks: Folder = None
) -> None:
    """List the notebooks, or the parameters of one: type, default, help and what is allowed.

    \b
    Examples:
      geodesic-kit list
      geodesic-kit list 2.2
    """
    from ..paper.runs import catalog

    if which is None:
        for id, path in catalog.notebooks(notebooks).items():
            print(f"{id:9} {_section(id, path):34} {_usual(path)}")
    else:
        _tell_parameters(*catalog.find(which, notebooks), notebooks)


def _section(id: str, path: Path) -> str:
    from ..paper.claims.statements import SECTIONS

    return SECTIONS.get(id, path.stem)


def _usual(path: Path) -> str:
    from ..paper.runs.catalog import usual_seconds

    seconds = usual_seconds(path)
    return f"{seconds:.0f} s of CPU" if np.isfinite(seconds) else "not timed"


def _tell_parameters(id: str, path: Path, notebooks: Path | None) -> None:
    from ..paper.runs import catalog

    print(f"{_section(id, path)}: {path.name}, {_usual(path)}")
    known = catalog.parameters_of(path)
    print("parameters, each given by -p name=value:" if known else "no parameters")
    for name, entry in known.items():
        told, _, allowed = entry["help"].partition("; allowed: ")
        kind = entry["inferred_type_name"]
        print(f"  {name}{': ' + kind if kind != 'None' else ''} = {' '.join(entry['default'].split())}")
        for line in (told, f"allowed: {allowed}" if allowed else ""):
            if line:
                print(f"      {line}")
    for preset in sorted(file.stem for file in (path.parent / "presets").glob("*.yaml")):
        if own := catalog.preset(preset, notebooks).get(id):
            print(f"--preset {preset}: {', '.join(f'{name}={value}' for name, value in own.items())}")


@app.command()
def claims(
    notebooks: Folder = None,
    write: Annotated[
        bool, typer.Option("--write", help="write claims.json, claims.md and README's table")
    ] = False,
) -> None:
    """Print the claims in the committed notebooks' outputs, or write them where the repository keeps them.

    \b
    Examples:
      geodesic-kit claims
      geodesic-kit claims --notebooks results/executed
    """
    from ..paper import ledger as committed
    from ..paper.runs import catalog

    folder = catalog.folder_of_notebooks(notebooks)
    if write:
        for path in committed.write(folder):
            print(f"wrote {path}")
    else:
        print(committed.table(folder))


@app.command()
def plugins() -> None:
    """List the plugins, who provides them, and what is missing to use them."""
    for registry in (densities, solvers, decoders):
        for name, provider in registry.providers().items():
            print(f"{registry.kind}  {name}  from {provider}: {_availability(registry, name)}")


@app.command()
def datasets(
    fetch: Annotated[list[str] | None, typer.Option(help="fetch this one; may be repeated")] = None,
) -> None:
    """List the data sets, or fetch those that must be fetched.

    \b
    Examples:
      geodesic-kit datasets
      geodesic-kit datasets --fetch mnist
    """
    from .. import datasets as room

    for name in fetch or ():
        print(f"{name}: {room.fetch(name) or 'needs no fetching'}")
    if not fetch:
        for name, line in room.describe().items():
            print(f"{name}: {line}")


def _availability(registry: Registry, name: str) -> str:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", PluginWarning)
        try:
            plugin = registry[name]
            if registry.kind == "solvers":
                # A solver's modules may import where its device is absent: only a path found shows that it
                # works here.
                graph = Graph.from_matrix(
                    np.array([[0.0], [1.0]]), csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
                )
                plugin().solve(graph, np.array([0]))
        except KeyboardInterrupt:
            raise
        except (MissingPlugin, BrokenPlugin, NameClash, NoGPUError) as err:
            return str(err)
        except BaseException as err:  # noqa: BLE001  # whatever one plugin does, the list goes on
            return f"its trial on two points failed: {type(err).__name__}: {' '.join(str(err).split())}"
    return "; ".join(
        ["ready", *(str(warning.message) for warning in told if issubclass(warning.category, PluginWarning))]
    )
