"""The bar: shown for many points to someone who is looking, and nowhere else."""

from __future__ import annotations

import logging
import sys
from functools import partial

import pytest

from geodesic_kit.base.progress import Stages, TrainingBar, progress


class Terminal:
    def __init__(self) -> None:
        self.written = ""

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("n", "shown"), [(99_999, False), (100_000, True)])
def test_a_bar_from_100_000_points_on(monkeypatch: pytest.MonkeyPatch, n: int, shown: bool) -> None:
    pytest.importorskip("tqdm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("geodesic_kit.base.progress._PATIENCE", 0)
    assert list(progress(iter("abc"), 3, n, "edge lengths")) == list("abc")
    assert ("edge lengths" in terminal.written) == shown


def test_no_bar_in_a_file_and_without_tqdm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    parts = [1, 2]
    assert progress(parts, 2, 10**6, "edges") is parts  # captured standard error is no terminal
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert progress(parts, 2, 10**6, "edges") is parts


def test_a_training_shows_its_numbers_to_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    auto = pytest.importorskip("tqdm.auto")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(auto, "tqdm", partial(auto.tqdm, mininterval=0, file=terminal))  # draws every step
    monkeypatch.setattr("geodesic_kit.base.progress._PATIENCE", 0)
    with TrainingBar(10, 2, "realnvp") as bar:
        bar(5, loss=0.25)
        bar(10, loss=0.125, held_out=-1.0)
    for text in ("realnvp", "10/10", "held_out=-1"):
        assert text in terminal.written


def test_a_training_that_nobody_watches_writes_to_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    caplog.set_level(logging.INFO)
    with TrainingBar(10, 0, "realnvp") as bar:
        bar(1, loss=1.0)
        assert not caplog.messages, "not every step: once a minute"
        monkeypatch.setattr("geodesic_kit.base.progress.time.monotonic", lambda: 1e12)
        bar(2, loss=0.5)
    assert caplog.messages == ["realnvp: step 2 of 10, loss 0.5"]


@pytest.mark.parametrize(("n", "shown"), [(1999, False), (2000, True)])
def test_stages_of_many_points_are_told_as_they_begin(
    monkeypatch: pytest.MonkeyPatch, n: int, shown: bool
) -> None:
    pytest.importorskip("tqdm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Stages(2, n) as begins:
        for done, stage in enumerate(("fitting a density", "joining the points")):
            begins(stage)
            assert (stage in terminal.written.rpartition("\r")[2]) == shown
            assert (f"{done}/2" in terminal.written.rpartition("\r")[2]) == shown
    assert begins._bar is None or begins._bar.n == 2
    assert bool(terminal.written) == shown
