"""What the explorer gives to take away: the program and the command run, and show what was shown."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from commands import KIT

import geodesic_kit as gk

ROOT = Path(__file__).resolve().parent.parent
MOG = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.2)
X = MOG.sample(80, seed=0)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(box: Any) -> dict[str, Any]:
    """The names that the program leaves behind."""
    box.take.click()
    names: dict[str, Any] = {}
    exec(compile(box.program.value, "taken", "exec"), names)
    return names


CASES: list[dict[str, Any]] = [
    {"dataset": "two_moons", "n": 150},
    {"dataset": "two_moons", "n": 150, "density": "mog", "seed": 1, "k": 12, "bridged": True, "refine": True},
    {"dataset": "mixture", "n": 120, "metric": "Fermat", "power": 0.7, "solver": "scipy"},
    {"dataset": "mixture", "n": 120, "metric": "log-likelihood", "lam": 1e-3, "p0": 0.5, "rule": "adaptive"},
    {"dataset": "mixture", "n": 120, "metric": "Euclidean", "eps": 2.0, "i": 4, "j": 9},
    {"dataset": "digits", "n": 120},
    {"dataset": X, "density": MOG},
    {"dataset": (X, (X[:, 0] > 0).astype(int)), "n": 60},
]


@pytest.mark.parametrize("options", CASES)
def test_the_options_of_the_command_give_the_picture_shown(options: dict[str, Any]) -> None:
    box = gk.widgets.explore(**options)
    box.lam.value += 0.3
    box.graph.value = True
    box._show(refined=box.refine.value)  # at once, also where a browser's test has left a loop running
    box.take.click()
    given = dict(part.split("=", 1) for part in shlex.split(box.command.value)[4::2])
    again = gk.widgets.explore(
        given["dataset"],
        n=int(given["n_points"]),
        seed=int(given["seed"]),
        **yaml.safe_load(given["options"]),
    )
    assert again.settings == box.settings
    assert again.view.png == box.view.png


@pytest.mark.parametrize("options", CASES)
def test_the_program_gives_the_path_shown(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    box = gk.widgets.explore(**options)
    left = run(box)
    shown, path = box.view.curves["geodesic"], left["path"]
    assert path.points[[0, -1]] == pytest.approx(shown.points[[0, -1]])
    assert path.length == pytest.approx(shown.length, rel=0.01)
    assert path.length <= shown.length * (1 + 1e-5)  # the explorer's choice is to a hundredth, this is exact
    assert left["graph"].m == box._linked.graph.m
    assert capsys.readouterr().out.startswith("Geodesic(length")
    if options.get("refine"):
        assert left["smooth"].length == pytest.approx(box.view.curves["refined geodesic"].length, rel=0.01)


def test_points_and_density_of_ones_own_travel_in_files(here: Path) -> None:
    box = gk.widgets.explore(X, MOG)
    assert list(here.iterdir()) == []  # nothing is written before it is asked for
    run(box)
    assert np.array_equal(gk.datasets.load("explored-points.npz").x, X)
    assert gk.densities.load("explored-density.npz").log_prob(X) == pytest.approx(MOG.log_prob(X))
    assert "explored-points.npz" in box.message.value
    assert (box.command.layout.display, box.program.layout.display) == ("", "")


def test_a_density_that_cannot_be_saved_is_asked_for() -> None:
    box = gk.widgets.explore(X, gk.as_density(MOG.log_prob, dim=2))
    box.take.click()
    assert "your density cannot be saved" in box.message.value
    assert box.command.value == "# needs a density that can be saved"
    names: dict[str, Any] = {"density": MOG}
    exec(compile(box.program.value, "taken", "exec"), names)
    assert names["path"].length == pytest.approx(box.view.curves["geodesic"].length, rel=0.01)


@pytest.mark.notebook
@pytest.mark.parametrize("own", [False, True])
def test_the_command_runs_and_shows_the_same_picture(here: Path, own: bool) -> None:
    box = (
        gk.widgets.explore(X, MOG) if own else gk.widgets.explore("two_moons", n=80, density="mog", i=3, j=9)
    )
    box.lam.value += 0.5
    box.take.click()
    command = shlex.split(box.command.value)
    assert command[:3] == ["geodesic-kit", "run", "explorer"]
    done = subprocess.run(
        [*KIT, *command[1:], "--notebooks", str(ROOT / "notebooks")],
        cwd=here,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    (ran,) = (here / "results").rglob("explorer*.ipynb")
    pictures = [
        output.data["image/png"]
        for cell in nbformat.read(ran, 4).cells
        if "widgets.explore(" in cell.source and cell.cell_type == "code"
        for output in cell.outputs
    ]
    assert pictures
    assert pictures[0].strip() == box._repr_mimebundle_()["image/png"]
