"""What is missing where an extra of the kit is not installed, said in one way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import MissingPlugin

__all__ = ["needing"]


@contextmanager
def needing(who: str, extra: str) -> Iterator[None]:
    """Imports within it that `extra` brings: MissingPlugin says how to install it, as in "plots need
    matplotlib: pip install ...".

    `who` is a subject with its verb.
    """
    try:
        yield
    except ModuleNotFoundError as err:
        raise MissingPlugin(f"{who} {err.name}: pip install 'geodesic-kit[{extra}]'", name=err.name) from err
