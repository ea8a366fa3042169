"""The catalog of notebooks: which there are, their parameters and presets, and plans of runs that are sound
before work begins.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...base.extras import needing
from ...datasets import is_file
from ...errors import InvalidParameter, UnknownName, shown
from ..claims.table import read_notebook
from . import values
from .declared import literal, typed
from .own_files import located
from .ranges import range_of

__all__ = [
    "Plan",
    "defaults_of",
    "file_name",
    "find",
    "folder_of_notebooks",
    "grid",
    "notebooks",
    "of_this_commit",
    "parameters_of",
    "plan",
    "preset",
    "usual_seconds",
]

QUICK = "quick"  # a notebook's own defaults


@dataclass(frozen=True)
class Plan:
    """One run of one notebook: `id`, its file, the parameters that differ from its defaults, and the preset's
    name.
    """

    id: str
    notebook: Path
    preset: str = QUICK
    parameters: dict[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()  # those of `parameters` that the caller named, not the preset
    strict: bool = True  # a claim that is not as declared fails the run

    @property
    def name(self) -> str:
        """The run's file name without suffix: notebook, preset and given parameters, readable and unique."""
        return file_name(
            self.notebook.stem,
            *([self.preset] if self.preset != QUICK else []),
            **{name: self.parameters[name] for name in self.given},
        )


def file_name(*words: str, **values: Any) -> str:
    """A file's name without suffix of words and values by name: readable, and another for other ones."""
    name = "__".join([*words, *(f"{key}={entry}" for key, entry in values.items())])
    # A file's folder is not for the eye, and keeps files of one name apart.
    short = [f"{key}={Path(entry).name if is_file(entry) else entry}" for key, entry in values.items()]
    plain = re.sub(r"[^\w.=,+-]", "_", "__".join([*words, *short]))
    if plain == name and len(name) <= 120:
        return name
    return f"{plain[:100]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def folder_of_notebooks(folder: str | Path | None = None) -> Path:
    """`folder`, else `notebooks` in the working directory, else the one beside the package's source."""
    choices = (
        [Path(folder)]
        if folder is not None
        else list(
            dict.fromkeys([Path.cwd() / "notebooks", Path(__file__).resolve().parents[3] / "notebooks"])
        )
    )
    for choice in choices:
        if any(choice.glob("*.ipynb")):
            return choice.resolve()
    places = " nor in ".join(str(choice) for choice in choices)
    raise UnknownName(
        f"no notebooks in {places}; clone the repository and run the command there, or name "
        "their folder with --notebooks"
    )


def notebooks(folder: str | Path | None = None) -> dict[str, Path]:
    """Notebooks by id, the part of their file name before the first dash, in the paper's order."""
    found = {path.stem.split("-")[0]: path for path in folder_of_notebooks(folder).glob("*.ipynb")}
    return dict(sorted(found.items(), key=lambda item: (not item[0][0].isdigit(), item[0])))


def find(which: str, folder: str | Path | None = None) -> tuple[str, Path]:
    """The notebook of this id, or the only one whose file name begins so. Raises UnknownName."""
    known = notebooks(folder)
    if isinstance(which, str) and which:
        if which in known:
            return which, known[which]
        fitting = [id for id, path in known.items() if path.stem.startswith(which.removesuffix(".ipynb"))]
        if len(fitting) == 1:
            return fitting[0], known[fitting[0]]
        if fitting:
            raise UnknownName(f"notebook {which!r} could be {' or '.join(fitting)}; give the whole id")
    raise UnknownName(f"no notebook {shown(which)}; there are {', '.join(known)}")


def preset(name: str, folder: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """Parameters by notebook id of a preset, a YAML file in `notebooks/presets`; `quick` is the notebooks'
    defaults.

    Raises UnknownName for a preset or a notebook that is not there, InvalidParameter where the file is not
    such a mapping.
    """
    if isinstance(name, str) and name == QUICK:
        return {}
    place = folder_of_notebooks(folder) / "presets"
    files = {path.stem: path for path in place.glob("*.yaml")}
    if not isinstance(name, str) or name not in files:
        raise UnknownName(f"no preset {shown(name)}; there are {', '.join([QUICK, *sorted(files)])}")
    try:
        content = values.read(files[name].read_text(encoding="utf-8"), f"the preset {files[name].name}") or {}
    except (OSError, UnicodeDecodeError) as err:
        raise InvalidParameter(f"the preset {files[name]} cannot be read ({err})") from err
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise InvalidParameter(
            f"the preset {files[name].name} must map notebook ids to parameters, such as "
            f"'2.2': {{n_points: 32000}}"
        )
    known = notebooks(folder)
    for id in content:
        if id not in known:
            raise UnknownName(f"the preset {name!r} names the notebook {id!r}; there are {', '.join(known)}")
    return content


def parameters_of(notebook: Path) -> dict[str, dict[str, str]]:
    """A notebook's parameters by name, as papermill reads them: default, inferred_type_name, help. Raises
    InvalidParameter for a notebook that names no kernel.
    """
    with needing("running notebooks needs", "notebooks"):
        from papermill import inspect_notebook
    if not read_notebook(notebook).get("metadata", {}).get("kernelspec"):
        raise InvalidParameter(f"{notebook} names no kernel; save it once in JupyterLab, with Python 3")
    return inspect_notebook(notebook)


def defaults_of(notebook: Path) -> dict[str, Any]:
    """A notebook's own parameters by name; None stands for one that it computes."""
    return {name: literal(entry["default"]) for name, entry in parameters_of(notebook).items()}


def plan(
    which: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    preset_name: str = QUICK,
    folder: str | Path | None = None,
    strict: bool = False,
) -> Plan:
    """The run of `which` under a preset with `parameters` on top.

    A claim that is not as declared fails the run where the parameters are the notebook's or the preset's own,
    and with `strict` under any.

    Raises UnknownName for an unknown notebook or preset, InvalidParameter for a parameter that the notebook
    lacks, that is of another type than it declares, or outside the range that it declares.
    """
    id, notebook = find(which, folder)
    if parameters is not None and not (
        isinstance(parameters, Mapping) and all(isinstance(name, str) for name in parameters)
    ):
        raise InvalidParameter(
            f"parameters={shown(parameters)}: give a dict of values by name, such as {{'seed': 1}}"
        )
    given = {
        str(name): values.plain(entry, f"notebook {id}: {name[:60]}")
        for name, entry in (parameters or {}).items()
    }
    known = parameters_of(notebook)
    own = preset(preset_name, folder).get(id, {})
    merged = own | given
    for name in merged:
        if name not in known:
            origin = "" if name in given else f" (of the preset {preset_name!r})"
            raise InvalidParameter(
                f"notebook {id} has no parameter {shown(name)}{origin}; it has {', '.join(known) or 'none'}"
            )
    ranges = {name: range_of(entry["help"]) for name, entry in known.items()}
    fitting = {}
    for name, entry in merged.items():
        fitting[name] = typed(id, name, entry, known[name])
        if ranges[name].of_data:
            fitting[name] = located(f"notebook {id}: {name}", fitting[name])
    defaults = {name: literal(entry["default"]) for name, entry in known.items()}
    if fitting:  # one parameter may bound another
        every = defaults | fitting
        for name, entry in every.items():
            if entry is not None:
                ranges[name].check(f"notebook {id}: {name}", entry, every)
    committed = all(fitting[name] == (defaults | own)[name] for name in given)
    return Plan(id, notebook, preset_name, fitting, tuple(given), strict or committed)


def grid(axes: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the axes' values, the last axis fastest."""
    if not isinstance(axes, Mapping) or not all(
        isinstance(name, str) and _is_list(each) for name, each in axes.items()
    ):
        raise InvalidParameter(
            f"axes={shown(axes)}: give a dict of lists by name, such as {{'lam': [0.01, 0.1]}}"
        )
    empty = [name for name, each in axes.items() if not each]
    if empty:
        raise InvalidParameter(f"no value for {', '.join(empty)}; give a comma list such as lam=0.01,0.1,1")
    return [dict(zip(axes, point, strict=True)) for point in itertools.product(*axes.values())]


def _is_list(axis: Any) -> bool:
    return isinstance(axis, Sequence) and not isinstance(axis, (str, bytes, bytearray))


def usual_seconds(notebook: Path) -> float:
    """Seconds that a notebook takes on one thread, by `seconds.yaml` beside it; infinite where it has no
    row.
    """
    try:
        table = values.read((notebook.parent / "seconds.yaml").read_text(encoding="utf-8"), "seconds.yaml")
        return float(table[notebook.stem.split("-")[0]])
    except (OSError, ValueError, KeyError, TypeError):
        return math.inf


def of_this_commit(ids: Iterable[str], count: int, folder: Path) -> list[str]:
    """`count` of `ids`, rotating with the commit that is checked out at `folder`, so that all have their
    turn.
    """
    ids = list(ids)
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False
        )
        start = int(done.stdout[:8] or "0", 16)
    except FileNotFoundError:  # no git: an archive of the source, which always begins with the first
        start = 0
    return [ids[(start + k) % len(ids)] for k in range(min(count, len(ids)))]
