"""The examples in the docstrings of what people call first: each runs, and says what it prints."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import geodesic_kit as gk


def public() -> dict[str, Any]:
    """Classes and functions by the name that one calls them by."""
    rooms = {"": gk} | {f"{name}.": getattr(gk, name) for name in gk.__all__}
    rooms = {name: room for name, room in rooms.items() if inspect.ismodule(room)}
    named = {f"{place}{name}": getattr(room, name) for place, room in rooms.items() for name in room.__all__}
    return {name: it for name, it in named.items() if inspect.isclass(it) or inspect.isfunction(it)}


EXAMPLES = {name: it for name, it in public().items() if ">>>" in (it.__doc__ or "")}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    plt.close("all")
    gk.claims.reset()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_it_says(name: str) -> None:
    text = inspect.getdoc(EXAMPLES[name]) or ""
    test = doctest.DocTestParser().get_doctest(text, {"gk": gk, "np": np}, name, None, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


def test_what_people_call_first_has_an_example() -> None:
    first = {name for name in gk.__all__ if name in public()} - {"Graph", "Geodesic", "ShortestPaths"}
    assert first <= set(EXAMPLES)
    assert len(EXAMPLES) >= 30
