"""The docstrings of what people call first: each example runs and prints what it says, and each parameter is
told, with its default.
"""

from __future__ import annotations

import ast
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


def told(text: str) -> dict[str, str]:
    """What the section of parameters says each is, by name, in its order: type, shape and default."""
    section = text.partition("\nParameters\n----------\n")[2].partition("\n\n")[0]
    lines = [line.split(" : ", 1) for line in section.split("\n") if line and line[0] != " "]
    named = [(name, what) for names, what in lines for name in names.split(", ")]
    assert len(dict(named)) == len(named), "a parameter is told twice"
    return dict(named)


def default_of(what: str) -> Any:
    """The default that is told, None for what is optional, `inspect`'s `empty` for what must be given."""
    _, marked, said = what.rpartition(", default ")
    if marked:
        return NAMED[said] if said in NAMED else ast.literal_eval(said)
    return None if what.endswith(", optional") else inspect.Parameter.empty


NAMED = {"inf": np.inf, "float64": np.float64}
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


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_parameter_is_told_with_its_default_and_no_other(name: str) -> None:
    starred = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    signature = inspect.signature(EXAMPLES[name]).parameters.values()
    defaults = {starred.get(one.kind, "") + one.name: one.default for one in signature}
    found = {one: default_of(what) for one, what in told(inspect.getdoc(EXAMPLES[name]) or "").items()}
    assert list(found) == list(defaults)
    assert found == defaults


def test_what_people_call_first_has_an_example() -> None:
    first = {name for name in gk.__all__ if name in public()} - {"Graph", "Geodesic", "ShortestPaths"}
    assert first <= set(EXAMPLES)
    assert len(EXAMPLES) >= 30
