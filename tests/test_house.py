"""The house itself: what is installed, what is declared, and that the lists which must agree do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

import geodesic_kit as gk
from geodesic_kit.paper.claims.table import replace_block, write_ledger
from geodesic_kit.paper.ledger import readme_table, rows
from geodesic_kit.paper.runs import catalog

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# PyPI name -> conda-forge name, where they differ. The `-base` and `-core` packages are the ones without GUI
# or TeX.
CONDA_NAMES = {
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
    "nbconvert": "nbconvert-core",
}


def python(program: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter in `folder`."""
    return subprocess.run(
        [sys.executable, *options, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )


def requirements(*extras: str) -> dict[str, str]:
    """Requirements of the core and the extras by PyPI name, `geodesic-kit[...]` resolved."""
    found: dict[str, str] = {}
    for line in [
        *PYPROJECT["project"]["dependencies"],
        *(r for extra in extras for r in PYPROJECT["project"]["optional-dependencies"][extra]),
    ]:
        name, inner, bound = re.fullmatch(r"([\w.-]+)(?:\[([\w,]+)\])?([^;]*)(?:;.*)?", line).groups()  # type: ignore[union-attr]  # lines are ours
        found |= requirements(*inner.split(",")) if name == "geodesic-kit" else {name: bound.strip()}
    return found


@pytest.mark.parametrize("option", ["-I", "-P"])
def test_no_top_level_package_called_plugins_can_be_imported(tmp_path: Path, option: str) -> None:
    done = python("import geodesic_kit, geodesic_kit_plugins, plugins", tmp_path, option)
    assert "ModuleNotFoundError: No module named 'plugins'" in done.stderr


def test_the_installed_distribution_names_two_import_packages() -> None:
    assert (distribution("geodesic-kit").read_text("top_level.txt") or "").split() == [
        "geodesic_kit",
        "geodesic_kit_plugins",
    ]


def test_the_wheel_holds_the_two_import_packages_and_nothing_else(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("geodesic_kit", "plugins", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = python("from setuptools.build_meta import build_wheel; build_wheel('.')", tmp_path)
    assert done.returncode == 0, done.stderr
    wheel = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {
        "geodesic_kit",
        "geodesic_kit_plugins",
        f"geodesic_kit-{gk.__version__}.dist-info",
    }
    # Every source file travels: a package missing from pyproject's list would be noticed by users only.
    sources = {
        f"geodesic_kit/{p.relative_to(ROOT / 'geodesic_kit').as_posix()}"
        for p in (ROOT / "geodesic_kit").rglob("*.py")
    }
    sources |= {
        f"geodesic_kit_plugins/{p.relative_to(ROOT / 'plugins').as_posix()}"
        for p in (ROOT / "plugins").rglob("*.py")
    }
    assert sources <= set(names)
    # And every file of weights, with its card.
    weights = {
        f"geodesic_kit_plugins/weights/{p.name}"
        for kind in ("safetensors", "npz")
        for p in (ROOT / "data").glob(f"*.{kind}*")
    }
    assert {"geodesic_kit_plugins/weights/__init__.py"} | weights <= set(names)
    assert {
        "geodesic_kit/py.typed",
        "geodesic_kit_plugins/py.typed",
        "geodesic_kit/paper/runs/report.html.j2",
    } <= set(names)


def test_importing_the_kit_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = {
        "torch",
        "sklearn",
        "matplotlib",
        "seaborn",
        "ipywidgets",
        "IPython",
        "papermill",
        "networkx",
        "typer",
        "geodesic_kit_plugins",
    }
    program = (
        f"import sys, geodesic_kit, geodesic_kit.paper.claims; print(sorted({heavy} & set(sys.modules)))"
    )
    done = python(program, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (
        gk.__version__
        == PYPROJECT["project"]["version"]
        == citation["version"]
        == distribution("geodesic-kit").version
    )


def test_every_public_name_is_there() -> None:
    for name in gk.__all__:
        assert getattr(gk, name) is not None
    assert set(gk.__all__) <= set(dir(gk))
    with pytest.raises(
        AttributeError, match="module 'geodesic_kit' has no attribute 'geodesics_of'; there are"
    ):
        gk.geodesics_of  # noqa: B018  # the access is the test


@pytest.mark.parametrize("name", ["environment.yml", "environment-gpu.yml"])
def test_conda_environments_name_what_pyproject_names(name: str) -> None:
    environment: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    listed = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    bounds = {re.split(r"[<>=]", entry)[0]: entry for entry in listed}
    assert len(bounds) == len(listed)
    wanted = {CONDA_NAMES.get(pypi, pypi): bound for pypi, bound in requirements("all").items()}
    wanted |= {"python": PYPROJECT["project"]["requires-python"], "pip": ""}
    if name == "environment-gpu.yml":
        cugraph = PYPROJECT["project"]["optional-dependencies"]["cugraph"][0]
        wanted |= {
            "cugraph": cugraph.split(";")[0].removeprefix("cugraph-cu12").strip(),
            "cuda-version": "=12.9",
        }
        assert environment["channels"][0] == "rapidsai"
    assert bounds == {conda: conda + bound for conda, bound in wanted.items()}
    assert [entry for entry in environment["dependencies"] if isinstance(entry, dict)] == [{"pip": ["-e ."]}]


def test_extras_are_complete_and_leave_the_gpu_out() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    assert set(requirements("all")) == set(
        requirements(*(set(extras) - {"all", "dev", "test", "bench", "docs", "cugraph"}))
    )
    assert not any("cugraph" in name for name in requirements("dev"))
    assert extras["cugraph"][0].startswith("cugraph-cu12")  # plain `cugraph` is an empty stub
    assert "sys_platform == 'linux'" in extras["cugraph"][0]
    assert set(requirements()) == {"numpy", "scipy"}


def test_every_plugin_extra_exists() -> None:
    extras = set(PYPROJECT["project"]["optional-dependencies"])
    for group in PYPROJECT["project"]["entry-points"].values():
        for target in group.values():
            assert set(re.findall(r"\[([\w,]+)\]", target)) <= extras


def test_constraints_pin_all_that_is_required_exactly_and_without_a_local_tag() -> None:
    lines = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    pins = dict(line.split("==") for line in lines)
    assert not any("+" in version for version in pins.values())
    assert {name.lower() for name in requirements("dev", "bench")} <= {name.lower() for name in pins}


def test_committed_files_name_no_machine_and_read_no_pickle() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    machine, unpickling = (
        r"/(?:root|home/\w+|work|tmp/venv)/",
        r"pickle\.loads?\(|allow_pickle ?= ?True|torch\.load\(",
    )
    forbidden = re.compile(rf"{machine}|{unpickling}|^\s*except:", re.MULTILINE)
    texts = {".py", ".ipynb", ".md", ".toml", ".yml", ".yaml", ".txt", ".cfg", ".json", ""}
    for name in done.stdout.splitlines():
        path = ROOT / name
        if path == Path(__file__) or not path.exists() or path.suffix not in texts:
            continue
        # A test may send a density through pickle, as a worker process would: it reads what it wrote itself.
        # What a Dask worker is sent comes by pickle, whoever opens it.
        opened = name.startswith("tests/") or name == "geodesic_kit/workers/parcel.py"
        pattern = re.compile(machine) if opened else forbidden
        found = pattern.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{name}: {found and found[0]}"


def test_the_committed_ledger_is_that_of_the_committed_notebooks(tmp_path: Path) -> None:
    folder = ROOT / "notebooks"
    write_ledger(tmp_path, rows(folder))
    for name in ("claims.json", "claims.md"):
        assert (folder / name).read_text() == (tmp_path / name).read_text(), "run `make claims`"
    readme = (ROOT / "README.md").read_text()
    assert readme == replace_block(readme, readme_table(folder)), "run `make claims`"
    assert len(readme.encode()) <= 8192, (
        "README is a newcomer's page: what is longer is a guide in docs/guides"
    )


def test_committed_notebooks_have_the_kits_form() -> None:
    for id, path in catalog.notebooks(ROOT / "notebooks").items():
        cells = json.loads(path.read_text())["cells"]
        assert "".join(cells[0]["source"]).startswith("# "), f"{path.name} begins with no title"
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in code if cell["source"]), (
            f"{path.name} is committed without its outputs"
        )
        assert not any(output["output_type"] == "error" for cell in code for output in cell["outputs"]), (
            f"{path.name} holds an error"
        )
        if id == "explorer":
            continue
        assert "seed" in catalog.parameters_of(path), f"{path.name} has no parameter `seed`"
        last = "".join(cells[-1]["source"]).removeprefix("gk.")
        assert last == "claims.verify()", f"{path.name}: its last cell is claims.verify(), behind Try it"
        for cell in code:
            if "claims.check(" in "".join(cell["source"]):
                assert "nbval-ignore-output" in cell["metadata"].get("tags", []), (
                    f"{path.name}: tag the cell of claims.check"
                )
