"""How soon the site's live page is redrawn in Chromium after each move of a slider or an end."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from ..bounds import BOUNDS
from ..lines import Disagreement, Line, duration, measured, not_run

__all__ = ["run"]

_STEPS = 20
_ROW = "live_page"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A move's handler redraws before it returns; reading a pixel waits until the canvas is painted.
_MOVES = """steps => {
  const timed = move => {
    const began = performance.now();
    move();
    canvas.getContext("2d").getImageData(0, 0, 1, 1);
    return [performance.now() - began, [state.source, state.target, find("geodesic").dataset.length].join()];
  };
  const slide = (id, value) => () => {
    find(id).value = value;
    find(id).dispatchEvent(new Event("input", {bubbles: true}));
  };
  const click = v => () => {
    const box = canvas.getBoundingClientRect(), [x, y] = at(v);
    canvas.dispatchEvent(new MouseEvent("click", {clientX: box.left + x, clientY: box.top + y}));
  };
  const even = [...Array(steps).keys()], took = {};
  for (const id of ["lam", "p0", "power"]) {
    const {least, most} = data.sliders[id];
    took[id] = even.map(k => timed(slide(id, Math.round(least + (most - least) * k / (steps - 1)))));
    slide(id, 0)();
  }
  took["a clicked end"] = even.map(k => timed(click(Math.floor((k + .5) * n / steps))));
  return took;
}"""


def run(quick: bool) -> list[Line]:
    """Twenty steps over the whole of each slider, and twenty clicks; the slowest counts."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        return [not_run(_ROW, f"needs {_BROWSERS[0]}")]
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return [not_run(_ROW, "needs playwright")]
    from geodesic_kit.paper.experiments.live_moons import live_moons

    n = 200 if quick else 1000
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        address = live_moons(Path(folder) / "live.html", n).as_uri()
        browser = play.chromium.launch(executable_path=found)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            page.evaluate(_MOVES, _STEPS)  # compiles the page's program
            moves: dict[str, Any] = page.evaluate(_MOVES, _STEPS)
        finally:
            browser.close()
    return [_line(n, moves)]


def _line(n: int, moves: dict[str, Any]) -> Line:
    for name, steps in moves.items():
        if len({shown for _, shown in steps}) < _STEPS:
            raise Disagreement(f"a step of {name} left ends and length as they were")
    took = {name: [ms / 1000 for ms, _ in steps] for name, steps in moves.items()}
    slowest = max(max(steps) for steps in took.values())
    medians = ", ".join(f"{name} {duration(statistics.median(steps))}" for name, steps in took.items())
    return measured(
        _ROW,
        f"lam, p0, power and a clicked end, {n:,} points: slowest of {_STEPS} steps of each",
        1000 * slowest,
        duration(slowest),
        BOUNDS[_ROW]["slowest"],
        f"medians: {medians}",
        seconds=took,
    )
