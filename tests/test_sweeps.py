"""Sweeps: axes, the table and the figure that they end with, resuming, and folders of results compared."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import psutil
import pytest
from commands import HEARING, KIT
from PIL import Image

from geodesic_kit import runs
from geodesic_kit.errors import InvalidParameter, UnknownName
from geodesic_kit.paper.claims import Claim
from geodesic_kit.paper.runs import catalog, execution
from geodesic_kit.paper.runs.axes import axes_of
from geodesic_kit.paper.runs.collect import Run
from geodesic_kit.paper.runs.differences import differences
from geodesic_kit.paper.runs.figures import stamped
from geodesic_kit.paper.runs.report import Report
from geodesic_kit.paper.runs.sweep_figure import draw
from geodesic_kit.paper.runs.sweeps import keep_record

CLAIM = "from geodesic_kit import claims\nclaims.check('C2.5', here=lam * (1 + seed / 10), below=1)"


@pytest.fixture
def notebooks(tmp_path: Path, write_notebook: Callable[..., None]) -> Path:
    """A folder with one notebook, which notes each run that it has ended."""
    (tmp_path / "notebooks").mkdir()
    note = f"open({str(tmp_path / 'ended')!r}, 'a').write(f'{{lam}} {{seed}}\\n')"
    write_notebook(tmp_path / "notebooks" / "2.2-tiny.ipynb", CLAIM, "claims.verify()", note)
    return tmp_path / "notebooks"


def run(lam: Any = 0.5, seed: int = 0, **record: Any) -> Run:
    """What is read of a run, with two claims, one of which holds where lam is at most 1."""
    known = {
        "name": f"2.2-tiny__lam={lam}__seed={seed}",
        "id": "2.2",
        "preset": "quick",
        "status": "finished",
        "seconds": 1.5,
        "code": "c",
        "versions": {},
        "parameters": {"lam": lam, "seed": seed},
        "defaults": {"lam": 0.5, "seed": 0, "n": 3},
    }
    value = float(lam) * (1 + seed / 10) if isinstance(lam, (int, float)) else float(len(lam))
    common: dict[str, Any] = {"source": "s", "statement": "t"}
    first = Claim(id="C2.5", part="", measured=value, low=-np.inf, high=1.0, **common)
    second = Claim(id="C2.6", part="kappa=2", measured=-value, low=-10.0, high=0.0, **common)
    return known | record, [first, second]


def test_ranges_end_before_their_end_as_pythons_do_and_texts_have_none(notebooks: Path) -> None:
    texts = {"seed": "0:3,7,10:4:-3", "lam": "1e-3,0.1", "name": "0:3,'a,b',None", "xs": "[1, 2],[3]"}
    assert axes_of("2.2", texts, notebooks) == {
        "seed": [0, 1, 2, 7, 10, 7],
        "lam": [1e-3, 0.1],
        "name": ["0:3", "a,b", None],
        "xs": [[1, 2], [3]],
    }


def test_nothing_begins_where_one_of_the_values_is_out_of_range(
    tmp_path: Path, notebooks: Path, write_notebook: Callable[..., None]
) -> None:
    path = notebooks / "2.2-tiny.ipynb"
    path.write_text(path.read_text().replace("# points", "# points; allowed: from 1 to 4"))
    with pytest.raises(InvalidParameter, match=r"notebook 2\.2: n=5: give from 1 to 4"):
        runs.sweep("2.2", {"n": range(2, 6)}, folder=notebooks, results=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_a_file_of_ones_own_is_found_read_and_told_apart_by_content(
    tmp_path: Path, notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notebooks / "2.2-tiny.ipynb"
    path.write_text(
        path.read_text().replace('name: str = \\"a\\"', 'name: str = \\"mnist\\"  # allowed: of gk.datasets')
    )
    monkeypatch.chdir(tmp_path)
    for folder in (".", "other"):
        Path(folder).mkdir(exist_ok=True)
        np.savetxt(f"{folder}/mine.csv", np.random.default_rng(len(folder)).random((5, 2)), delimiter=",")
    plans = [catalog.plan("2.2", {"name": name}, folder=notebooks) for name in ("mine.csv", "other/mine.csv")]
    assert [plan.parameters["name"] for plan in plans] == [
        str(tmp_path / "mine.csv"),
        str(tmp_path / "other/mine.csv"),
    ]
    assert all(plan.name.startswith("2.2-tiny__name=mine.csv-") for plan in plans)
    assert plans[0].name != plans[1].name
    before = execution.key(plans[0])
    np.savetxt("mine.csv", np.zeros((5, 2)), delimiter=",")
    assert execution.key(plans[0]) != before
    Path("texts.csv").write_text("a,b\nx,y\n")
    for name, text in (
        ("absent.npy", r"name='absent\.npy': there is no file .*absent\.npy"),
        ("texts.csv", r"name='texts\.csv': .*2 columns that hold no numbers"),
        ("mine.txt", r"name='mine\.txt': give one of .*, or a file of yours: \.npy, \.npz, \.csv, \.parquet"),
    ):
        with pytest.raises(InvalidParameter, match=rf"^notebook 2\.2: {text}"):
            catalog.plan("2.2", {"name": name}, folder=notebooks)


def test_an_optional_parameter_takes_none_and_its_type(notebooks: Path) -> None:
    path = notebooks / "2.2-tiny.ipynb"
    path.write_text(path.read_text().replace("n: int = 3", "n: Optional[int] = None"))
    for value in (None, 4):
        assert catalog.plan("2.2", {"n": value}, folder=notebooks).parameters == {"n": value}
    with pytest.raises(InvalidParameter, match="n='a' is of type str; int or None is declared"):
        catalog.plan("2.2", {"n": "a"}, folder=notebooks)


@pytest.mark.parametrize(
    "axes",
    [
        {"lam": [0.01, 0.1, 2.0], "seed": [0, 1]},
        {"lam": [0.1, 0.2, 2.0], "n": [3, 5], "seed": [0, 1]},
        {"seed": [0, 1, 2]},
        {"lam": ["a", "bb"]},
        {"lam": [[1, 2], [3]]},
        {"lam": [0.5]},
    ],
)
def test_the_figure_has_a_panel_a_claim_and_says_what_it_shows(axes: dict[str, list[Any]]) -> None:
    found = []
    for point in catalog.grid(axes):
        record, claims = run(point.get("lam", 0.5), point.get("seed", 0))
        found.append((record | {"parameters": point, "name": str(point)}, claims))
    image = Image.open(io.BytesIO(draw(axes, found, "title")))
    assert image.width > 600
    assert image.text["cell"] == "sweep"  # type: ignore[attr-defined]  # of a PNG
    assert json.loads(image.text["parameters"]) == axes  # type: ignore[attr-defined]


def test_a_figure_tells_its_origin_and_keeps_its_pixels() -> None:
    file = io.BytesIO()
    Image.new("RGB", (3, 2), (1, 2, 3)).save(file, "png")
    record, _ = run(
        name="2.2-tiny__lam=0.5", parameters={"lam": 0.25, "name": "λ"}, versions={"geodesic-kit": "9"}
    )
    marked = Image.open(io.BytesIO(stamped(file.getvalue(), record | {"cell": 4})))
    marked.load()
    assert marked.getpixel((2, 1)) == (1, 2, 3)
    texts = marked.text  # type: ignore[attr-defined]  # of a PNG
    assert json.loads(texts.pop("parameters")) == {"lam": 0.25, "seed": 0, "n": 3, "name": "λ"}
    assert texts == {"geodesic-kit": "9", "notebook": "2.2-tiny", "cell": "4", "code": "c"}
    assert stamped(b"GIF89a", record | {"cell": 4}) == b"GIF89a"


def put(results: Path, *found: Run) -> Path:
    """A folder of results with these runs."""
    (results / "executed").mkdir(parents=True)
    for record, claims in found:
        full = {"key": "k", "error": "", "seed": 0, "ended": "now", "hardware": {}} | record
        outputs = [
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"application/vnd.geodesic-kit.claim+json": c.as_json()},
            }
            for c in claims
        ]
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": "# Title"},
            {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "1", "outputs": outputs},
        ]
        notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"geodesic_kit": full}, "cells": cells}
        (results / "executed" / f"{record['name']}.ipynb").write_text(json.dumps(notebook))
    return results


def test_runs_are_collected_one_row_each_with_parameters_and_claims(tmp_path: Path) -> None:
    results = put(tmp_path, run(2.0, 1), run(0.5, 0, parameters={"lam": 0.5}))
    table = runs.collect(results)
    assert list(table.columns) == [
        "run",
        "notebook",
        "preset",
        "status",
        "seconds",
        "lam",
        "seed",
        "C2.5",
        "C2.6 (kappa=2)",
    ]
    assert table["seed"].tolist() == [0, 1]  # where it was not given, the notebook's own
    assert table["C2.5"].tolist() == [0.5, 2.2]
    assert runs.collect(results, names=["2.2-tiny__lam=2.0__seed=1"])["lam"].tolist() == [2.0]
    with pytest.raises(UnknownName, match=r"no run 'a' in .*executed; there are 2\.2-tiny"):
        runs.collect(results, names=["a"])
    with pytest.raises(UnknownName, match="name a folder that `geodesic-kit run` wrote"):
        runs.collect(tmp_path / "nowhere")


def test_the_page_shows_what_is_there_of_a_sweep_and_titles_runs_by_their_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodesic_kit.paper.runs.report._write_page", lambda run, page: None)
    plans = [
        catalog.Plan("2.2", Path("2.2-tiny.ipynb"), "quick", {"lam": lam, "seed": 1}, ("lam", "seed"))
        for lam in (0.5, 2.0)
    ]
    results = put(tmp_path, run(2.0, 1))
    sweep = keep_record(results, plans, {"lam": [0.5, 2.0], "seed": [1]})
    assert sweep.name == "2.2-tiny__lam__seed=1"
    (results / "sweeps" / "odd.json").write_text('{"runs": 5}')
    report = Report(results)
    assert len(told := report.write(sweeps=False)) == 1
    assert "odd.json is no note of a sweep" in told[0]
    assert not sweep.figure.exists()
    report.write()
    index = (results / "index.html").read_text()
    assert "2.2 Approximation and convergence: lam = 2.0, seed = 1" in index
    assert "1 of 2 runs" in index
    assert "<td>2.20*</td>" in index
    assert f'src="sweeps/{quote(sweep.name)}.png"' in index
    assert pd.read_csv(sweep.table)["C2.5"].tolist() == [2.2]
    drawn = sweep.figure.stat().st_mtime_ns
    report.write()
    assert sweep.figure.stat().st_mtime_ns == drawn  # of the same numbers
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert any("pip install 'geodesic-kit[tables]'" in line for line in report.write())


def test_two_folders_are_compared_row_by_row(tmp_path: Path) -> None:
    same = put(tmp_path / "a", run(0.5), run(2.0, 1))
    assert differences(same, same).same
    assert str(differences(same, same)).endswith("share 4 rows; none differs")
    other = put(
        tmp_path / "b", run(0.5, code="d", status="failed"), run(3.0, 1), run(4.0, 1, id="2.1", name="2.1-x")
    )
    found = differences(same, other)
    assert found.notes == ("made with code c and d", "2.2: lam = 2.0 and 3.0")
    assert found.lines == (
        "2.2-tiny__lam=0.5__seed=0: finished and failed",
        "2.2-tiny__lam=2.0__seed=1: C2.5 2.20 does not hold here, and 3.30 does not hold here; "
        "bound at most 1",
        "2.2-tiny__lam=2.0__seed=1: C2.6 (kappa=2) -2.2 holds, and -3.3 holds; bound -10 to 0",
        f"only in {other}: 2.1-x",
    )


def test_a_parameter_that_was_given_its_default_is_the_same_run(tmp_path: Path) -> None:
    a = put(tmp_path / "a", run(0.5, 0))
    b = put(tmp_path / "b", run(0.5, 0, name="2.2-tiny", parameters={}), run(2.0, 1))
    found = differences(a, b)
    assert found.lines == (f"only in {b}: 2.2-tiny__lam=2.0__seed=1",)
    assert found.rows == 2


def test_a_row_that_only_one_has_is_named(tmp_path: Path) -> None:
    record, (first, second) = run()
    a, b = put(tmp_path / "a", (record, [first])), put(tmp_path / "b", (record, [second]))
    assert differences(a, b).lines == (
        "2.2-tiny__lam=0.5__seed=0: C2.5 is only in the first",
        "2.2-tiny__lam=0.5__seed=0: C2.6 (kappa=2) is only in the second",
    )


@pytest.mark.notebook
def test_a_sweep_that_is_killed_goes_on_runs_none_twice_and_ends_with_its_table_and_figure(
    tmp_path: Path, notebooks: Path, request: pytest.FixtureRequest
) -> None:
    command = [*KIT, "sweep", "2.2"]
    command += ["-p", "lam=0.1,0.3,0.9,2", "-p", "seed=0:3", "--jobs", "2"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    request.addfinalizer(process.kill)
    assert process.stdout is not None
    for _ in range(4):
        assert "finished" in process.stdout.readline()
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=120)
    assert psutil.wait_procs(started, timeout=120)[1] == []
    executed = tmp_path / "results" / "executed"
    kept = {path.name: path.stat().st_mtime_ns for path in executed.glob("[!.]*")}
    assert 4 <= len(kept) < 12
    assert (tmp_path / "results" / "index.html").exists()  # rewritten after every run

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(": kept, " in line for line in lines) == len(kept)
    assert sum(": finished, " in line for line in lines) == 12 - len(kept)
    assert len(list(executed.glob("[!.]*"))) == 12
    assert {name: (executed / name).stat().st_mtime_ns for name in kept} == kept
    ended = Counter((tmp_path / "ended").read_text().splitlines())
    assert len(ended) == 12
    for name in kept:
        lam, seed = (part.partition("=")[2] for part in name.removesuffix(".ipynb").split("__")[1:])
        assert ended[f"{lam} {seed}"] == 1
    assert "2.00*" in done.stdout  # does not hold here
    table = pd.read_csv(tmp_path / "results" / "sweeps" / "2.2-tiny__lam-seed.csv")
    np.testing.assert_allclose(table["C2.5"], table["lam"] * (1 + table["seed"] / 10))
    assert len(table) == 12
    assert runs.collect(tmp_path / "results").shape == table.shape
    with Image.open(tmp_path / "results" / "sweeps" / "2.2-tiny__lam-seed.png") as image:
        assert image.width > 600
    assert "table: results/sweeps/2.2-tiny__lam-seed.csv" in lines


@pytest.mark.notebook
def test_ctrl_c_is_one_line_and_leaves_no_process(
    tmp_path: Path, notebooks: Path, write_notebook: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    stand = f"open({str(tmp_path / 'at work')!r}, 'w').close()\nimport time\ntime.sleep(600)"
    write_notebook(notebooks / "2.2-tiny.ipynb", stand)
    command = [*HEARING, "run", "2.2"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    request.addfinalizer(process.communicate)
    request.addfinalizer(process.kill)
    while not (tmp_path / "at work").exists():
        assert process.poll() is None
    started = psutil.Process(process.pid).children(recursive=True)
    for _ in range(2):  # who asks twice is not heard twice
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert (
        err.splitlines()[-1]
        == "stopped; finished runs are kept in results, the same command goes on from there"
    )
    assert "Traceback" not in out + err
    assert psutil.wait_procs(started, timeout=120)[1] == []
