"""`geodesic-kit explore` in a real browser: the page of a table of one's own, without JupyterLab and not
without the token.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import PATIENCE, await_change, await_picture, click_at, free_port, picture
from commands import HEARING

import geodesic_kit as gk

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Address of the page of two spirals in a file, token and all; the server ends afterwards."""
    pytest.importorskip("voila", reason="the page comes with the extra `explore`")
    x = gk.datasets.load("two_spirals", n=200, seed=0).x
    np.savetxt(tmp_path / "mine.csv", x, delimiter=",", header="east,north", comments="")
    command = [*HEARING, "explore", "mine.csv", "--density", "mog", "--"]
    log, folder = tmp_path / "voila.log", tmp_path / "temporary"
    folder.mkdir()
    with open(log, "wb") as out:
        server = subprocess.Popen(
            [*command, "--no-browser", f"--port={free_port()}", "--Voila.port_retries=0"],
            env=os.environ | {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "TMPDIR": str(folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            start_new_session=True,
        )
    try:
        for _ in range(PATIENCE // 250):
            found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\w+", log.read_text())
            if found or server.poll() is not None:
                break
            time.sleep(0.25)
        assert found, log.read_text()[-3000:]
        yield found[0]
    finally:
        os.killpg(server.pid, signal.SIGINT)  # as Ctrl-C
        try:
            server.wait(30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
    assert list(folder.iterdir()) == []


def test_a_table_of_ones_own_is_clicked_and_taken_away(
    address: str, browser: Any, screens: Path, tmp_path: Path
) -> None:
    bare = address.partition("?")[0]
    with urllib.request.urlopen(bare, timeout=30) as answer:
        assert "login" in answer.url  # nothing without the token
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(PATIENCE)
    try:
        page.goto(address, wait_until="domcontentloaded")
        await_picture(page)
        page.screenshot(path=screens / "explore-command.png")
        box = page.locator(".gk-box").first
        for number in (box.locator("table").first, box.get_by_role("status").first):
            frame = number.bounding_box()
            assert frame["y"] + frame["height"] <= 768
        assert box.get_by_role("combobox", name="data", exact=True).input_value() == "mine"
        table = page.locator(".widget-html-content table").first
        for across, down in ((0.3, 0.4), (0.6, 0.6)):
            pixels, lengths = picture(page), table.inner_text()
            click_at(page, across, down)
            await_change(page, lambda: picture(page), pixels)
            await_change(page, table.inner_text, lengths)
        page.get_by_role("button", name="Take it away").click()
        command = page.get_by_role("textbox", name="command").first
        command.wait_for()
        page.wait_for_function(
            "() => [...document.querySelectorAll('textarea')].some(t => t.value.includes('path'))"
        )
        line = shlex.split(command.input_value())
        assert line[:3] == ["geodesic-kit", "run", "explorer"]
        assert f"dataset={tmp_path / 'mine.csv'}" in line
        names: dict[str, Any] = {}
        exec(compile(page.get_by_role("textbox", name="program").input_value(), "taken", "exec"), names)
        shown = float(table.locator("tr").nth(1).locator("td").nth(1).inner_text())
        assert names["path"].length == pytest.approx(shown, rel=0.01)
        page.screenshot(path=screens / "explore-command-taken.png")
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(500)
        page.screenshot(path=screens / "explore-command-390.png", full_page=True)
        for part in (box, box.locator("img.widget-image"), box.locator("table").first):
            frame = part.bounding_box()
            assert frame["x"] >= 0
            assert frame["x"] + frame["width"] <= 390
    finally:
        page.close()
