"""`python -m benchmarks`: run the rows, each in a process of its own, print the table and save it."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from typing import Any

from geodesic_kit.errors import InvalidParameter

from .children import ROOT, call
from .lines import not_run
from .machine import describe, sentence
from .registry import LONG, ROWS
from .report import as_json, as_text, block, replace_block, save, status, summary

__all__ = ["main"]

_LATEST = ROOT / "results" / "benchmarks.json"
_COMMITTED = ROOT / "benchmarks" / "results.json"
_TABLE = ROOT / "benchmarks" / "results.md"
_ABOUT = (
    "# Results\n\nWritten by `python -m benchmarks --write`; [README.md](README.md) says how each number "
    "is made.\n\n"
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or with --strict 1 where a bound is missed or was not tried."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="The kit against its peers; every ratio is of one run."
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="row",
        help=f"rows to run, all but the long ones by default: {', '.join(ROWS)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: tries the code, says nothing about the bounds"
    )
    parser.add_argument("--full", action="store_true", help=f"rows of minutes too: {', '.join(LONG)}")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write benchmarks/results.json, results.md and README's table; needs all rows",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 where a bound is missed or not tried"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(ROWS):
        parser.error(f"no row named {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if options.write and options.names:
        parser.error("--write shows one run of all rows; leave the names away")
    usual = [name for name in ROWS if options.full or name not in LONG]
    results = _run(options.names or usual, options.quick)
    print(f"\n{as_text(results)}\n\n{summary(results)}\n{sentence(results['machine'])}")
    save(_LATEST, as_json(results))
    if options.write:
        readme = ROOT / "README.md"
        text = replace_block(readme.read_text(encoding="utf-8"), results)
        save(_COMMITTED, as_json(results))
        save(_TABLE, _ABOUT + block(results, True))
        save(readme, text)
    fine = ("met", "") if options.quick else ("met",)
    failed = any(line["bound"] and status(line, options.quick) not in fine for line in results["lines"])
    return int(options.strict and failed)


def _run(names: list[str], quick: bool) -> dict[str, Any]:
    results: dict[str, Any] = {"machine": describe(), "quick": quick, "minutes": 0.0, "lines": []}
    begin = time.perf_counter()
    for name in names:
        start = time.perf_counter()
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        try:
            results["lines"] += call("benchmarks.registry:lines", timeout=900, name=name, quick=quick)
        except InvalidParameter as err:
            results["lines"].append(asdict(not_run(name, str(err))))
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    results["minutes"] = round((time.perf_counter() - begin) / 60, 1)
    return results


if __name__ == "__main__":
    sys.exit(main())
