"""The explorer in a real JupyterLab and a real browser: lam is moved by keyboard, picture and lengths
change.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE, await_change, await_picture, click_at, free_port, picture
from commands import KIT

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TOKEN = "explorer-test"
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  let panel = null;
  while (!panel || !panel.sessionContext) {
    panel = app.shell.currentWidget;
    await new Promise(done => setTimeout(done, 100));
  }
  await panel.context.ready;
  await panel.sessionContext.ready;
  app.commands.execute('notebook:run-all-cells');
}"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Address of a JupyterLab with settings and folders of its own, ended afterwards."""
    settings = tmp_path / "config" / "labconfig"
    settings.mkdir(parents=True)
    # no news pop-up over the sliders
    shutil.copy(NOTEBOOKS / "lab-settings.json", settings / "default_setting_overrides.json")
    (tmp_path / "work").mkdir()
    shutil.copy(NOTEBOOKS / "explorer.ipynb", tmp_path / "work" / "explorer.ipynb")
    port = free_port()
    folders = {
        name: str(tmp_path / name.lower())
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR")
    }
    environment = (
        os.environ
        | folders
        | {
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "spaces"),
        }
    )
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    ]
    command += [
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]
    command += [f"--ServerApp.root_dir={tmp_path / 'work'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with open(tmp_path / "lab.log", "wb") as log:
        server = subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path / "work",
        )
    address = f"http://127.0.0.1:{port}"
    try:
        await_server(server, address, tmp_path / "lab.log")
        yield address
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(30)


def await_server(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(PATIENCE // 250):
        if server.poll() is not None:
            pytest.fail(f"JupyterLab ended with {server.returncode}:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture
def page(lab: str, browser: Any) -> Iterator[Any]:
    """The explorer's notebook, run, on the screen of a small notebook computer."""
    shown = browser.new_page(viewport={"width": 1366, "height": 768})
    shown.set_default_timeout(PATIENCE)
    shown.goto(f"{lab}/lab/tree/explorer.ipynb?token={TOKEN}&reset", wait_until="domcontentloaded")
    shown.wait_for_function("() => window.jupyterapp !== undefined")
    shown.evaluate(RUN_ALL)
    await_picture(shown)
    yield shown
    shown.close()


def test_moving_lam_moves_the_picture(page: Any, screens: Path) -> None:
    page.screenshot(path=screens / "explorer-before.png")
    table = page.locator(".widget-html-content table").first
    pixels, lengths = picture(page), table.inner_text()
    assert "geodesic" in lengths
    assert "straight line" in lengths
    handle = page.locator(".noUi-handle").first  # log lam, the first slider
    handle.scroll_into_view_if_needed()
    handle.focus()
    # Three decades: where it starts, at a thousandth of p0, a smaller lam moves nothing.
    for _ in range(30):
        handle.press("ArrowRight")
    assert await_change(page, lambda: picture(page), pixels) != pixels
    assert await_change(page, table.inner_text, lengths) != lengths
    page.screenshot(path=screens / "explorer-after.png")
    # a drag moves the curve while the button is still down
    pixels, frame = picture(page), handle.bounding_box()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] - 60, frame["y"] + frame["height"] / 2, steps=6)
    await_change(page, lambda: picture(page), pixels)
    page.mouse.up()
    assert page.locator(".jp-Notification-Toast, .Toastify__toast").count() == 0


def test_two_clicks_choose_both_ends_and_the_button_gives_them(page: Any, screens: Path) -> None:
    table = page.locator(".widget-html-content table").first
    for across, down in ((0.17, 0.5), (0.7, 0.8)):
        pixels, lengths = picture(page), table.inner_text()
        click_at(page, across, down)
        await_change(page, lambda: picture(page), pixels)
        await_change(page, table.inner_text, lengths)
    page.screenshot(path=screens / "explorer-clicked.png")
    page.get_by_role("button", name="Take it away").first.click()
    program = page.get_by_role("textbox", name="program").first
    program.wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('textarea')].some(t => t.value.includes('path'))"
    )
    program.scroll_into_view_if_needed()
    page.screenshot(path=screens / "explorer-taken.png")
    assert (
        page.get_by_role("textbox", name="command")
        .first.input_value()
        .startswith("geodesic-kit run explorer")
    )
    names: dict[str, Any] = {}
    exec(compile(program.input_value(), "taken", "exec"), names)
    shown = float(table.locator("tr").nth(1).locator("td").nth(1).inner_text())
    assert names["path"].length == pytest.approx(shown, rel=0.01)
    # the ends lie where the clicks were: on the left of the upper moon, and below on the right
    (left, _), (right, low) = names["path"].points[[0, -1]]
    assert left < -0.5
    assert right > 0.5
    assert low < 0


def test_what_is_taken_away_is_swept_and_compared(page: Any, tmp_path: Path) -> None:
    click_at(page, 0.17, 0.5)
    page.get_by_role("button", name="Take it away").first.click()
    command = page.get_by_role("textbox", name="command").first
    command.wait_for()
    page.wait_for_function("() => [...document.querySelectorAll('input')].some(t => t.value.includes('run'))")
    _, run, id, *given = shlex.split(command.input_value())
    assert (run, id) == ("run", "explorer")
    # as the reader edits it: a verb, another seed beside
    given = ["seed=0:2" if word == "seed=0" else word for word in given]
    assert "seed=0:2" in given
    notebooks = ["--notebooks", str(NOTEBOOKS)]
    for results in ("mine", "again"):
        sweep = [*KIT, "sweep", id, *given, *notebooks, "--results", results]
        done = subprocess.run(sweep, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert list((tmp_path / results / "sweeps").glob("*.csv"))
    compare = [*KIT, "compare", "mine", "again"]
    done = subprocess.run(compare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_control_has_a_name_and_the_numbers_are_above_the_fold(page: Any) -> None:
    box = page.locator(".gk-box").first
    box.evaluate("box => box.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    for number in (box.locator("table").first, box.get_by_role("status").first):
        frame = number.bounding_box()
        assert frame["y"] >= 0
        assert frame["y"] + frame["height"] <= 768
    assert_named(
        box,
        {
            "slider": ["log₁₀ λ", "log₁₀ p₀", "power", "k", "start A", "end B"],
            "combobox": ["data", "density", "metric", "graph", "solver", "drawn by"],
            "spinbutton": ["n", "seed"],
            "checkbox": ["pieces joined", "draw the graph", "refined geodesic"],
            "button": ["Take it away"],
            "img": [
                "Picture of the density with the curves between A and B; their lengths are in the table "
                "beside it"
            ],
        },
    )
    # Tab reaches them all, in their order
    box.get_by_role("combobox", name="data").first.focus()
    reached = []
    for _ in range(40):
        name = page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
        )
        if name and name not in reached:
            reached.append(name)
        page.keyboard.press("Tab")
    assert reached[:6] == ["data", "n", "seed", "density", "metric", "log₁₀ λ"]
    assert {"start A", "end B", "Take it away"} <= set(reached)


def test_a_decoder_s_explorer_has_names_and_keys_too(page: Any, screens: Path) -> None:
    box = page.locator(".gk-box").nth(1)
    box.locator("table").first.wait_for()
    box.evaluate("box => box.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    assert_named(
        box,
        {
            "slider": ["k", "start", "end"],
            "combobox": ["metric of"],
            "status": [""],
            "img": [
                "Picture of the codes with the curves between start and end; their lengths are in the table "
                "beside it"
            ],
        },
    )
    table = box.locator("table").first
    lengths = table.inner_text()
    box.get_by_role("slider", name="end", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    await_change(page, table.inner_text, lengths)
    page.screenshot(path=screens / "explorer-decoder.png")


def assert_named(box: Any, roles: dict[str, list[str]]) -> None:
    for role, names in roles.items():
        for name in names:
            assert box.get_by_role(role, name=name, exact=True).first.is_visible(), (role, name)
