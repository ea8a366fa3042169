"""The widgets for notebooks; ipywidgets is imported when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.extras import needing
from ..base.progress import Stages
from ..checks import integer, listed, seeded
from ..checks.arrays import reals
from ..datasets import Dataset
from ..errors import DataError
from .canvas import as_image_shape

if TYPE_CHECKING:
    from .explorer.box import Explorer
    from .explorer.codes_box import CodesExplorer
    from .explorer.strips import Strips

__all__ = ["explore", "explore_decoder", "strips"]


def explore(
    dataset: Any = "two_moons",
    density: Any = None,
    *,
    n: int | None = None,
    lam: float | None = None,
    p0: float | None = None,
    power: float | None = None,
    eps: float | None = None,
    k: int | None = None,
    i: int | None = None,
    j: int | None = None,
    seed: int = 0,
    metric: str | None = None,
    log_lam: float | None = None,
    log_p0: float | None = None,
    rule: str | None = None,
    bridged: bool | None = None,
    solver: str | None = None,
    projection: str | None = None,
    columns: Sequence[int | str] | None = None,
    image_shape: Sequence[int] | None = None,
    refine: bool = False,
    graph: bool = False,
) -> Explorer:
    """Controls of data, density, metric, graph and two ends beside the picture of the geodesic and its
    rivals, in which a click chooses an end.

    `dataset` is a name, a file, a Dataset, an array (n, d), a DataFrame, whose columns of numbers are taken,
    or one of these with labels, `(x, y)`; at most 10,000 points stay, a random part of more, and copies are
    merged. `density` is your own, a registered name, the file of a saved one, by default the true one, else a
    fitted mixture. `metric` is "generative", "Fermat" (beta = power), "log-likelihood" or "Euclidean"; `rule`
    "epsilon", "knn" or "adaptive", by default the advice of `gk.suggest_graph` with its pieces `bridged`.
    More than two columns are drawn by `projection`, "principal components", "columns" (two, by number or
    name) or "t-SNE of the distances", and as pictures too where `image_shape` or the data set says that rows
    are. What is not given is chosen from the data. Raises MissingPlugin without ipywidgets, UnknownName,
    DataError, InvalidParameter.
    """
    _needs_ipywidgets("explore")
    from .explorer.box import Explorer
    from .explorer.given import given
    from .explorer.options import Options
    from .explorer.scene import named, scene_of

    options = Options(
        lam, p0, log_lam, log_p0, power, metric, rule, eps, k, bridged, i, j, solver, projection, columns
    )
    options = replace(options, refine=refine, graph=graph)
    name, own = named(density)
    data = given(dataset, n, seeded(seed), image_shape)
    with Stages(3, len(data.x)) as begins:
        begins("preparing the density")
        first = scene_of(data, name, seed, own, power)
        return Explorer(first, dataset, own, n, options, begins)


def explore_decoder(
    model: Any,
    dataset: str | Dataset | ArrayLike,
    *,
    n: int | None = None,
    k: int = 10,
    i: int | None = None,
    j: int | None = None,
    seed: int = 0,
) -> CodesExplorer:
    """A decoder's codes over the map of its magnification factor, two ends to choose, and what the geodesic,
    the shortest path over the k nearest codes and the straight line decode to.

    `model` encodes, decodes and has a `decoder` in torch, such as `gk.decoders["iwae"].pretrained("mnist")`;
    `dataset` is a name, a Dataset or rows (n, d), of which `n` are shown. Codes of more than two coordinates
    are drawn by their first two principal ones. Raises MissingPlugin without ipywidgets, UnknownName,
    DataError, InvalidParameter.
    """
    _needs_ipywidgets("explore_decoder")
    from .explorer.codes import code_scene
    from .explorer.codes_box import CodesExplorer

    return CodesExplorer(code_scene(model, dataset, n, seed), k=k, i=i, j=j)


def strips(
    ways: Mapping[str, ArrayLike],
    names: Sequence[str],
    image_shape: tuple[int, int],
    *,
    columns: int = 13,
    label: str = "fraction of the path",
) -> Strips:
    """A menu of pairs, and a row of pictures of each way between the chosen two.

    `ways` maps a name to frames (m, n, d) of the m pairs called `names`; `columns` frames are shown of each,
    evenly. Raises MissingPlugin without ipywidgets or matplotlib, DataError.
    """
    _needs_ipywidgets("strips")
    names = listed(names)
    if not isinstance(ways, Mapping):
        raise DataError(f"ways is of type {type(ways).__name__}; give a dict of frames (m, n, d) by name")
    arrays = {
        way: reals(frames, f"the frames of {way!r}", give="give (m, n, d)") for way, frames in ways.items()
    }
    h, w = as_image_shape(image_shape)
    pixels = h * w
    names = [str(name) for name in listed(names)]
    for way, frames in arrays.items():
        if frames.ndim != 3 or len(frames) != len(names) or frames.shape[2] != pixels or not frames.size:
            raise DataError(
                f"the frames of {way!r} have shape {frames.shape}; give (m, n, d) with m = {len(names)} "
                f"names, d = {pixels} pixels"
            )
    if not arrays:
        raise DataError("no way was given: map at least one name to frames (m, n, d)")
    columns = integer(columns, "columns", least=2, most=1000)
    chosen = {
        way: frames[:, np.linspace(0, frames.shape[1] - 1, columns).round().astype(int)]
        for way, frames in arrays.items()
    }
    from .explorer.strips import Strips

    return Strips(
        {way: frames.reshape(len(names), columns, h, w) for way, frames in chosen.items()}, names, label
    )


def _needs_ipywidgets(name: str) -> None:
    with needing(f"{name} needs", "notebooks"):
        import ipywidgets  # noqa: F401
