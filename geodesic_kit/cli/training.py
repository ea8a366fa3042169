"""Training a plugin on a data set with its own recipe, resumable, to a weights file with its card."""

from __future__ import annotations

import hashlib
import inspect
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import datasets
from ..base import pretrained as weights
from ..base.cards import card_path
from ..base.files import as_path, check_writable
from ..base.recipes import Recipe, Trainable
from ..checks import number, seeded
from ..errors import DataError, InvalidParameter, UnknownName, shown
from ..registry import decoders, densities
from ..types import Points

__all__ = ["Job", "Trained", "job"]

_SET_BY_THE_JOB = {"x", "seed", "checkpoint", "minutes"}
_VERSIONS = ("geodesic-kit", "numpy", "safetensors", "torch", "torchdiffeq", "zuko")


@dataclass(frozen=True)
class Trained:
    """What came of a training: the plugin's object, its weights file, and whether there is more to train."""

    model: Trainable
    path: Path
    finished: bool


@dataclass(frozen=True, eq=False)
class Job:
    """A training that is sound: all that can be refused has been checked, and the points are there."""

    plugin: type[Trainable]
    x: Points
    seed: int
    options: Mapping[str, Any]
    facts: Mapping[str, Any]  # for the card: data and versions
    why: str
    out: Path
    checkpoint: Path
    keep: bool  # the checkpoint was named by the caller, so it stays
    minutes: float | None = None

    def run(self) -> Trained:
        """Train, from the checkpoint on where there is one, and write the weights; the card tells the CPU
        seconds of this sitting.
        """
        began = time.process_time()
        model = self.plugin.fit(
            self.x, seed=self.seed, checkpoint=self.checkpoint, minutes=self.minutes, **self.options
        )
        seconds = round(time.process_time() - began, 2)
        path = model.save(self.out, **self.facts, cpu_seconds=seconds)
        finished = bool(model.facts.get("finished", True))
        if finished and not self.keep:
            self.checkpoint.unlink(missing_ok=True)
        return Trained(model, path, finished)


def job(
    plugin: str,
    data: str,
    *,
    seed: int = 0,
    n: int | None = None,
    options: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    checkpoint: str | Path | None = None,
    minutes: float | None = None,
) -> Job:
    """The training of `plugin` on the data set `data`, or on the points of a file of yours.

    Where the plugin has a recipe for the data set it is followed, save for n and the `options` of `fit` that
    are given. The weights go to `out`: by default into the folder data/ of a clone, else into the working
    directory. Raises before any work is done: UnknownPlugin, MissingPlugin, UnknownName, InvalidParameter,
    DataError, NoSuchFile, FileError and FetchError.
    """
    # One that is both is found as a density.
    kind = (decoders if plugin in decoders and plugin not in densities else densities)[plugin]
    recipes = getattr(kind, "recipes", None)
    if not isinstance(recipes, Mapping) or not callable(getattr(kind, "fit", None)):
        raise InvalidParameter(
            f"{plugin!r} is not trained by this command, it has no recipes; where it has fit, "
            f"gk.densities[{plugin!r}].fit(x), a decoder's gk.decoders[{plugin!r}].fit(x)"
        )
    place = as_path(data, "data")
    own = datasets.is_file(place)
    if not own and data not in datasets.names():
        raise UnknownName(
            f"no data set named {data!r}; there are {', '.join(datasets.names())}, or give your own points "
            "as a .npy, .npz, .csv or .parquet file"
        )
    recipe = recipes.get(data, Recipe("no recipe for this data: the defaults of fit"))
    if not isinstance(options, Mapping | None):
        raise InvalidParameter(f"options={shown(options)}: give a dict of what fit takes")
    chosen = dict(recipe.fit) | dict(options or {})
    known = [name for name in inspect.signature(kind.fit).parameters if name not in _SET_BY_THE_JOB]
    for name in chosen:
        if name not in known:
            raise InvalidParameter(
                f"{plugin!r} is trained without an option {name!r}; there are {', '.join(known)}"
            )
    seed = seeded(seed)
    target = _target(plugin, data, out)
    kept = target.with_suffix(".checkpoint") if checkpoint is None else as_path(checkpoint, "checkpoint")
    if kept.resolve() in (target.resolve(), card_path(target).resolve()):
        raise InvalidParameter(
            f"checkpoint={str(kept)!r} is where the weights or their card will lie; name another file"
        )
    x, source = (
        _own_points(place, n) if own else _points(data, recipe.n if n is None else n, seed, recipe.data)
    )
    return Job(
        plugin=kind,
        x=x,
        seed=seed,
        options=chosen,
        facts={"data": source | {"sha256": hashlib.sha256(x.tobytes()).hexdigest()}, "versions": _versions()},
        why=recipe.why,
        out=target,
        checkpoint=kept,
        keep=checkpoint is not None,
        minutes=None if minutes is None else number(minutes, "minutes", above=0, finite=True),
    )


def _target(plugin: str, data: str, out: str | Path | None) -> Path:
    """Where the weights go; refused now rather than after hours where nothing can be written there."""
    here = Path.cwd()
    in_a_clone = (here / "data" / "__init__.py").exists() and (here / "plugins").is_dir()
    target = (
        (here / "data" if in_a_clone else here) / weights.filename(plugin, Path(data).stem)
        if out is None
        else as_path(out, "out")
    )
    if target.suffix not in (".safetensors", ".npz"):
        raise InvalidParameter(f"out={str(target)!r}: a weights file ends in .safetensors or .npz")
    check_writable(target, "out")
    return target


def _points(name: str, n: int | None, seed: int, options: Mapping[str, Any]) -> tuple[Points, dict[str, Any]]:
    found = datasets.load(name, n=n, seed=seed, **options)
    if found.name != name:
        raise DataError(
            f"asked for {name!r}, got {found.name!r} in its place: fetch it first, "
            f"`geodesic-kit datasets --fetch {name}`"
        )
    return found.x, {"name": name, "n": len(found.x), "seed": seed, **options}


def _own_points(path: Path, n: int | None) -> tuple[Points, dict[str, Any]]:
    if n is not None:
        raise InvalidParameter("n is for data sets of the kit: your own points are all taken")
    found = datasets.load(path)
    return found.x, {"name": found.name, "n": len(found.x)}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONS:
        # Only what this training has imported can have had a part in it.
        if name.replace("-", "_") in sys.modules:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found
