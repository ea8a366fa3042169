"""Runs under bad luck: files that are no results, runs that are interrupted or killed, and clocks that
differ.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from commands import KIT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from geodesic_kit import runs
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.claims import MIME, Claim
from geodesic_kit.paper.runs import catalog, clock, workers
from geodesic_kit.paper.runs.execution import execute, kept, prepare, record_of
from geodesic_kit.paper.runs.report import Report

RECORD = {
    **{
        "key": "k",
        "id": "2.2",
        "name": "2.2-tiny",
        "status": "finished",
        "error": "",
        "preset": "quick",
        "parameters": {},
        "seed": 0,
    },
    **{"seconds": 1.5, "ended": "2026-01-01T00:00:00+00:00", "code": "c", "versions": {}, "hardware": {}},
}


def executed(title: str = "Title", why: str = "", **record: Any) -> str:
    """The text of a notebook as a run leaves it, with one claim."""
    claim = Claim(id="C2.5", part="", source="s", statement="t", measured=0.0, low=0.0, high=1.0, why=why)
    notebook = new_notebook(
        cells=[new_markdown_cell(f"# {title}"), new_code_cell("1")],
        metadata={"geodesic_kit": RECORD | record},
    )
    notebook.cells[1].outputs = [new_output("display_data", {MIME: claim.as_json(), "text/plain": "row"})]
    return json.dumps(notebook)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results with one finished run."""
    (tmp_path / "executed").mkdir()
    (tmp_path / "executed" / "2.2-tiny.ipynb").write_text(executed())
    return tmp_path


def put(path: Path, content: str | bytes | None) -> None:
    if content is None:
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content)


BAD = {
    "empty": "",
    "truncated": executed()[:200],
    "not UTF-8": b"\xff\xfe\x00{",
    "a folder": None,
    "a list": "[]",
    "null": "null",
    "deep": "[" * 200_000,
    "no cells": json.dumps({"metadata": {"geodesic_kit": RECORD}}),
    "cells of texts": json.dumps({"metadata": {}, "cells": ["a"]}),
    "outputs of numbers": json.dumps(
        {"metadata": {}, "cells": [{"cell_type": "code", "source": "", "metadata": {}, "outputs": [1]}]}
    ),
    "no record": json.dumps({"metadata": {}, "cells": []}),
    "another's name": executed(name="../../other"),
    "a record that lacks a part": json.dumps(
        {"metadata": {"geodesic_kit": {"id": "2.1", "name": "2.1-bad"}}, "cells": []}
    ),
    "seconds as text": executed(name="2.1-bad", seconds="long"),
    "an empty id": executed(name="2.1-bad", id=None),
    "a claim that lacks a part": executed(name="2.1-bad").replace('"measured"', '"mesured"'),
    "a claim whose text is a number": executed(name="2.1-bad").replace('"statement": "t"', '"statement": 5'),
    "a claim whose id is a list": executed(name="2.1-bad").replace('"id": "C2.5"', '"id": [1]'),
    "a claim of half a surrogate pair": executed(name="2.1-bad").replace(
        '"statement": "t"', r'"statement": "\ud800"'
    ),
    "a claim expected to be 5": executed(name="2.1-bad").replace('"expected": true', '"expected": 5'),
    "a claim without a bound": executed(name="2.1-bad")
    .replace('"low": 0.0', '"low": null')
    .replace('"high": 1.0', '"high": null'),
    "a claim beyond float64": executed(name="2.1-bad").replace(
        '"measured": 0.0', f'"measured": 1{"0" * 400}'
    ),
    **{
        f"a picture that is {value}": executed(name="2.1-bad").replace(
            '"text/plain": "row"', f'"image/png": {value}'
        )
        for value in ('"a"', "5", "null", "[1]")
    },
    "seconds without end": executed(name="2.1-bad", seconds=float("inf")),
    "a parameter that is no number": executed(name="2.1-bad", parameters={"lam": [float("nan")]}),
    "a seed that is no number": executed(name="2.1-bad", seed=float("nan")),
    "a version without end": executed(name="2.1-bad", versions={"numpy": -float("inf")}),
    "an error of half a surrogate pair": executed(name="2.1-bad", error="\ud800"),
    "a record without a seed": executed(name="2.1-bad").replace('"seed"', '"sead"'),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_file_that_is_no_result_is_named_and_the_report_is_made(
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | bytes | None,
) -> None:
    # seconds each
    monkeypatch.setattr("geodesic_kit.paper.runs.report._write_page", lambda run, page: page.write_text(""))
    put(results / "executed" / "2.1-bad.ipynb", content)
    assert runs.work([], results) == []
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("left out of the report: ")
    assert "2.1-bad.ipynb" in told[0]
    assert "2.1-bad.ipynb" in (results / "index.html").read_text()
    assert [run["name"] for run in json.loads((results / "claims.json").read_text())["runs"]] == ["2.2-tiny"]
    assert (results / "pages" / "2.2-tiny.html").exists()


def test_titles_without_text_or_of_half_a_surrogate_pair_are_shown(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodesic_kit.paper.runs.report._write_page", lambda run, page: None)
    bare = json.loads(executed(name="2.1-bare"))
    del bare["cells"][0]["source"]
    (results / "executed" / "2.1-bare.ipynb").write_text(json.dumps(bare))
    (results / "executed" / "2.1-half.ipynb").write_text(executed(title="Half \ud800", name="2.1-half"))
    (results / "executed" / os.fsdecode(b"odd-\xff.ipynb")).write_text("")
    assert len(Report(results).write()) == 1
    index = (results / "index.html").read_text()
    assert "2.1-bare" in index
    assert "Half ?" in index
    assert "odd-?" in index


@pytest.mark.parametrize("full", ["papermill", "execution"])
def test_on_a_full_disk_a_run_has_failed_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_notebook: Callable[..., None], full: str
) -> None:
    write_notebook(tmp_path / "2.2-tiny.ipynb")

    def cut(given: str, partial: str, **_: Any) -> None:
        content = Path(given).read_bytes()
        Path(partial).write_bytes(content[:100] if full == "papermill" else content)

    def no_room(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("papermill.execute_notebook", cut)
    monkeypatch.setattr("os.fsync", no_room)
    outcome = execute(catalog.Plan("2.2", tmp_path / "2.2-tiny.ipynb"), tmp_path / "results")
    assert outcome.status == "failed"
    assert ("the disk is full" if full == "execution" else "NotJSONError") in outcome.error
    assert "\n" not in outcome.error
    assert list((tmp_path / "results" / "executed").iterdir()) == []


def test_a_worker_without_a_folder_to_write_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    item = catalog.Plan("2.2", tmp_path / "2.2-tiny.ipynb")
    outcome = workers._Crew(dict(os.environ)).run(
        item, {"results": str(tmp_path / "file"), "timeout": None, "bar": False}
    )
    assert outcome.status == "failed"
    assert "a file stands in its place" in outcome.error


def test_a_worker_that_ends_before_it_is_told_its_task_is_a_failed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    # more than a pipe holds
    item = catalog.Plan("2.2", tmp_path / "2.2-tiny.ipynb", parameters={"name": "x" * 10_000_000})
    outcome = workers._Crew(dict(os.environ)).run(item, {"results": str(tmp_path)})
    assert outcome.error == "the process that ran it ended with code 1"


def test_a_link_to_nowhere_is_named_too(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodesic_kit.paper.runs.report._write_page", lambda run, page: None)
    (results / "executed" / "2.1-bad.ipynb").symlink_to(results / "nowhere.ipynb")
    assert len(Report(results).write()) == 1


def test_html_in_titles_and_whys_is_text(results: Path) -> None:
    why = "<script>alert(1)</script> | `b` [a](javascript:x) &lt; *c*"
    (results / "executed" / "2.2-tiny.ipynb").write_text(
        executed(title="<script>alert(2)</script>", why=why, error="<b>bad</b>")
    )
    assert Report(results).write() == []
    index = (results / "index.html").read_text()
    assert "<script>" not in index
    assert "<b>" not in index
    assert "&lt;script&gt;alert(1)" in index
    assert "&lt;script&gt;alert(2)" in index
    row = (results / "claims.md").read_text().splitlines()[-1]
    assert r"holds: \<script>alert(1)\</script> \| \`b\` [a]\(javascript:x) \&lt; *c* |" in row


def test_a_page_is_made_anew_where_the_run_is_another_whatever_the_clocks_say(results: Path) -> None:
    Report(results).write()
    page = results / "pages" / "2.2-tiny.html"
    first = page.read_text()
    os.utime(page, (2**32, 2**32))
    (results / "executed" / "2.2-tiny.ipynb").write_text(executed(title="Another"))
    Report(results).write()
    assert page.read_text() != first
    assert page.stat().st_mtime < 2**32
    os.utime(page, (0, 0))
    Report(results).write()
    assert page.stat().st_mtime == 0  # of this very run, so it stays


def test_what_killed_runs_have_left_is_removed_and_what_is_at_work_stays(results: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = {f".run-{dead.pid}-a.ipynb": False, ".run-b.ipynb": False, f".run-{os.getpid()}-c.ipynb": True}
    for name in names:
        (results / "executed" / name).write_text("{")
    prepare(results)
    assert {name: (results / "executed" / name).exists() for name in names} == names


@pytest.mark.parametrize("below", ["file", "file/below"])
def test_results_that_cannot_be_written_are_told_before_work(results: Path, below: str) -> None:
    (results / "file").write_text("")
    with pytest.raises(
        InvalidParameter, match=r"executed cannot be made: a file stands in its place or above it"
    ):
        runs.work([], results / below)


def test_a_report_that_cannot_be_written_is_one_line(results: Path) -> None:
    (results / "index.html").mkdir()
    with pytest.raises(InvalidParameter, match=r"index\.html is a folder"):
        runs.work([], results)


class _Waits:
    """Stands for a clock of a second a look, and for what the system tells of waits: all that time, or
    none.
    """

    def __init__(self, share: float) -> None:
        self.share, self.calls, self.often = share, 0, threading.Event()

    def monotonic(self) -> float:
        return float(self.calls)

    def __call__(self, others: object) -> dict[str, float]:
        self.calls += 1
        if self.calls > 20:
            self.often.set()
        return {"thread": self.share * self.calls}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_only_a_cell_that_had_its_cores_meets_its_limit(
    monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    waits = _Waits(share)
    monkeypatch.setattr(clock, "_waited", waits)
    monkeypatch.setattr(clock, "monotonic", waits.monotonic)
    monkeypatch.setattr(clock, "_TICK", 0.01)
    before = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    limit = clock.CellClock(5.5)
    kernel = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    limit.begin(cell_index=3, cell=None)
    if share:
        assert waits.often.wait(60)
        limit.end()
        assert limit.reached == ""
        kernel.kill()
    assert kernel.wait(60) != 0
    limit.end()
    assert bool(limit.reached) is not bool(share)
    assert before.poll() is None  # what the caller had started before is left alone
    before.kill()
    before.wait()
    for process in (before, kernel):
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("content", ["{", None])
def test_what_is_in_a_results_place_is_replaced_or_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_notebook: Callable[..., None], content: str | None
) -> None:
    def copied(given: str, partial: str, **_: Any) -> None:
        shutil.copyfile(given, partial)

    monkeypatch.setattr("papermill.execute_notebook", copied)  # no kernel: what is tried is what comes after
    write_notebook(tmp_path / "2.2-tiny.ipynb")
    place = tmp_path / "results" / "executed"
    place.mkdir(parents=True)
    put(place / "2.2-tiny.ipynb", content)
    item = catalog.plan("2.2", folder=tmp_path)
    prepare(tmp_path / "results")
    assert kept(item, tmp_path / "results") is None
    outcome = execute(item, tmp_path / "results")
    assert outcome.status == "finished"
    assert outcome.path == place / "2.2-tiny.ipynb"
    assert record_of(outcome.path)["status"] == "finished"
    assert sum(path.is_dir() for path in place.iterdir()) == (content is None)
    again = kept(item, tmp_path / "results")
    assert again is not None
    assert again.status == "kept"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_asks_for_an_end_interrupts(how: signal.Signals) -> None:
    # as a terminal leaves them, whatever the tests' own parent ignores
    usual = signal.default_int_handler if how == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(how, usual)
    try:
        with pytest.raises(KeyboardInterrupt), runs.terminated_as_interrupted():
            signal.raise_signal(how)
        assert signal.getsignal(how) == usual
    finally:
        signal.signal(how, before)


def test_what_is_not_to_be_broken_off_is_ended_first() -> None:
    done = []

    def is_asked_to_end() -> None:
        with runs.terminated_as_interrupted() as unbroken:
            with unbroken():
                signal.raise_signal(signal.SIGTERM)
                done.append("whole")
            done.append("after")

    with pytest.raises(KeyboardInterrupt):
        is_asked_to_end()
    assert done == ["whole"]


@pytest.mark.notebook
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_ends_the_command_ends_workers_and_kernels_and_finished_runs_have_their_page(
    tmp_path: Path, write_notebook: Callable[..., None], request: pytest.FixtureRequest, how: signal.Signals
) -> None:
    write_notebook(tmp_path / "2.1-quick.ipynb", "n")
    # A kernel with a child of its own, in a loop that hands the interpreter to no other thread.
    child = (
        "import subprocess, sys, os\nchild = subprocess.Popen([sys.executable, '-c', 'import time; "
        "time.sleep(600)'])"
    )
    hold = (
        f"open({str(tmp_path / 'ids')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} ')\nimport "
        f"itertools\nsum(itertools.repeat(0))"
    )
    write_notebook(tmp_path / "2.2-long.ipynb", child, hold)
    command = [*KIT, "reproduce", "--notebooks", str(tmp_path), "--results", "out"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    request.addfinalizer(process.kill)  # a test that fails leaves no loop behind
    assert process.stdout is not None
    assert process.stdout.readline().startswith("2.1-quick: finished")
    ids: list[int] = []
    while len(ids) < 2:
        assert process.poll() is None
        time.sleep(0.1)
        ids = (
            [int(number) for number in (tmp_path / "ids").read_text().split()]
            if (tmp_path / "ids").exists()
            else []
        )
    started = [*map(psutil.Process, ids), *psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(how)
    _, err = process.communicate(timeout=120)
    _, alive = psutil.wait_procs(started, timeout=120)
    assert alive == []
    if how == signal.SIGKILL:
        assert runs.work([], tmp_path / "out") == []
    else:
        assert process.returncode == 130
        assert "finished runs are kept in out" in err
    assert "left out" not in err
    assert "2.1-quick" in (tmp_path / "out" / "index.html").read_text()
    assert (tmp_path / "out" / "pages" / "2.1-quick.html").exists()
    assert not list((tmp_path / "out").rglob(".*"))


@pytest.mark.notebook
def test_a_comparison_that_is_ended_prints_what_was_said_and_leaves_no_process(
    tmp_path: Path, write_notebook: Callable[..., None]
) -> None:
    stand = (
        f"import os, time\nopen({str(tmp_path / 'id')!r}, 'w').write(f'{{os.getpid()}} ')\ntime.sleep(600)"
    )
    write_notebook(tmp_path / "2.2-long.ipynb", stand)
    (tmp_path / "nbval.cfg").touch()
    command = [*KIT, "compare", "--notebooks", str(tmp_path)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "id").exists() or not (tmp_path / "id").read_text():
        assert process.poll() is None
        time.sleep(0.1)
    started = psutil.Process(process.pid).children(recursive=True)
    assert int((tmp_path / "id").read_text()) in [one.pid for one in started]
    process.terminate()
    out, _ = process.communicate(timeout=120)
    _, alive = psutil.wait_procs(started, timeout=120)
    assert alive == []
    assert process.returncode != 0
    assert "test session starts" in out


@pytest.mark.notebook
def test_a_worker_that_dies_is_a_failed_run(tmp_path: Path, write_notebook: Callable[..., None]) -> None:
    write_notebook(
        tmp_path / "2.2-tiny.ipynb",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(600)",
    )
    write_notebook(tmp_path / "2.3-tiny.ipynb", "n")
    outcomes = runs.reproduce(folder=tmp_path, results=tmp_path / "results")
    assert [outcome.status for outcome in outcomes] == ["failed", "finished"]
    assert outcomes[0].error == "the process that ran it ended with code -9"


def test_the_longest_run_begins_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_notebook: Callable[..., None]
) -> None:
    order: list[str] = []

    def note(plans: list[catalog.Plan], *args: object, **options: object) -> Iterator[runs.Outcome]:
        order.extend(item.id for item in plans)
        yield from [runs.Outcome(item, tmp_path / "none", "finished", 1.0) for item in plans]

    monkeypatch.setattr("geodesic_kit.paper.runs.workers.carry_out", note)
    for id in ("2.1", "2.2", "2.3", "2.4"):
        write_notebook(tmp_path / f"{id}-tiny.ipynb")
    (tmp_path / "seconds.yaml").write_text("2.1: 5\n2.2: 7\n2.4: 1\n")
    (tmp_path / "executed").mkdir()
    (tmp_path / "executed" / "2.1-tiny.ipynb").write_text(executed(name="2.1-tiny", seconds=9.0))
    outcomes = runs.reproduce(folder=tmp_path, results=tmp_path)
    assert order == ["2.3", "2.1", "2.2", "2.4"]  # a notebook of unknown length first
    assert [outcome.plan.id for outcome in outcomes] == ["2.1", "2.2", "2.3", "2.4"]


def test_a_kernel_that_dies_while_it_begins_is_started_again() -> None:
    from geodesic_kit.paper.runs.kernel_start import with_a_kernel

    said = ["Kernel died before replying to kernel_info", "Kernel died before replying to kernel_info"]

    def run() -> str:
        if said:
            raise RuntimeError(said.pop())
        return "ran"

    assert with_a_kernel(run) == "ran"
    said += ["another error", "Kernel died before replying to kernel_info"]
    with pytest.raises(RuntimeError, match="another error"):
        with_a_kernel(run)
