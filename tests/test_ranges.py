"""Ranges of parameters: as notebooks say them, refused by name before a run begins, and met by what is
committed and documented.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from geodesic_kit.cli.app import pairs
from geodesic_kit.cli.commands import app
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.runs import catalog, values
from geodesic_kit.paper.runs.axes import axes_of
from geodesic_kit.paper.runs.compare import shares
from geodesic_kit.paper.runs.ranges import range_of

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = catalog.notebooks(ROOT / "notebooks")


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("help; ours; allowed: from 1 to 5", [1, 2.5, 5], [0, 5.1]),
        ("allowed: above 0", [1e-9, 1e9], [0, -1]),
        ("allowed: above 0 to 1e3", [1000], [0.0, 1001]),
        ("allowed: from 2 to n / 4 + 1", [2, 6], [7]),
        ("allowed: from min(sizes) to max(sizes) * len(sizes)", [10, 90], [9, 91]),
        ("allowed: 2 or more values from 1", [[1, 2], [3, 2, 1]], [[], [1], [1, 1], [0, 1]]),
        ("allowed: 1 to 2 values from 1 to 9", [[1], [1, 9]], [[], [1, 2, 3], [10]]),
        ("allowed: 3 values above 0", [[1, 2, 3]], [[1, 2], [1, 2, 3, 4]]),
        ("allowed: of mog, ctm", ["mog", "ctm"], ["MoG", ""]),
        ("allowed: 1 or more values of a, b", [["a"], ["b", "a"]], [[], ["c"], ["a", "a"]]),
        ("allowed: of gk.densities", ["mog"], ["nothing"]),
        ("allowed: of gk.datasets", ["two_moons"], ["nothing"]),
        ("allowed: any", [1, "a", [], {}], []),
        ("at least 100; ours", [1, "a"], []),
    ],
)
def test_a_range_is_met_or_said(text: str, good: list[Any], bad: list[Any]) -> None:
    found = range_of(text)
    parameters = {"n": 20, "sizes": [10, 30, 20]}
    for entry in good:
        found.check("x", entry, parameters)
    for entry in bad:
        with pytest.raises(InvalidParameter, match=r"^x=.*: give "):
            found.check("x", entry, parameters)


def test_what_an_end_hangs_on_is_said_in_numbers() -> None:
    with pytest.raises(InvalidParameter, match=r"^k=9: give from 2 to n_points / 4; n_points / 4 is 5 here$"):
        range_of("allowed: from 2 to n_points / 4").check("k", 9, {"n_points": 20})


@pytest.mark.parametrize("text", ["allowed: 5", "allowed: between 1 and 2", "allowed: from"])
def test_a_range_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(InvalidParameter, match="write 'allowed: from 1 to 5'"):
        range_of(text)


@pytest.mark.parametrize("end", ["m", "().__class__", "f(1)", "1 if 2 else 3", "'a'"])
def test_an_end_runs_no_code(end: str) -> None:
    with pytest.raises(InvalidParameter, match="is no end of a range"):
        range_of(f"allowed: from {end}").check("x", 1, {"n": 2})


@pytest.mark.parametrize("id", NOTEBOOKS)
def test_every_parameter_says_its_range_and_its_default_is_within(id: str) -> None:
    known = catalog.parameters_of(NOTEBOOKS[id])
    for name, entry in known.items():
        assert "; allowed: " in entry["help"], f"{name} of notebook {id} says no range"
        # Given in so many words, each default is accepted, whichever others it hangs on.
        default = yaml.safe_load(entry["default"].replace("True", "true").replace("False", "false"))
        text = (
            values.read(entry["default"].replace("True", "true").replace("False", "false"))
            if default != ""
            else ""
        )
        assert set(catalog.plan(id, {name: text}, folder=ROOT / "notebooks").parameters) == {name}
    if "seed" in known:
        with pytest.raises(InvalidParameter, match=rf"notebook {id}: seed=-1: give from 0"):
            catalog.plan(id, {"seed": -1}, folder=ROOT / "notebooks")


@pytest.mark.parametrize(
    ("id", "parameters", "text"),
    [
        ("2.1", {"n_axioms": 30}, r"n_axioms=30: give from 60 to n_points; n_points is 2000 here"),
        ("2.1", {"n_points": 250}, r"n_axioms=300: give from 60 to n_points; n_points is 250 here"),
        ("2.1", {"p0": 0.05}, r"p0=0\.05: give from 0\.4"),
        ("2.1", {"lams": []}, r"lams=\[\]: give 1 or more values"),
        ("2.2", {"kappas": [0.5]}, r"kappas=\[0\.5\]: give 2 or more values"),
        ("2.2", {"sizes": [250]}, r"sizes=\[250\]: give 4 or more values"),
        ("2.2", {"sizes": [250, 500.5, 800, 900]}, r"sizes holds 500\.5 of type float; int is declared"),
        ("2.2", {"trials": 1}, r"trials=1: give from 2"),
        ("3.1", {"density": "nothing"}, r"density='nothing': give one of .*mog"),
    ],
)
def test_what_a_notebook_cannot_run_with_is_refused_by_name(
    id: str, parameters: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidParameter, match=rf"^notebook {re.escape(id)}: {text}"):
        catalog.plan(id, parameters, folder=ROOT / "notebooks")


def commands_of(text: str) -> list[list[str]]:
    """The arguments of every geodesic-kit command in a text's shell blocks and code spans."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.S | re.M)
    spans = [span for span in re.findall(r"`([^`\n]+)`", text) if span.startswith("geodesic-kit ")]
    lines = [line for block in blocks for line in block.splitlines() if "geodesic-kit " in line.split("#")[0]]
    return [shlex.split(line.partition("geodesic-kit ")[2], comments=True) for line in [*lines, *spans]]


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "plugins/README.md", "benchmarks/README.md"]
    + [f"docs/guides/{path.name}" for path in (ROOT / "docs" / "guides").glob("*.md")],
)
def test_commands_in_the_documents_can_be_run(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = commands_of((ROOT / page).read_text(encoding="utf-8"))
    assert found or page not in ("README.md", "CONTRIBUTING.md")
    commands = typer.main.get_command(app).commands
    for arguments in found:
        given = commands[arguments[0]].make_context(arguments[0], list(arguments[1:])).params
        whiches = given.get("which") or []
        for which in [whiches] if isinstance(whiches, str) else whiches:
            if which == "2.3":  # the notebook that CONTRIBUTING has its reader write
                continue
            texts = pairs(given.get("parameter"))
            if arguments[0] == "sweep":
                points = catalog.grid(axes_of(which, texts))
            else:
                points = [{name: values.read(text) for name, text in texts.items()}]
            for point in points:
                if point.get("dataset") == "points.csv":  # a file that the page has its reader write
                    continue
                catalog.plan(
                    which, point, preset_name=given.get("preset", "quick"), folder=ROOT / "notebooks"
                )


def test_every_notebook_has_its_seconds_and_two_processes_share_them_evenly() -> None:
    table = yaml.safe_load((ROOT / "notebooks" / "seconds.yaml").read_text())
    assert set(table) == set(NOTEBOOKS)
    parts = shares(list(NOTEBOOKS.values()), 2)
    assert sorted(path for part in parts for path in part) == sorted(NOTEBOOKS.values())
    lengths = [sum(catalog.usual_seconds(path) for path in part) for part in parts]
    assert max(lengths) - min(lengths) <= max(table.values()) / 2
    assert shares(list(NOTEBOOKS.values())[:1], 2) == [list(NOTEBOOKS.values())[:1]]
