"""The documents: every block of shell and of Python runs, every `make` names a target, every link leads
somewhere.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import unquote

import pytest

import geodesic_kit as gk

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "plugins/README.md")] + GUIDES
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
_BLOCK = re.compile(r"^( *)```(sh|python)\n(.*?)^ *```", re.S | re.M)
# A command of a page as a program runs it; `compare` tells by 1 that something differs.
_SHELL = """
import subprocess
def sh(line):
    done = subprocess.run(["bash", "-c", line])
    assert done.returncode in ((0, 1) if " compare " in line else (0,)), (line, done.returncode)
"""


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and the text of each block, in order."""
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [(language, textwrap.dedent(text)) for _, language, text in found]


def commands(text: str) -> list[str]:
    """The lines of a block of shell, without comments."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def program(page: Path) -> str:
    """A page as one Python program: its blocks in order, `make` aside, which builds the whole."""
    parts = [_SHELL]
    for language, text in blocks(page):
        if language == "python":
            parts.append(text)
        else:
            parts += [f"sh({line!r})" for line in commands(text) if not line.startswith("make")]
    return "\n".join(parts) + "\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has: the command in .venv/bin, and the notebooks, which here keep their title and
    parameters, and one claim in place of their work.
    """
    place = tmp_path_factory.mktemp("clone")
    (place / "notebooks" / "presets").mkdir(parents=True)
    for preset in (ROOT / "notebooks" / "presets").glob("*.yaml"):
        (place / "notebooks" / "presets" / preset.name).write_text(preset.read_text())
    names = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    for name in [*names, "2.3-my-section.ipynb"]:  # the last: what CONTRIBUTING has its reader write
        like = ROOT / "notebooks" / (name if name in names else "2.2-approximation-and-convergence.ipynb")
        notebook = json.loads(like.read_text())
        told = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
        work = [
            "import geodesic_kit as gk\ngk.claims.check('C2.5', here=seed, below=9)",
            "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])",
            "gk.claims.verify()",
        ]
        code = [
            {
                "cell_type": "code",
                "id": f"work-{k}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": text,
            }
            for k, text in enumerate(work)
        ]
        notebook["cells"] = [notebook["cells"][0], *told, *code]
        (place / "notebooks" / name).write_text(json.dumps(notebook))
    (place / ".venv" / "bin").mkdir(parents=True)
    command = place / ".venv" / "bin" / "geodesic-kit"
    command.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from geodesic_kit.cli import main; main()" "$@"\n'
    )
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return place


@pytest.mark.notebook
@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_a_page_runs(clone: Path, name: str) -> None:
    page = ROOT / name
    file = clone / f"test_{re.sub(r'[^a-z]', '_', name.lower())}.py"
    file.write_text(program(page))
    # A page that shows a contract is a test file of its own.
    run = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if "class Test" in file.read_text() else []
    environment = os.environ | {
        "PATH": f"{clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "MPLBACKEND": "agg",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", *run, str(file)],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_every_make_of_a_page_names_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for language, block in blocks(page) if language == "sh" for line in commands(block)]
        spans = re.findall(r"`(make [^`\n]+)`", text)
        named += [word for line in [*lines, *spans] if line.startswith("make ") for word in [line.split()[1]]]
    assert "reproduce" in named
    assert {word for word in named if "=" not in word} <= targets


@pytest.mark.parametrize("name", NAMES)
def test_links_within_the_repository_lead_somewhere(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [unquote(link) for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_guides_are_reached_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert GUIDES
    assert [path.name for path in GUIDES if f"docs/guides/{path.name}" not in text] == []


def test_every_public_class_and_function_has_its_page() -> None:
    listed = [
        getattr(importlib.import_module(place), name)
        for place, name in re.findall(
            r"^   (geodesic_kit\S*)\.(\w+)$", (ROOT / "docs" / "api.rst").read_text(), re.M
        )
    ]
    public = {name: getattr(gk, name) for name in gk.__all__}
    for name, room in [(name, room) for name, room in public.items() if inspect.ismodule(room)]:
        public |= {f"{name}.{each}": getattr(room, each) for each in room.__all__}
    documented = {name for name, it in public.items() if inspect.isclass(it) or inspect.isfunction(it)}
    assert {name for name in documented if not any(public[name] is it for it in listed)} == set()
