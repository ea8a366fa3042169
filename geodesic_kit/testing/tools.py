"""What the contracts share: how a plugin is made, how an input is held still, how an error is expected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn
from unittest import SkipTest

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeodesicKitError
from ..types import Points

__all__ = ["Contract", "close", "refuses", "skip", "still", "two_clusters"]


class Contract:
    """Base of the contracts: `plugin` is a class, a factory without arguments, or a ready object; or override `make`."""

    plugin: ClassVar[Any] = None

    def make(self) -> Any:
        """The object under test, made anew."""
        plugin = type(self).plugin  # through the class: a plain function must not become a method
        if plugin is None:
            raise TypeError(f"{type(self).__name__} names no plugin: set `plugin = Mine`, or override make(self)")
        return plugin() if callable(plugin) else plugin


def close(found: ArrayLike, wanted: ArrayLike, rtol: float, what: str, atol: float = 0.0) -> None:
    """Raises AssertionError that begins with `what` unless the arrays have one shape and agree; inf equals inf, NaN nothing."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, f"{what}: shape {found.shape}, {wanted.shape} is needed"
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol, equal_nan=False, err_msg=what)


@contextmanager
def refuses(what: str) -> Iterator[None]:
    """Raises AssertionError unless the block raises one of the kit's errors, ValueError or TypeError, with a text."""
    text = None
    try:
        yield
    except (GeodesicKitError, ValueError, TypeError) as err:
        text = str(err)
    assert text is not None, f"{what} is accepted; raise an error that names it"
    assert text, f"{what} is refused by an error without a text"


@contextmanager
def still(*arrays: NDArray[Any]) -> Iterator[None]:
    """Raises AssertionError where the block changed one of the arrays or NumPy's global random state."""
    before = [array.copy() for array in arrays]
    state = str(np.random.get_state())  # noqa: NPY002  # read only, to see that nobody touches it
    yield
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, before, strict=True)), "an input array was changed in place"
    assert str(np.random.get_state()) == state, "the global random state was touched; take a seed"  # noqa: NPY002


def skip(reason: str) -> NoReturn:
    """Skip the running test; unittest's way, which pytest honours without being imported here."""
    raise SkipTest(reason)


def two_clusters() -> Points:
    """200 points of the plane in two unequal clusters, (200, 2), always the same."""
    rng = np.random.default_rng(20)
    x = rng.standard_normal((200, 2))
    return np.where(np.arange(200)[:, None] % 3 == 0, 0.5 * x + [3.0, 1.0], x)
