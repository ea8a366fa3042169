"""Runs: plans that are refused before work, presets, resuming, failures that do not stop others, and the
report.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from geodesic_kit import runs
from geodesic_kit.errors import InvalidParameter, TruncatedFileError, UnknownName
from geodesic_kit.paper.claims import MIME, Claim
from geodesic_kit.paper.claims.table import claims_of
from geodesic_kit.paper.ledger import write as write_committed
from geodesic_kit.paper.runs import catalog, execution

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path, write_notebook: Callable[..., None]) -> Path:
    """Two notebooks, one of which fails after its claim, and a preset."""
    place = tmp_path / "notebooks"
    (place / "presets").mkdir(parents=True)
    claim = "from geodesic_kit import claims\nclaims.check('C2.5', here=lam, below=1)"
    picture = (
        "import base64\nfrom IPython.display import "
        "Image\nImage(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='))"
    )
    write_notebook(place / "2.2-tiny.ipynb", claim, picture, "claims.table()", "claims.verify()")
    write_notebook(place / "2.1-broken.ipynb", claim, "1 / 0")
    (place / "presets" / "paper.yaml").write_text("'2.2': {n: 5, lam: 1e-3}\n")
    return place


def test_notebooks_are_found_by_id_and_by_the_beginning_of_their_name(folder: Path) -> None:
    assert list(catalog.notebooks(folder)) == ["2.1", "2.2"]
    assert (
        catalog.find("2.2", folder)
        == catalog.find("2.2-ti", folder)
        == catalog.find("2.2-tiny.ipynb", folder)
    )
    with pytest.raises(UnknownName, match=r"notebook '2' could be 2\.1 or 2\.2; give the whole id"):
        catalog.find("2", folder)
    for which in ("3.1", ""):
        with pytest.raises(UnknownName, match=rf"no notebook '{which}'; there are 2\.1, 2\.2"):
            catalog.find(which, folder)


def test_a_folder_without_notebooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"no notebooks in .*; clone the repository .* --notebooks"):
        catalog.notebooks(tmp_path)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"lamb": 1}, r"notebook 2\.2 has no parameter 'lamb'; it has lam, n, name, loud, xs, seed"),
        ({"n": 2.5}, r"n=2\.5 is of type float; int is declared"),
        ({"n": True}, "n=True is of type bool; int is declared"),
        ({"lam": "low"}, "lam='low' is of type str; float is declared"),
        ({"loud": 1}, "loud=1 is of type int; bool is declared"),
        ({"name": 1}, "name=1 is of type int; str is declared"),
        ({"xs": 1}, "xs=1 is of type int; list is declared"),
        ({"lam": float("nan")}, r"notebook 2\.2: lam holds nan; give finite numbers"),
        (
            {"name": b"a"},
            r"name holds a bytes; give null, true or false, a number, a text, or lists and "
            r"mappings of these",
        ),
        ({"xs": (1, 2)}, "xs holds a tuple; give"),
        ({"x" * 1000: 1}, r"no parameter 'x+…x+'; it has"),
        ({"lam = 1; import os; os": 1}, "no parameter 'lam = 1; import os; os'"),
    ],
)
def test_parameters_are_refused_before_work_begins(
    folder: Path, parameters: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidParameter, match=text):
        runs.run("2.2", parameters, folder=folder, results=folder / "results")
    assert not (folder / "results").exists()


def test_a_notebook_that_names_no_kernel_is_refused(folder: Path) -> None:
    path = next(folder.glob("2.2*.ipynb"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": {}}))
    with pytest.raises(InvalidParameter, match=r"2\.2.*names no kernel; save it once in JupyterLab"):
        catalog.plan("2.2", {}, folder=folder)


def test_presets_give_parameters_and_the_callers_come_on_top(folder: Path) -> None:
    assert catalog.plan("2.2", folder=folder).parameters == {}
    assert catalog.plan("2.2", preset_name="paper", folder=folder).parameters == {"n": 5, "lam": 1e-3}
    plan = catalog.plan("2.2", {"lam": 2, "n": 1e4}, preset_name="paper", folder=folder)
    assert plan.parameters == {"n": 10_000, "lam": 2.0}
    assert isinstance(plan.parameters["n"], int)
    assert plan.name == "2.2-tiny__paper__lam=2.0__n=10000"


def test_only_the_committed_parameters_and_presets_are_strict_unless_asked(folder: Path) -> None:
    for parameters, options, strict in (
        ({}, {}, True),
        ({"lam": 0.5}, {}, True),
        ({"lam": 1}, {}, False),
        ({"lam": 1}, {"strict": True}, True),
        ({}, {"preset_name": "paper"}, True),
        ({"n": 5.0}, {"preset_name": "paper"}, True),
        ({"n": 3}, {"preset_name": "paper"}, False),
    ):
        assert catalog.plan("2.2", parameters, folder=folder, **options).strict is strict
    item = catalog.plan("2.2", {"lam": 1}, folder=folder)
    assert execution.key(item) != execution.key(replace(item, strict=True))


@pytest.mark.parametrize(
    ("content", "error", "text"),
    [
        ("'2.2': {m: 5}", InvalidParameter, r"no parameter 'm' \(of the preset 'mine'\)"),
        ("'9.9': {n: 5}", UnknownName, r"the preset 'mine' names the notebook '9\.9'; there are 2\.1, 2\.2"),
        ("- 1", InvalidParameter, "must map notebook ids to parameters"),
        ("'2.2': 3", InvalidParameter, "must map notebook ids to parameters"),
        (
            "2.2: {n: !!binary aGk=}",
            InvalidParameter,
            r"the preset mine\.yaml has the YAML tag "
            r"'tag:yaml\.org,2002:binary'",
        ),
        ("2.2: {lam: .inf}", InvalidParameter, r"the preset mine\.yaml holds inf; give finite numbers"),
        ("a: [", InvalidParameter, r"the preset mine\.yaml .* cannot be read as YAML"),
    ],
)
def test_unsound_presets_are_refused(folder: Path, content: str, error: type[Exception], text: str) -> None:
    (folder / "presets" / "mine.yaml").write_text(content)
    with pytest.raises(error, match=text):
        catalog.plan("2.2", preset_name="mine", folder=folder)


def test_an_unknown_preset_lists_the_presets(folder: Path) -> None:
    with pytest.raises(UnknownName, match="no preset 'big'; there are quick, paper"):
        catalog.plan("2.2", preset_name="big", folder=folder)


def test_the_committed_presets_fit_the_committed_notebooks() -> None:
    for path in (REPOSITORY / "notebooks" / "presets").glob("*.yaml"):
        for id in yaml.safe_load(path.read_text()) or {}:
            catalog.plan(str(id), preset_name=path.stem, folder=REPOSITORY / "notebooks")


def test_names_of_runs_are_safe_file_names_and_differ(folder: Path) -> None:
    names = {
        catalog.plan("2.2", {"name": text}, folder=folder).name
        for text in ("a", "a/b", "a_b", "../a", "x" * 300, "x" * 301, "a b")
    }
    assert len(names) == 7
    assert all("/" not in name and len(name) <= 120 for name in names)


def test_a_grid_holds_every_combination_with_the_last_axis_fastest() -> None:
    assert catalog.grid({"a": [1, 2], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    with pytest.raises(InvalidParameter, match=r"no value for b; give a comma list"):
        catalog.grid({"a": [1], "b": []})


@pytest.mark.parametrize(
    "axes",
    [{"b": "xy"}, {"b": b"xy"}, {"b": bytearray(b"xy")}, {"b": 1}, {1: [2]}, {10**5000: []}, [1], [10**5000]],
)
def test_axes_that_are_no_lists_by_name_are_refused(axes: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^axes=.*: give a dict of lists by name"):
        catalog.grid(axes)


def test_what_is_no_name_is_refused_in_one_short_line(folder: Path) -> None:
    huge: Any = 10**5000
    for door in (
        lambda: catalog.plan(huge, folder=folder),
        lambda: catalog.plan("x" * 5000, folder=folder),
        lambda: catalog.plan("2.2", preset_name=huge, folder=folder),
        lambda: catalog.plan("2.2", huge, folder=folder),
        lambda: catalog.plan("2.2", {huge: 1}, folder=folder),
        lambda: catalog.plan("2.2", {1: 1}, folder=folder),
        lambda: catalog.plan("2.2", {"x" * 5000: 1}, folder=folder),
    ):
        with pytest.raises((UnknownName, InvalidParameter)) as caught:
            door()
        assert len(str(caught.value)) < 300


def test_the_second_seed_comes_to_every_notebook_as_commits_go_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["1.1", "2.1", "2.2"]
    turns = []
    for commit in ("00000000aa", "00000001aa", "00000002aa"):
        done = subprocess.CompletedProcess([], 0, stdout=commit)
        monkeypatch.setattr(subprocess, "run", lambda *args, done=done, **kwargs: done)
        turns += catalog.of_this_commit(ids, 1, tmp_path)
    assert turns == ids
    assert catalog.of_this_commit(ids, 5, tmp_path) == ["2.2", "1.1", "2.1"]
    assert catalog.of_this_commit([], 1, tmp_path) == []


def test_the_second_seed_comes_only_to_notebooks_with_claims(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[catalog.Plan] = []
    monkeypatch.setattr(runs, "work", lambda chosen, *args, **options: plans.extend(chosen))
    claim = Claim(id="C2.5", part="", source="s", statement="t", measured=0.0, low=0.0, high=1.0)
    output = {"output_type": "display_data", "metadata": {}, "data": {MIME: claim.as_json()}}
    notebook = json.loads((folder / "2.2-tiny.ipynb").read_text())
    notebook["cells"][2]["outputs"] = [output]
    (folder / "2.2-tiny.ipynb").write_text(json.dumps(notebook))
    runs.second_seed(seed=7, count=3, folder=folder)
    assert [(plan.id, plan.parameters, plan.strict) for plan in plans] == [("2.2", {"seed": 7}, True)]


@pytest.mark.parametrize(("option", "text"), [({"jobs": 0}, "jobs=0"), ({"timeout": 0}, "timeout=0")])
def test_unsound_jobs_and_timeouts_are_refused(folder: Path, option: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        runs.work([catalog.plan("2.2", folder=folder)], folder / "results", **option)


@pytest.mark.notebook
def test_reproduce_goes_on_after_a_failure_reports_all_and_keeps_what_is_finished(folder: Path) -> None:
    results = folder.parent / "results"
    broken, tiny = runs.reproduce(folder=folder, results=results)
    assert (broken.status, tiny.status) == ("failed", "finished")
    assert broken.error == "ZeroDivisionError: division by zero"
    assert len(claims_of(broken.path)) == 1  # the rows before the failure count

    record = runs.record_of(tiny.path)
    assert record["seed"] == 0
    assert {"numpy", "python"} <= set(record["versions"])
    assert record["hardware"]["cores"] >= 1

    ledger = json.loads((results / "claims.json").read_text())
    assert [(row["notebook"], row["id"], row["measured"], row["status"]) for row in ledger["claims"]] == [
        ("2.1-broken", "C2.5", 0.5, "holds"),
        ("2.2-tiny", "C2.5", 0.5, "holds"),
    ]
    assert [run["status"] for run in ledger["runs"]] == ["failed", "finished"]
    assert "| 2.2-tiny | C2.5 |" in (results / "claims.md").read_text()
    assert (results / "figures" / "2.2-tiny-1.png").read_bytes().startswith(b"\x89PNG")
    index = (results / "index.html").read_text()
    for part in (
        "figures/2.2-tiny-1.png",
        "pages/2.2-tiny.html",
        "Title of 2.1-broken",
        "ZeroDivisionError",
        "2 of 2 claims hold",
        "numpy",
    ):
        assert part in index
    assert "<html" in (results / "pages" / "2.2-tiny.html").read_text()
    assert not list(results.rglob("*partial*"))

    # Outputs of the source do not matter for resuming, its code does.
    source = nbformat.read(folder / "2.2-tiny.ipynb", as_version=4)
    source.cells[-1].execution_count = 7
    nbformat.write(source, folder / "2.2-tiny.ipynb")
    before = tiny.path.read_bytes()
    assert runs.run("2.2", folder=folder, results=results).status == "kept"
    assert tiny.path.read_bytes() == before
    source.cells[-1].source += "  # changed"
    nbformat.write(source, folder / "2.2-tiny.ipynb")
    item = catalog.plan("2.2", folder=folder)
    assert execution.key(item) != record["key"]
    assert execution.key(catalog.plan("2.2", {"n": 4}, folder=folder)) != execution.key(item)


@pytest.mark.notebook
def test_a_strict_sweep_runs_each_combination_in_processes_and_a_claim_that_fails_is_a_failure(
    folder: Path,
) -> None:
    results = folder.parent / "results"
    outcomes = runs.sweep("2.2", {"lam": [0.25, 2.0, 2]}, folder=folder, results=results, jobs=2, strict=True)
    assert {outcome.plan.name: outcome.status for outcome in outcomes} == {
        "2.2-tiny__lam=0.25": "finished",
        "2.2-tiny__lam=2.0": "failed",
    }
    assert "ClaimFailed" in outcomes[1].error
    assert [claim.holds for outcome in outcomes for claim in claims_of(outcome.path)] == [True, False]
    assert str(outcomes[1]).startswith("2.2-tiny__lam=2.0: failed, ")


@pytest.mark.notebook
def test_a_cell_that_takes_too_long_fails_and_kernels_are_of_this_interpreter_and_read_no_code_in_texts(
    folder: Path, write_notebook: Callable[..., None]
) -> None:
    environment = dict(os.environ)
    write_notebook(
        folder / "2.3-slow.ipynb",
        "import sys\nprint(sys.executable)",
        "print(name)",
        "import time\ntime.sleep(600)",
    )
    text = '"); 1 / 0; ("{n}'
    outcome = runs.run("2.3", {"name": text}, folder=folder, results=folder.parent / "results", timeout=4)
    assert outcome.status == "failed"
    assert outcome.error.startswith("CellTimeoutError")
    printed = "".join(
        output.get("text", "")
        for cell in nbformat.read(outcome.path, 4).cells
        for output in cell.get("outputs", ())
    )
    interpreter, told = printed.splitlines()
    assert os.path.realpath(interpreter) == os.path.realpath(sys.executable)
    assert told == text
    assert dict(os.environ) == environment


def test_an_interrupt_leaves_no_half_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(source: str, target: str, **options: Any) -> None:
        Path(target).write_text("{}")
        raise KeyboardInterrupt

    monkeypatch.setattr("papermill.execute_notebook", stop)
    with pytest.raises(KeyboardInterrupt):
        runs.execute(catalog.plan("2.2", folder=folder), folder / "results")
    assert list((folder / "results" / "executed").iterdir()) == []


def test_committed_claims_are_written_and_a_broken_notebook_is_named(folder: Path) -> None:
    readme = folder.parent / "README.md"
    readme.write_text((REPOSITORY / "README.md").read_text())
    written = write_committed(folder)
    assert [path.name for path in written] == ["claims.json", "claims.md", "README.md"]
    assert json.loads((folder / "claims.json").read_text()) == {"claims": []}
    first = readme.read_text()
    write_committed(folder)
    assert readme.read_text() == first
    (folder / "2.2-tiny.ipynb").write_text("[")
    with pytest.raises(TruncatedFileError, match=r"2\.2-tiny\.ipynb is not a notebook"):
        write_committed(folder)
