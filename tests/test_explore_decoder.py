"""The explorer of a decoder without a browser: what it draws and what it says."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, UnknownName
from geodesic_kit.plots.explorer.codes import KINDS, code_scene, draw_codes

PNG = b"\x89PNG\r\n"


@dataclass(frozen=True)
class Plane:
    """A flat sheet in R^3 over z coordinates, of which it shows two."""

    latent_dim: int = 2

    def encode(self, x: Any) -> Any:
        return np.pad(np.asarray(x)[:, :2], ((0, 0), (0, self.latent_dim - 2)))

    def decode(self, z: Any) -> Any:
        return np.pad(np.asarray(z)[:, :2], ((0, 0), (0, 1)))

    def decoder(self, z: Any) -> Any:
        import torch

        return torch.cat([z, torch.zeros_like(z[..., :1])], dim=-1)


X = np.pad(np.random.default_rng(0).normal(size=(60, 2)), ((0, 0), (0, 1)))


def test_on_a_flat_sheet_the_geodesic_is_the_straight_line() -> None:
    scene = code_scene(Plane(), X)
    view = draw_codes(scene, KINDS[0], 8, (3, 17))
    assert view.png.startswith(PNG)
    assert view.message == ""
    far = np.linalg.norm(X[3] - X[17])
    assert view.curves["geodesic"].length == pytest.approx(far, rel=1e-6)
    assert view.curves["straight line"].length == pytest.approx(far, rel=1e-6)
    graph = gk.knn_graph(X[:, :2], 8).bridged().weigh(gk.EuclideanMetric())
    assert view.curves["graph path"].length == pytest.approx(gk.distances(graph, sources=3)[0, 17], rel=1e-6)
    assert view.table.count("<tr>") == 4
    with pytest.raises(DataError, match="returns the data exactly"):
        draw_codes(scene, KINDS[1], 8, (3, 17))
    again = [draw_codes(scene, KINDS[0], 8, ends).png for ends in ((3, 17), (5, 9), (3, 17))]
    assert again[0] == again[2] != again[1]  # nothing of a picture is left for the next


def test_the_deviation_makes_the_straight_line_across_a_hole_long() -> None:
    angle = np.linspace(0, 1.6 * np.pi, 80)
    ring = np.stack([np.cos(angle), np.sin(angle), 0.1 * np.sin(9 * angle)], axis=1)
    scene = code_scene(Plane(), ring)
    plain, varied = (draw_codes(scene, kind, 4, (0, 50)).curves for kind in KINDS)
    assert list(plain) == ["geodesic", "graph path", "straight line"]
    assert list(varied) == ["graph path", "straight line"]
    assert plain["straight line"].length < plain["graph path"].length
    assert varied["straight line"].length > varied["graph path"].length


def test_codes_of_more_coordinates_are_drawn_by_principal_ones() -> None:
    model = gk.decoders["iwae"].fit(
        np.random.default_rng(1).normal(size=(120, 5)),
        latent_dim=3,
        hidden=(8,),
        steps=3,
        trials=1,
        trial_steps=1,
    )
    scene = code_scene(model, np.random.default_rng(2).normal(size=(40, 5)))
    flat = scene.plane(scene.codes)
    assert flat.shape == (40, 2)
    assert np.square(flat).sum() <= np.square(scene.codes - scene.codes.mean(axis=0)).sum()
    assert draw_codes(scene, KINDS[0], 5, scene.ends).png.startswith(PNG)


def test_pictures_are_shown_as_rows_and_the_controls_do_what_they_say() -> None:
    model = gk.decoders["iwae"].pretrained("pendulum")
    box = gk.widgets.explore_decoder(model, "pendulum", n=60, k=6, i=2, j=9)
    assert repr(box) == "Explorer of pendulum: 60 codes in R^2"
    first = bytes(box.image.value)
    np.testing.assert_array_equal(box.view.curves["geodesic"].points[[0, -1]], box._scene.codes[[2, 9]])
    assert box.view.curves["geodesic"].length <= box.view.curves["straight line"].length * (1 + 1e-6)
    box.end.value = 30
    assert bytes(box.image.value) != first
    box.end.value = 2
    assert "the same row, 2" in box.message.value
    bundle = box._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == bytes(box.image.value)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((lambda z: z, X), {}, InvalidParameter, "has no encode, decode and decoder"),
        ((Plane(), "cats"), {}, UnknownName, "no data set named 'cats'"),
        ((Plane(), X[:4]), {}, DataError, "five or more codes"),
        ((Plane(), X), {"i": 60}, InvalidParameter, "i=60 is not a vertex"),
        ((Plane(), X), {"k": 60}, InvalidParameter, "k=60: give a whole number from 1 to 59"),
        ((Plane(), X), {"n": 1}, InvalidParameter, "n=1"),
    ],
)
def test_bad_arguments_raise(
    arguments: tuple[Any, Any], options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        gk.widgets.explore_decoder(*arguments, **options)
