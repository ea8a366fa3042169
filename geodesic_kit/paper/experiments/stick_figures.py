"""People in motion along paths between the codes of two poses, as stick figures that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from ...datasets import Dataset
from ...errors import DataError
from ...geodesics.curve import Geodesic
from ...plots.canvas import palette
from ...types import Points
from .latent_graphs import lengths
from .latent_sets import LatentSet
from .moving import gif, pages_of

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["motion_table", "moving_figures"]

_FRAMES = 32  # of a path


def motion_table(of: LatentSet, ways: Mapping[str, Sequence[Geodesic]]) -> DataFrame:
    """By way: mean length over that of the first way; mean over the frames of the distance of the decoded
    pose to the nearest recorded one; the largest step of a joint between two of 32 frames, mean over pairs.
    """
    import pandas as pd

    skeleton = of.data.skeleton
    if skeleton is None:
        raise DataError(f"the data set {of.name!r} has no skeleton; take one whose rows are poses")
    recorded, t, rows = cKDTree(of.data.x), np.linspace(0, 1, _FRAMES), {}
    base = lengths(next(iter(ways.values())))
    for way, paths in ways.items():
        poses = [of.model.decode(path.at(t)) for path in paths]
        steps = [np.linalg.norm(np.diff(skeleton.positions(x), axis=0), axis=2).max() for x in poses]
        rows[way] = {
            f"length / {next(iter(ways))}": (lengths(paths) / base[: len(paths)]).mean(),
            "to the nearest recorded pose  [rad]": np.mean([recorded.query(x)[0].mean() for x in poses]),
            "largest step of a joint  [length]": np.mean(steps),
        }
    return pd.DataFrame(rows).T


def moving_figures(
    data: Dataset, ways: Mapping[str, Points], *, seconds: float = 4.0, inches: float = 2.0
) -> bytes:
    """A GIF of stick figures, seen from the front, that go there and back along the poses (k, d) of each way,
    side by side. Raises DataError where the data have no skeleton.
    """
    from matplotlib.figure import Figure

    if data.skeleton is None:
        raise DataError(f"the data set {data.name!r} has no skeleton; take one whose rows are poses")
    bones = data.skeleton.bones
    joints = {way: data.skeleton.positions(poses)[..., :2] for way, poses in ways.items()}
    every = np.concatenate([places.reshape(-1, 2) for places in joints.values()])
    low, high = every.min(axis=0), every.max(axis=0)
    margin = 0.05 * (high - low).max()
    count = len(next(iter(joints.values())))
    tall = inches * float((high[1] - low[1] + 2 * margin) / (high[0] - low[0] + 2 * margin))
    figure = Figure(figsize=(inches * len(ways), min(tall, 2 * inches) + 0.6), dpi=80, layout="constrained")
    drawn = []
    for ax, (way, places) in zip(
        np.ravel(figure.subplots(1, len(ways), squeeze=False)), joints.items(), strict=True
    ):
        strokes = [ax.plot([], [], "-", color=palette(1)[0], linewidth=2)[0] for _ in bones]
        drawn.append((strokes, places))
        ax.set(title=way, xticks=[], yticks=[], aspect="equal")
        ax.set(xlim=(low[0] - margin, high[0] + margin), ylim=(low[1] - margin, high[1] + margin))
    told = figure.supxlabel(" ", fontsize="medium")

    def show(k: int) -> None:
        for strokes, places in drawn:
            for stroke, bone in zip(strokes, bones, strict=True):
                stroke.set_data(*places[k][bone].T)
        told.set_text(f"fraction of the path: {k / max(count - 1, 1):.2f}")

    moving = [stroke for strokes, _ in drawn for stroke in strokes]
    pages = pages_of(figure, [*moving, told], show, count, lambda page: page.convert("RGB").quantize(8))
    loop = pages + pages[-2:0:-1]
    return gif(loop, max(20, round(1000 * seconds / len(loop))))
