"""The house: rooms are where CONTRIBUTING says, tables name what the registries hold, files stay short."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest

import geodesic_kit as gk

ROOT = Path(__file__).resolve().parent.parent
KIT, PLUGINS = ROOT / "geodesic_kit", ROOT / "plugins"
FACE = {"__init__.py", "registry.py", "errors.py"}


def section(text: str, title: str) -> str:
    """What stands below a heading of Markdown, up to the next one."""
    return re.split(r"^## ", text.split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_only_the_face_lies_beside_the_rooms() -> None:
    assert {path.name for path in KIT.glob("*.py")} == FACE


def test_contributing_names_every_room_from_the_top_step_down() -> None:
    rows = section((ROOT / "CONTRIBUTING.md").read_text(), "The rooms of geodesic_kit")
    named = re.findall(r"^\| ((?:`[\w/.]+`(?:, | )?)+) *\|", rows, flags=re.MULTILINE)
    rooms = [room.rstrip("/") for row in named for room in re.findall(r"`([\w/.]+)`", row)]
    assert len(rooms) == len(set(rooms))
    assert {room for room in rooms if not room.endswith(".py")} == packages(KIT)
    assert {room for room in rooms if room.endswith(".py")} == FACE - {"__init__.py"}


@pytest.mark.parametrize("kind", ["densities", "solvers", "decoders"])
def test_the_plugins_readme_names_every_plugin(kind: str) -> None:
    rows = section((PLUGINS / "README.md").read_text(), f"The {kind} here")
    named = set(re.findall(r"^\| `(\w+)` \|", rows, flags=re.MULTILINE))
    registry = getattr(gk, kind)
    assert named == {
        name for name, provider in registry.providers().items() if provider.startswith("geodesic-kit ")
    }


def test_every_sentence_of_the_papers_has_its_file() -> None:
    rows = section((ROOT / "CONTRIBUTING.md").read_text(), "Where a sentence of the papers is")
    files = re.findall(r"`((?:geodesic_kit|plugins)/[\w/]+\.py)`", rows)
    assert len(files) > 10
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_modules_stay_short() -> None:
    lengths = {
        path: len(path.read_text().splitlines()) for folder in (KIT, PLUGINS) for path in folder.rglob("*.py")
    }
    assert statistics.median(lengths.values()) <= 150
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > 300} == {}
