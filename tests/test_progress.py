"""The bar: shown for many points to someone who is looking, and nowhere else."""

from __future__ import annotations

import sys

import pytest

from geodesic_kit.progress import progress


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
    monkeypatch.setattr("geodesic_kit.progress._PATIENCE", 0)
    assert list(progress(iter("abc"), 3, n, "edge lengths")) == list("abc")
    assert ("edge lengths" in terminal.written) == shown


def test_no_bar_in_a_file_and_without_tqdm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    parts = [1, 2]
    assert progress(parts, 2, 10**6, "edges") is parts  # captured standard error is no terminal
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert progress(parts, 2, 10**6, "edges") is parts
