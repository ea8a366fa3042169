"""One Chromium for all tests of this folder, and where their screenshots are kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# what a container without a GPU, a sound card or root's sandbox needs
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium() -> str:
    """The browser; its absence is a skip on a desk and a failure in continuous integration."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("continuous integration must install chromium: apt-get install chromium")
        pytest.skip("no chromium on this machine: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@pytest.fixture(scope="session")
def screens() -> Path:
    """The folder of screenshots, kept for whoever looks at them afterwards."""
    folder = Path(__file__).parents[2] / "results" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
