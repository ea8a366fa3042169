"""Every public callable is given every kind of wrong and odd input for each of its arguments: no raw error,
no hang, nothing without meaning, no input changed.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hostile.public import EXEMPT, exempt, public
from hostile.row import Row
from hostile.rows import ROWS
from hostile.trying import tried

# bytes that a call may take beyond what the process has: a demand without a check fails instead of filling
# the machine
_ROOM = 6 << 30


@pytest.fixture(autouse=True)
def _one_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """Little memory, another folder to work in, figures that nobody sees."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_every_public_callable_has_a_row() -> None:
    names = public()
    rows = {row.name.split(" ")[0] for row in ROWS}
    missing = [name for name in names if name not in rows and not exempt(name)]
    assert not missing, (
        f"{len(missing)} public callables have no row in tests/hostile, nor a reason why not: "
        f"{', '.join(missing)}"
    )
    unknown = sorted(rows - {*names, "Suggestion.build"})
    assert not unknown, f"rows of what is not public: {', '.join(unknown)}"


def test_every_exemption_is_needed() -> None:
    from fnmatch import fnmatchcase

    names = public()
    assert [pattern for pattern in EXEMPT if not any(fnmatchcase(name, pattern) for name in names)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_hostile(row: Row, record_property: Callable[[str, object], None]) -> None:
    wrong, refused, served = tried(row)
    record_property("hostile", (row.name, sorted({kind.name for _, kind in row.trials}), refused, served))
    assert not wrong, f"{len(wrong)} of {refused + served} are wrong:\n" + "\n".join(wrong)


def test_the_kinds_are_many() -> None:
    """The matrix does not shrink in silence."""
    assert len({row.name.split(" ")[0] for row in ROWS}) >= 77
    assert len({kind.name for row in ROWS for _, kind in row.trials}) >= 117
