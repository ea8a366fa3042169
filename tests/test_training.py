"""geodesic-kit train: recipes, own points, cards, broken-off trainings, and all that is refused before work
begins.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit import cli
from geodesic_kit.base.cards import load_arrays, read_card, save_arrays
from geodesic_kit.base.recipes import Recipe, Trainable
from geodesic_kit.cli.training import job
from geodesic_kit.errors import (
    DataError,
    InvalidParameter,
    NoSuchFile,
    TruncatedFileError,
    UnknownName,
    UnknownPlugin,
)
from geodesic_kit.registry import densities


class Toy:
    """A plugin whose training counts its steps; its checkpoint is a number in a file."""

    recipes: ClassVar[dict[str, Recipe]] = {
        "two_moons": Recipe("for the test", n=50, data={"noise": 0.1}, fit={"steps": 4})
    }
    dim, normalised = 2, True
    interrupt_at: ClassVar[int | None] = None

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    def __repr__(self) -> str:
        return f"Toy({self.facts['steps']} steps)"

    @classmethod
    def fit(
        cls,
        x: Any,
        *,
        seed: int = 0,
        steps: int = 2,
        wide: bool = False,
        checkpoint: Any = None,
        minutes: Any = None,
    ) -> Toy:
        done = int(checkpoint.read_text()) if checkpoint is not None and checkpoint.exists() else 0
        if cls.interrupt_at == 0:
            raise KeyboardInterrupt
        while done < steps and (minutes is None or done < minutes):  # a minute a step
            done += 1
            checkpoint.write_text(str(done))
            if done == cls.interrupt_at:
                raise KeyboardInterrupt
        return cls({"steps": done, "finished": done == steps, "seen": len(x), "wide": wide, "seed": seed})

    def log_prob(self, x: Any) -> Any:
        return np.zeros(len(x))

    def save(self, path: Any, **facts: Any) -> Path:
        return save_arrays(
            path, {"steps": np.array(self.facts["steps"])}, {"plugin": "toy_trained"} | self.facts | facts
        )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, with the toy among the densities."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(densities._registered, "toy_trained", Toy)
    return tmp_path


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["geodesic-kit", "train", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


def test_a_recipe_is_followed_and_its_card_tells_all(place: Path) -> None:
    assert isinstance(Toy({}), Trainable)
    done = job("toy_trained", "two_moons", seed=3, options={"wide": True}).run()
    assert (done.path, done.finished) == (place / "toy_trained-two_moons.safetensors", True)
    card = read_card(done.path)
    x = gk.datasets.load("two_moons", n=50, seed=3, noise=0.1).x
    assert {"steps": 4, "seen": 50, "wide": True, "seed": 3}.items() <= card.items()
    assert {"name": "two_moons", "n": 50, "seed": 3, "noise": 0.1}.items() <= card["data"].items()
    assert card["data"]["sha256"] == hashlib.sha256(x.tobytes()).hexdigest()
    assert card["versions"]["numpy"] == np.__version__
    assert not (place / "toy_trained-two_moons.checkpoint").exists()


def test_what_is_given_goes_before_the_recipe(place: Path) -> None:
    done = job("toy_trained", "two_moons", n=20, options={"steps": 1}, out=place / "mine.npz").run()
    card = read_card(done.path)
    assert (done.path.name, card["steps"], card["seen"]) == ("mine.npz", 1, 20)
    without = job("toy_trained", "two_circles")
    assert (without.why, dict(without.options), len(without.x)) == (
        "no recipe for this data: the defaults of fit",
        {},
        1000,
    )


def test_in_a_clone_weights_go_to_its_data_folder(place: Path) -> None:
    (place / "data").mkdir()
    (place / "plugins").mkdir()
    assert job("toy_trained", "two_moons").out.parent == place, "any folder called data is not the kit's"
    (place / "data" / "__init__.py").touch()
    assert job("toy_trained", "two_moons").out == place / "data" / "toy_trained-two_moons.safetensors"


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_own_points(place: Path, suffix: str) -> None:
    x = np.random.default_rng(0).standard_normal((7, 2))
    if suffix == "npy":
        np.save("mine.npy", x)
    else:
        np.savez("mine.npz", x=x, y=np.zeros(7))
    work = job("toy_trained", f"mine.{suffix}")
    assert np.array_equal(work.x, x)
    assert work.out.name == "toy_trained-mine.safetensors"
    assert read_card(work.run().path)["data"].items() >= {"name": "mine", "n": 7}.items()


def test_own_points_that_are_none(place: Path) -> None:
    np.save("holes.npy", np.array([[1.0, np.nan]]))
    np.savez("many.npz", a=np.zeros((3, 2)), b=np.zeros((3, 2)))
    np.save("objects.npy", np.array([{}, {}]))
    whole = Path("many.npz").read_bytes()
    Path("short.npz").write_bytes(whole[:40])
    for name, error, text in (
        ("holes.npy", DataError, r"the points of holes\.npy hold NaN or inf in 1 row"),
        ("many.npz", DataError, r"many\.npz holds a, b: name the points x"),
        ("objects.npy", TruncatedFileError, "cannot be read as plain arrays"),
        ("short.npz", TruncatedFileError, r"short\.npz (is not a complete file|cannot be read)"),
        ("absent.npy", NoSuchFile, r"there is no file absent\.npy"),
    ):
        with pytest.raises(error, match=text):
            job("toy_trained", name)
    with pytest.raises(InvalidParameter, match="your own points are all taken"):
        job("toy_trained", "holes.npy", n=3)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        (
            ("mog", "two_moons"),
            {},
            InvalidParameter,
            r"'mog' is not trained by this command, it has no recipes; .* gk\.densities\['mog'\]\.fit",
        ),
        (("nothing", "two_moons"), {}, UnknownPlugin, "no density named 'nothing'"),
        (
            ("toy_trained", "moon"),
            {},
            UnknownName,
            "no data set named 'moon'; there are .*two_moons.* your own points",
        ),
        (
            ("toy_trained", "two_moons"),
            {"options": {"stepz": 1}},
            InvalidParameter,
            "without an option 'stepz'; there are steps, wide$",
        ),
        (
            ("toy_trained", "two_moons"),
            {"options": {"seed": 1}},
            InvalidParameter,
            "without an option 'seed'",
        ),
        (("toy_trained", "two_moons"), {"options": 3}, InvalidParameter, "options=3: give a dict"),
        ((["toy_trained"], "two_moons"), {}, UnknownPlugin, "no density named"),
        (("toy_trained", b"x"), {}, InvalidParameter, "data=b'x' is no path"),
        (("toy_trained", "a\0.npy"), {}, InvalidParameter, "data='a.*holds a NUL character"),
        (("toy_trained", "two_moons"), {"out": 3}, InvalidParameter, "out=3 is no path"),
        (("toy_trained", "two_moons"), {"checkpoint": 3.0}, InvalidParameter, "checkpoint=3.0 is no path"),
        (("toy_trained", "two_moons"), {"seed": -1}, InvalidParameter, "seed=-1"),
        (("toy_trained", "two_moons"), {"n": 0}, InvalidParameter, "n=0"),
        (("toy_trained", "two_moons"), {"minutes": -1}, InvalidParameter, "minutes=-1"),
        (("toy_trained", "two_moons"), {"out": "w.pt"}, InvalidParameter, r"ends in \.safetensors or \.npz"),
        (
            ("toy_trained", "two_moons"),
            {"out": "no/w.npz"},
            InvalidParameter,
            "there is no folder no; make it first",
        ),
        (
            ("toy_trained", "two_moons"),
            {"out": "w.npz", "checkpoint": "./w.npz"},
            InvalidParameter,
            "is where the weights or their card will lie",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_before_any_work(
    place: Path, arguments: tuple[str, str], options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        job(*arguments, **options)
    assert not list(place.iterdir())


def test_a_folder_is_no_weights_file(place: Path) -> None:
    Path("w.npz").mkdir()
    with pytest.raises(InvalidParameter, match=r"out='w\.npz' is a folder: name a file in it"):
        job("toy_trained", "two_moons", out="w.npz")


def test_a_data_set_that_another_stands_in_for_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "geodesic_kit.cli.training.datasets.load",
        lambda *_, **__: gk.datasets.Dataset("digits", np.zeros((2, 2)), None, "test"),
    )
    with pytest.raises(
        DataError,
        match="asked for 'mnist', got 'digits' in its place: fetch it first, `geodesic-kit datasets --fetch "
        "mnist`",
    ):
        job("toy_trained", "mnist")


def test_the_same_command_goes_on_where_it_was_broken_off(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    same = ("toy_trained", "--data", "two_moons", "-p", "steps=9")
    monkeypatch.setattr(Toy, "interrupt_at", 2)
    assert command(monkeypatch, *same) == 130
    assert (
        "toy_trained-two_moons.checkpoint is kept, the same command goes on from there"
        in capsys.readouterr().err
    )
    assert command(monkeypatch, *same, "--minutes", "5") == 0
    out = capsys.readouterr().out
    assert "Toy(5 steps)" in out
    assert "not finished; the same command goes on from" in out
    weights = place / "toy_trained-two_moons.safetensors"
    assert read_card(weights)["finished"] is False
    assert command(monkeypatch, *same, "--checkpoint", "toy_trained-two_moons.checkpoint") == 0
    assert "toy_trained on 50 points of two_moons: for the test" in capsys.readouterr().out
    assert load_arrays(weights)[0]["steps"] == 9
    assert (place / "toy_trained-two_moons.checkpoint").exists(), "a checkpoint that was named stays"
    assert command(monkeypatch, *same) == 0
    assert not (place / "toy_trained-two_moons.checkpoint").exists()


def test_broken_off_before_anything_was_kept(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Toy, "interrupt_at", 0)
    assert command(monkeypatch, "toy_trained", "--data", "two_moons") == 130
    assert "stopped; nothing was kept yet" in capsys.readouterr().err


def test_errors_of_the_command_are_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ("mog", "--data", "two_moons"),
        ("toy_trained", "--data", "nope"),
        ("toy_trained", "--data", "two_moons", "-p", "wide"),
    ):
        assert command(monkeypatch, *arguments) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith("geodesic-kit: ")
        assert len(captured.err.splitlines()) == 1
        assert captured.out == ""


def test_a_decoder_that_is_no_density_is_trained(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(gk.decoders._registered, "toy_decoder", Toy)
    assert command(monkeypatch, "toy_decoder", "--data", "two_moons") == 0
    assert "toy_decoder on 50 points of two_moons: for the test" in capsys.readouterr().out
    assert (place / "toy_decoder-two_moons.safetensors").exists()


def test_an_autoencoder_is_trained_and_loaded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    options = ["-p", "steps=20", "-p", "trials=1", "-p", "trial_steps=9", "-p", "hidden=[8, 8]"]
    assert command(monkeypatch, "iwae", "--data", "arm", "-n", "200", "--seed", "5", *options) == 0
    model = gk.decoders.load(place / "iwae-arm.safetensors")
    assert repr(model).startswith("IWAE(dim=6, latent_dim=2, hidden=(8, 8), noise=0.")
    card = json.loads((place / "iwae-arm.safetensors.json").read_text())
    assert (card["steps"], card["finished"], card["plugin"]) == (29, True, "iwae")
    assert (card["points"], card["points_held_out"]) == (170, 30)
    assert card["scale"] > 0
    assert card["cpu_seconds"] > 0
    assert card["fit"]["n_samples"] == 5
    assert np.isfinite(card["rmse_held_out"])


def test_a_flow_is_trained_and_loaded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("zuko")
    options = ["-p", "steps=20", "-p", "transforms=2", "-p", "hidden=[8, 8]"]
    assert command(monkeypatch, "realnvp", "--data", "two_moons", "-n", "200", "--seed", "5", *options) == 0
    flow = gk.densities.load(place / "realnvp-two_moons.safetensors")
    assert repr(flow).startswith("RealNVP(dim=2, flow=realnvp, transforms=2, hidden=(8, 8), held-out log p=")
    card = json.loads((place / "realnvp-two_moons.safetensors.json").read_text())
    assert {"steps": 20, "finished": True, "plugin": "realnvp"}.items() <= card.items()
    assert {"torch", "zuko", "python", "geodesic-kit"} <= set(card["versions"])
    assert np.isfinite(card["log_prob_held_out"])
