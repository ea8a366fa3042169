"""A kind of input: how it is made from a valid value, and what a callable that is given it must do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["FAIR", "REFUSED", "SAME", "SERVED", "Kind", "fair", "itself", "refused", "same", "served"]

REFUSED = "refused"  # an error of the kit's own
SAME = "same"  # what the plain form of the same value gives, to the last digits
FAIR = "fair"  # either of these: reading it is a kindness, refusing it is right as well
SERVED = "served"  # a right error, or a result with a meaning: whether it can be used hangs on the callable

Make = Callable[[Any], Any]


@dataclass(frozen=True)
class Kind:
    """`make` turns a valid value into this kind, `plain` into the plain form that must give the same."""

    name: str
    must: str
    make: Make
    plain: Make


def refused(name: str, make: Make) -> Kind:
    return Kind(name, REFUSED, make, itself)


def same(name: str, make: Make, plain: Make | None = None) -> Kind:
    return Kind(name, SAME, make, plain or itself)


def fair(name: str, make: Make, plain: Make | None = None) -> Kind:
    return Kind(name, FAIR, make, plain or itself)


def served(name: str, make: Make) -> Kind:
    return Kind(name, SERVED, make, itself)


def itself(value: Any) -> Any:
    return value
