"""The commands of `geodesic-kit`, each a thin call of the kit."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.sparse import csr_array

from ..errors import BrokenPlugin, InvalidParameter, MissingPlugin, NameClash, NoGPUError, PluginWarning
from ..graph.graph import Graph
from ..paper.runs import Outcome
from ..registry import Registry, decoders, densities, solvers
from .options import RESULTS, WHICH, Axes, Folder, Force, Given, Jobs, Preset, Results, Timeout, Which

__all__ = ["app"]

app = typer.Typer(
    help="Run, sweep and reproduce the notebooks; list plugins and data sets; train models; write the "
    "ledger of claims.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def run(
    which: Annotated[list[str], typer.Argument(help=WHICH)],
    parameter: Given = None,
    preset: Preset = "quick",
    notebooks: Folder = None,
    results: Results = RESULTS,
    jobs: Jobs = 1,
    timeout: Timeout = None,
    force: Force = False,
) -> None:
    """Run notebooks with given parameters."""
    from ..paper import runs
    from ..paper.runs import catalog, values

    given = {name: values.read(text, f"-p {name}") for name, text in _pairs(parameter)}
    plans = [catalog.plan(one, given, preset_name=preset, folder=notebooks) for one in which]
    _finish(lambda: runs.work(plans, results, jobs=jobs, timeout=timeout, force=force), results)


@app.command()
def sweep(
    which: Which,
    parameter: Axes,
    preset: Preset = "quick",
    notebooks: Folder = None,
    results: Results = RESULTS,
    jobs: Jobs = 1,
    timeout: Timeout = None,
    force: Force = False,
) -> None:
    """Run one notebook for every combination of parameter values."""
    from ..paper import runs
    from ..paper.runs import catalog, values

    axes = {name: values.read(f"[{text}]", f"-p {name}") for name, text in _pairs(parameter)}
    plans = [catalog.plan(which, point, preset_name=preset, folder=notebooks) for point in catalog.grid(axes)]
    _finish(lambda: runs.work(plans, results, jobs=jobs, timeout=timeout, force=force), results)


@app.command()
def reproduce(
    preset: Preset = "quick",
    notebooks: Folder = None,
    results: Results = RESULTS,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="notebooks run at a time, on one thread each; 2 by default")
    ] = None,
    timeout: Timeout = None,
    force: Force = False,
) -> None:
    """Run every notebook and print the ledger."""
    from ..paper import runs

    _finish(
        lambda: runs.reproduce(
            preset=preset, folder=notebooks, results=results, jobs=jobs, timeout=timeout, force=force
        ),
        results,
        ledger=True,
    )


@app.command("second-seed")
def second_seed(
    seed: Annotated[int, typer.Option(help="the other seed")] = 1,
    count: Annotated[int, typer.Option(min=1, help="how many notebooks; others at each commit")] = 1,
    notebooks: Folder = None,
    results: Results = RESULTS / "second-seed",
    jobs: Jobs = 1,
) -> None:
    """Run some notebooks, rotating by commit, at another seed; their claims must still hold."""
    from ..paper import runs

    _finish(
        lambda: runs.second_seed(seed=seed, count=count, folder=notebooks, results=results, jobs=jobs),
        results,
        ledger=True,
    )


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
    """List the data sets, or fetch those that must be fetched."""
    from .. import datasets as room

    for name in fetch or ():
        print(f"{name}: {room.fetch(name) or 'needs no fetching'}")
    if not fetch:
        for name, line in room.describe().items():
            print(f"{name}: {line}")


@app.command()
def train(
    plugin: Annotated[
        str, typer.Argument(help="A density or decoder with recipes, such as realnvp, ctm or iwae")
    ],
    data: Annotated[str, typer.Option(help="a data set's name, or your own points: a .npy or .npz file")],
    seed: Annotated[int, typer.Option(help="of the points drawn and of the training")] = 0,
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="points, in place of the recipe's number")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="option=value of fit, YAML; may be repeated")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="the weights file; by default data/PLUGIN-NAME.safetensors in a clone")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="what a broken-off training goes on from; beside the weights by default"),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="stop after so many, with weights that can be used; the same command goes on"),
    ] = None,
) -> None:
    """Train a density or a decoder and write its weights with their card; goes on where it was stopped."""
    import logging

    from ..paper.runs import values
    from .training import job

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    options = {name: values.read(text, f"-p {name}") for name, text in _pairs(parameter)}
    work = job(plugin, data, seed=seed, n=n, options=options, out=out, checkpoint=checkpoint, minutes=minutes)
    print(f"{plugin} on {len(work.x)} points of {data}: {work.why}")
    print(f"kept while it trains in {work.checkpoint}", flush=True)
    try:
        done = work.run()
    except KeyboardInterrupt:
        kept = (
            f"{work.checkpoint} is kept, the same command goes on from there"
            if work.checkpoint.exists()
            else "nothing was kept yet"
        )
        print(f"stopped; {kept}", file=sys.stderr)
        raise typer.Exit(130) from None
    print(f"wrote {done.path}: {done.model!r}")
    if not done.finished:
        print(f"not finished; the same command goes on from {work.checkpoint}")


@app.command()
def refresh(
    ids: Annotated[list[str] | None, typer.Argument(help="notebooks, all by default")] = None,
    notebooks: Folder = None,
    timeout: Annotated[int, typer.Option(help="seconds a cell may take")] = 600,
) -> None:
    """Run notebooks where they lie and keep their outputs, as they are committed."""
    from ..paper.runs.refresh import refresh as run_in_place

    for path in _chosen(ids, notebooks):
        run_in_place(path, timeout=timeout)
        print(f"refreshed {path.name}")


@app.command()
def compare(
    ids: Annotated[list[str] | None, typer.Argument(help="notebooks, all by default")] = None,
    notebooks: Folder = None,
    jobs: Annotated[int, typer.Option(min=1, help="processes that share them")] = 2,
) -> None:
    """Run notebooks and compare what they show with their committed outputs."""
    from ..paper.runs import terminated_as_interrupted
    from ..paper.runs.compare import compare as run_and_compare

    with terminated_as_interrupted():  # so that no process outlives this one
        run_and_compare(_chosen(ids, notebooks), jobs=jobs)


@app.command()
def claims(
    notebooks: Folder = None,
    write: Annotated[
        bool, typer.Option("--write", help="write claims.json, claims.md and README's table")
    ] = False,
) -> None:
    """Print the claims in the committed notebooks' outputs, or write them where the repository keeps them."""
    from ..paper import ledger as committed
    from ..paper.runs import catalog

    folder = catalog.folder_of_notebooks(notebooks)
    if write:
        for path in committed.write(folder):
            print(f"wrote {path}")
    else:
        print(committed.table(folder))


def _chosen(ids: Sequence[str] | None, notebooks: Path | None) -> list[Path]:
    from ..paper.runs import catalog

    return (
        [catalog.find(id, notebooks)[1] for id in ids] if ids else list(catalog.notebooks(notebooks).values())
    )


def _pairs(parameters: Sequence[str] | None) -> list[tuple[str, str]]:
    pairs = []
    for text in parameters or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip().isidentifier():
            raise InvalidParameter(f"-p {text[:60]}: write -p name=value")
        pairs.append((name.strip(), value))
    return pairs


def _finish(start: Callable[[], list[Outcome]], results: Path, *, ledger: bool = False) -> None:
    try:
        outcomes = start()
    except KeyboardInterrupt:
        print(
            f"stopped; finished runs are kept in {results}, the same command goes on from there",
            file=sys.stderr,
        )
        raise typer.Exit(130) from None
    if ledger:
        from ..paper.claims.table import Table, claims_of

        rows = [claim for outcome in outcomes if outcome.path.exists() for claim in claims_of(outcome.path)]
        print(f"\n{Table(tuple(rows))}\n")
    print(f"report: {results / 'index.html'}")
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    if failed:
        print(
            (
                f"{len(failed)} of {len(outcomes)} runs failed: "
                f"{', '.join(outcome.plan.name for outcome in failed)}"
            ),
            file=sys.stderr,
        )
        raise typer.Exit(1)


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
