"""Commands that run notebooks: run, sweep, reproduce, second-seed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ..paper.runs import Outcome
from .app import app, pairs
from .options import (
    RESULTS,
    WHICH,
    Axes,
    Folder,
    Force,
    Given,
    Jobs,
    Preset,
    Results,
    Scheduler,
    Strict,
    Timeout,
    Which,
)

__all__: list[str] = []


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
    scheduler: Scheduler = None,
    strict: Strict = False,
) -> None:
    """Run notebooks, with parameters of yours; `geodesic-kit list ID` shows which there are.

    Values are YAML: 0.01, true, None, 2020-01-01, 'a text, quoted', [1, 2]. A parameter that names a data set
    takes a file of yours as well: .npy, .npz, .csv or .parquet. Where a claim does not hold under other
    parameters than the committed ones its row says "does not hold here", which is no failure unless --strict.

    \b
    Examples:
      geodesic-kit run 2.2
      geodesic-kit run 2.2 -p lam=0.01 --preset paper
      geodesic-kit run 2.2 -p "sizes=[250, 500, 1000, 2000]"
      geodesic-kit run explorer -p dataset=points.csv
    """
    from ..paper import runs
    from ..paper.runs import catalog, values

    given = {name: values.read(text, f"-p {name}") for name, text in pairs(parameter).items()}
    plans = [catalog.plan(one, given, preset_name=preset, folder=notebooks, strict=strict) for one in which]
    _finish(
        lambda: runs.work(plans, results, jobs=jobs, timeout=timeout, force=force, client=scheduler), results
    )


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
    scheduler: Scheduler = None,
    strict: Strict = False,
) -> None:
    """Run one notebook for every combination of parameter values.

    Values are a comma list; 0:5 stands for 0, 1, 2, 3, 4. All are checked before the first run begins, and
    the same command goes on where it was stopped. It ends with a table, one row a run, and a figure of what
    was swept against each claim; both lie in sweeps/ of the results, and gk.runs.collect reads them.

    \b
    Examples:
      geodesic-kit sweep 2.2 -p lam=0.01,0.03,0.1
      geodesic-kit sweep 2.2 -p lam=0.01,0.1 -p seed=0:5 --jobs 2
      geodesic-kit sweep 3.3a -p k=4,6,10 -p n_points=250
    """
    from ..paper import runs
    from ..paper.runs.axes import axes_of

    axes = axes_of(which, pairs(parameter), notebooks)
    _finish(
        lambda: runs.sweep(
            which,
            axes,
            preset=preset,
            folder=notebooks,
            results=results,
            jobs=jobs,
            timeout=timeout,
            force=force,
            client=scheduler,
            strict=strict,
        ),
        results,
        after=lambda outcomes: _tell_sweep(outcomes, results),
    )


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
    scheduler: Scheduler = None,
) -> None:
    """Run every notebook and print the ledger.

    \b
    Examples:
      geodesic-kit reproduce
      geodesic-kit reproduce --preset paper --results paper-results
    """
    from ..paper import runs

    _finish(
        lambda: runs.reproduce(
            preset=preset,
            folder=notebooks,
            results=results,
            jobs=jobs,
            timeout=timeout,
            force=force,
            client=scheduler,
        ),
        results,
        after=_tell_ledger,
    )


@app.command("second-seed")
def second_seed(
    seed: Annotated[int, typer.Option(help="the other seed")] = 1,
    count: Annotated[int, typer.Option(min=1, help="how many notebooks; others at each commit")] = 1,
    notebooks: Folder = None,
    results: Results = RESULTS / "second-seed",
    jobs: Jobs = 1,
) -> None:
    """Run some notebooks, rotating by commit, at another seed; their claims must still hold.

    \b
    Examples:
      geodesic-kit second-seed
      geodesic-kit second-seed --seed 7 --count 3
    """
    from ..paper import runs

    _finish(
        lambda: runs.second_seed(seed=seed, count=count, folder=notebooks, results=results, jobs=jobs),
        results,
        after=_tell_ledger,
    )


def _finish(
    start: Callable[[], list[Outcome]],
    results: Path,
    *,
    after: Callable[[list[Outcome]], None] = lambda outcomes: None,
) -> None:
    try:
        outcomes = start()
    except KeyboardInterrupt:
        print(
            f"stopped; finished runs are kept in {results}, the same command goes on from there",
            file=sys.stderr,
        )
        raise typer.Exit(130) from None
    after(outcomes)
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


def _tell_ledger(outcomes: list[Outcome]) -> None:
    from ..paper.claims.table import Table, claims_of

    rows = [claim for outcome in outcomes if outcome.path.exists() for claim in claims_of(outcome.path)]
    print(f"\n{Table(tuple(rows))}\n")


def _tell_sweep(outcomes: list[Outcome], results: Path) -> None:
    """The sweep's table as far as the terminal is wide, and where its files lie."""
    from ..paper.runs.collect import read_runs
    from ..paper.runs.sweeps import sweeps_of

    names = [outcome.plan.name for outcome in outcomes]
    there = [outcome.plan.name for outcome in outcomes if outcome.path.exists()]
    if not there:
        return
    found = next(one for one in sweeps_of(results)[0] if list(one.runs) == names)
    table = found.shown(read_runs(results, there))
    print(f"\n{table.to_string(index=False, line_width=shutil.get_terminal_size((110, 24)).columns)}")
    print("* not as declared for the committed parameters\n")
    for what, path in (("table", found.table), ("figure", found.figure)):
        if path.exists():
            print(f"{what}: {path}")
