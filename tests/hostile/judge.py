"""Whether an outcome is right: the kit's own error that names the argument, or a value that means
something.
"""

from __future__ import annotations

import faulthandler
import re
import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.sparse import issparse

from geodesic_kit import errors

from .kind import FAIR, REFUSED, SAME, Kind
from .row import Row

__all__ = ["COMPILING", "Outcome", "fingerprint", "outcome", "verdict"]

COMPILING = 60  # seconds that the first call may take, which compiles

_SECONDS = 10  # of processor time that one call may take; most take a millisecond
_RTOL = 1e-9
_NOTICES = (
    errors.ComponentsNotice,
    errors.ContrastWarning,
    errors.FallbackNotice,
    errors.RefinementNotice,
    errors.QuadratureWarning,
)
# What scikit-learn's own conventions ask of an estimator.
_SKLEARN = (ValueError, TypeError)


class TooSlow(BaseException):
    """A call did not answer in time."""


class Outcome:
    """A value, or the error that was raised instead."""

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self.value, self.error = value, error


def outcome(call: Any, kwargs: Mapping[str, Any], seconds: int = _SECONDS) -> Outcome:
    """What the call does; warnings other than the kit's notices count as errors."""
    try:
        with warnings.catch_warnings(), _in_time(seconds):
            warnings.simplefilter("error")
            for notice in _NOTICES:
                warnings.simplefilter("ignore", notice)
            return Outcome(call(**kwargs))
    except (Exception, TooSlow) as err:  # noqa: BLE001 - whatever it is, it is judged
        return Outcome(error=err)


def verdict(row: Row, name: str, kind: Kind, found: Outcome, plain: Outcome | None) -> str:
    """ "" where the outcome is right, else what is wrong with it. `plain` is what the same value gives in its
    plain form.
    """
    if found.error is not None:
        if wrong := _wrong_error(row, name, kind, found.error):
            return wrong
        if kind.must == SAME and plain is not None and plain.error is None:
            return f"refused, its plain form is served: {_line(found.error)}"
        return ""
    if kind.must == REFUSED:
        return f"accepted: {_short(found.value)}"
    if wrong := _without_meaning(row, found.value):
        return wrong
    if kind.must in (SAME, FAIR) and plain is not None:
        if plain.error is not None:
            return f"served, its plain form is refused: {_line(plain.error)}"
        return _unlike(found.value, plain.value)
    return ""


def _wrong_error(row: Row, name: str, kind: Kind, err: BaseException) -> str:
    if (
        row.name.startswith("GenerativeGeodesics")
        and isinstance(err, _SKLEARN)
        and not isinstance(err, Warning)
    ):
        return ""
    if not isinstance(err, errors.GeodesicKitError):
        return f"raw {_line(err)}"
    # What is wrong by itself is named; of what only does not fit the others, such as one point for a graph's
    # edges, either may be.
    says = (name, *row.args[name].says)
    if kind.must == REFUSED and not any(
        re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", str(err)) for word in says
    ):
        return f"names none of {', '.join(says)}: {_line(err)}"
    return ""


def _without_meaning(row: Row, value: Any) -> str:
    for place, leaf in leaves(value):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc":
            if np.isnan(leaf).any():
                return f"NaN in {place or 'the result'}"
            if not row.inf and not np.isfinite(leaf).all():
                return f"inf in {place or 'the result'}"
    return ""


def _unlike(value: Any, plain: Any) -> str:
    one, other = dict(leaves(value)), dict(leaves(plain))
    if one.keys() != other.keys():
        return f"is another thing than its plain form gives: {_short(value)}, {_short(plain)}"
    for place, leaf in one.items():
        wanted = other[place]
        if isinstance(leaf, np.ndarray) and isinstance(wanted, np.ndarray):
            if leaf.shape != wanted.shape or leaf.dtype != wanted.dtype:
                return (
                    f"{place} is {leaf.dtype} {leaf.shape}, its plain form gives {wanted.dtype} "
                    f"{wanted.shape}"
                )
            if leaf.dtype.kind == "f":
                alike = np.allclose(leaf, wanted, rtol=_RTOL, atol=_RTOL * _size(wanted), equal_nan=True)
            else:
                alike = np.array_equal(leaf, wanted)
            if not alike:
                return f"{place} differs from what its plain form gives: {_short(leaf)}, {_short(wanted)}"
        elif leaf != wanted:
            return f"{place} is {leaf!r}, its plain form gives {wanted!r}"
    return ""


def _size(array: Any) -> float:
    return float(np.abs(array).max(initial=0.0, where=np.isfinite(array)))


def leaves(value: Any, place: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The arrays, numbers and texts that a result is made of, by place."""
    if issparse(value):
        value = value.toarray()
    if isinstance(value, np.ndarray):
        yield place, np.asarray(value)
    elif isinstance(value, bool | str | bytes | type(None) | Path):
        yield place, value
    elif isinstance(value, int | float | np.generic):
        yield place, np.asarray(value)
    elif isinstance(value, list | tuple):
        yield f"{place}.len", len(value)
        for i, each in enumerate(value):
            yield from leaves(each, f"{place}[{i}]", depth + 1)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from leaves(each, f"{place}[{key!r}]", depth + 1)
    elif type(value).__name__.startswith("Axes"):
        yield from _drawn(value, place)
    elif type(value).__name__ == "Graph" and hasattr(value, "nodes"):
        yield place, np.array(sorted(value.edges))
    elif is_dataclass(value) and not isinstance(value, type) and depth < 2:
        for each in fields(value):
            # NaN is "not known" in an error that was not estimated, inf "not bounded" where nothing bounds
            if each.name not in {
                "error",
                "log_c_min",
                "log_c_max",
                "support",
                "search",
                "module",
                "model",
                "report",
            }:
                yield from leaves(getattr(value, each.name), f"{place}.{each.name}", depth + 1)
    elif hasattr(value, "means") and hasattr(value, "weights"):
        yield from leaves((value.means, value.weights), f"{place}.mixture", depth + 1)
    else:
        yield place, type(value).__qualname__


def _drawn(ax: Any, place: str) -> Iterator[tuple[str, Any]]:
    for i, line in enumerate(ax.lines):
        yield f"{place}.line[{i}]", np.asarray(line.get_xydata(), dtype=float)
    for i, image in enumerate(ax.images):
        yield f"{place}.image[{i}]", np.ma.filled(np.ma.asarray(image.get_array()).astype(float), 0.0)
    for i, dots in enumerate(ax.collections):
        yield f"{place}.dots[{i}]", np.ma.filled(dots.get_offsets(), 0.0)
    yield f"{place}.limits", np.array([*ax.get_xlim(), *ax.get_ylim()])


def fingerprint(value: Any) -> Any:
    """What can be compared before and after a call to see that an input stays as it was."""
    if isinstance(value, np.ndarray) and value is not np.ma.masked:
        return (
            value.dtype.str,
            value.shape,
            value.flags.writeable,
            _bytes(value),
            _bytes(np.ma.getmaskarray(value)),
        )
    if isinstance(value, pd.DataFrame | pd.Series):
        return repr(value.to_dict()), str(getattr(value, "dtypes", ""))
    if isinstance(value, torch.Tensor):
        return (value.dtype, value.shape, value.requires_grad, repr(value))
    if issparse(value):
        return value.dtype.str, value.shape, value.toarray().tobytes()
    if isinstance(value, list | tuple):
        return [fingerprint(each) for each in value]
    if isinstance(value, dict):
        return {key: fingerprint(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "points"):
        return {name: fingerprint(each) for name, each in vars(value).items() if isinstance(each, np.ndarray)}
    return None


def _bytes(array: Any) -> Any:
    return repr(array.tolist()) if array.dtype.hasobject else array.tobytes()


@contextmanager
def _in_time(seconds: int) -> Iterator[None]:
    """Ends a call that takes too much processor time, whatever else the machine does; one that never comes
    back to Python, or waits for ever, ends the process, with the place where it hangs.
    """

    def ring(signum: int, frame: FrameType | None) -> None:
        raise TooSlow(f"no answer in {seconds} s of processor time")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    faulthandler.dump_traceback_later(60 * seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _line(err: BaseException) -> str:
    return f"{type(err).__name__}: {' '.join(str(err).split())[:160]}"


def _short(value: Any) -> str:
    try:
        return " ".join(repr(value).split())[:120]
    except Exception as err:  # noqa: BLE001
        return f"a {type(value).__name__} that cannot be shown ({err})"
