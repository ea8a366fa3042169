"""What the contracts share: how a plugin is made, how an input is held still, how an error is expected."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn
from unittest import SkipTest

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeodesicKitError
from ..types import Points

__all__ = ["ALONE", "Contract", "LearnedContract", "close", "refuses", "skip", "still", "two_clusters"]

ALONE = 8  # rows that are asked for one by one: a model that sees its batch gives another value at each
_MARK = 190_319_377


class Contract:
    """Base of the contracts: `plugin` is a class, a factory without arguments, or a ready object; or override
    `make`.
    """

    plugin: ClassVar[Any] = None

    def make(self) -> Any:
        """The object under test, made anew."""
        plugin = type(self).plugin  # through the class: a plain function must not become a method
        if plugin is None:
            raise TypeError(
                f"{type(self).__name__} names no plugin: set `plugin = Mine`, or override make(self)"
            )
        return plugin() if callable(plugin) else plugin


class LearnedContract(Contract):
    """Base of the contracts of what may be fitted: a class with `fit` is fitted to `data()`."""

    def data(self) -> Points:
        """Points to fit to and to evaluate at, (n, d): by default 200 in two uneven clusters of the plane."""
        return two_clusters()

    def make(self) -> Any:
        """The object under test, made anew."""
        plugin = type(self).plugin
        return (
            plugin.fit(self.data(), seed=0)
            if isinstance(plugin, type) and hasattr(plugin, "fit")
            else super().make()
        )


def close(found: ArrayLike, wanted: ArrayLike, rtol: float, what: str, atol: float = 0.0) -> None:
    """Raises AssertionError that begins with `what` unless the arrays have one shape and agree; inf equals
    inf, NaN nothing.
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, f"{what}: shape {found.shape}, {wanted.shape} is needed"
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol, equal_nan=False, err_msg=what)


@contextmanager
def refuses(what: str) -> Iterator[None]:
    """Raises AssertionError unless the block raises one of the kit's errors, ValueError or TypeError, with a
    text.
    """
    text = None
    try:
        yield
    except (GeodesicKitError, ValueError, TypeError) as err:
        text = str(err)
    assert text is not None, f"{what} is accepted; raise an error that names it"
    assert text, f"{what} is refused by an error without a text"


@contextmanager
def still(*arrays: NDArray[Any]) -> Iterator[None]:
    """Raises AssertionError where the block changed one of the arrays, or a global random state of NumPy,
    Python or torch.

    Within it these states are such as no plugin would leave behind, so that one that was seeded before is
    seen to be seeded again.
    """
    before = [array.copy() for array in arrays]
    kept, marked = _random_states(), _marked_states()
    _set_random_states(marked)
    try:
        yield
        now = _random_states()  # torch may have been imported meanwhile
        touched = [name for name, state in marked.items() if not _equal(now[name], state)]
    finally:
        _set_random_states(kept)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, before, strict=True)), (
        "an input array was changed in place"
    )
    assert not touched, f"the global random state of {' and '.join(touched)} was touched; take a seed"


def _random_states() -> dict[str, Any]:
    """The global random states that there are, by whose they are."""
    states: dict[str, Any] = {"NumPy": np.random.get_state(), "Python": random.getstate()}  # noqa: NPY002  # what is looked at
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state()
    return states


def _marked_states() -> dict[str, Any]:
    """States that nothing else leads to."""
    states: dict[str, Any] = {
        "NumPy": np.random.RandomState(_MARK).get_state(),
        "Python": random.Random(_MARK).getstate(),
    }
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.Generator().manual_seed(_MARK).get_state()
    return states


def _set_random_states(states: dict[str, Any]) -> None:
    np.random.set_state(states["NumPy"])  # noqa: NPY002
    random.setstate(states["Python"])
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])


def _equal(state: Any, other: Any) -> bool:
    """Whether two states of one kind are equal, arrays among their parts."""
    if isinstance(state, tuple):
        return len(state) == len(other) and all(map(_equal, state, other))
    return bool(np.array_equal(state, other))


def skip(reason: str) -> NoReturn:
    """Skip the running test; unittest's way, which pytest honours without being imported here."""
    raise SkipTest(reason)


def two_clusters() -> Points:
    """200 points of the plane in two unequal clusters, (200, 2), always the same."""
    rng = np.random.default_rng(20)
    x = rng.standard_normal((200, 2))
    return np.where(np.arange(200)[:, None] % 3 == 0, 0.5 * x + [3.0, 1.0], x)
