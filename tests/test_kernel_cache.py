"""Compiled kernels on disk: found again, told apart by all files that hold some, and never the end of a
call.
"""

from __future__ import annotations

import ast
import errno
import importlib.util
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geodesic_kit_plugins
import numpy as np
import pytest

import geodesic_kit
from geodesic_kit.errors import FallbackNotice

compiled = pytest.importorskip("geodesic_kit.base.compiled", reason="numba comes with the extra `native`")

from numba.core.dispatcher import Dispatcher  # noqa: E402

from geodesic_kit.base import kernel_cache  # noqa: E402


def _twice(x):  # type: ignore[no-untyped-def]
    return 2 * x


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that kernels made within the test are kept in."""
    monkeypatch.setattr(kernel_cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiled, "folder", lambda: tmp_path)
    monkeypatch.setattr(kernel_cache.KernelCache, "_full", False)
    return tmp_path


def called(*values: Any) -> tuple[int, int]:
    """How many forms of a kernel are found on disk and how many compiled, in a process that calls it with
    these values.
    """
    kernel = compiled.kernel(_twice)
    for value in values:
        assert kernel(value) == 2 * value
    return sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())


def test_kernels_are_found_again_each_form_by_itself(place: Path) -> None:
    assert called(1.5) == (0, 1)
    assert called(3) == (0, 1)
    assert called(2.5, 4, np.float32(1)) == (2, 1)
    assert len(list(place.iterdir())) == 3


def test_a_file_that_was_cut_or_changed_is_compiled_again(place: Path) -> None:
    called(1.5)
    (file,) = place.iterdir()
    whole = file.read_bytes()
    for content in (b"", whole[:20], whole[:-1], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]):
        file.write_bytes(content)
        assert called(1.5) == (0, 1)
        assert called(1.5) == (1, 0)
    file.unlink()
    file.mkdir()
    with pytest.warns(
        FallbackNotice,
        match=r"not kept on disk, so that each process compiles its own \(.* "
        r"is a folder",
    ):
        assert called(1.5) == (0, 1)


def test_on_a_full_disk_kernels_last_as_long_as_the_process(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(
        FallbackNotice,
        match=r"compiled kernels are not kept on disk.*the disk is "
        r"full",
    ) as told:
        assert called(1.5, 3) == (0, 2)
    assert len(told) == 1
    assert called(1.5) == (0, 1), "as right without a second notice"
    assert not list(place.iterdir())


def test_a_folder_that_cannot_be_had_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    own = kernel_cache.folder.__wrapped__
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    with pytest.warns(
        FallbackNotice,
        match=r"compiled kernels are not kept on disk.*NUMBA_CACHE_DIR names "
        r"another folder",
    ):
        assert own() is None
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    found = own()
    assert found is not None
    assert found.stat().st_mode & 0o777 == 0o700
    found.chmod(0o777)
    with pytest.warns(FallbackNotice, match="others may write there"):
        assert own() is None


def test_any_file_that_holds_kernels_or_gives_them_values_changes_the_folder_and_no_other(
    tmp_path: Path,
) -> None:
    contents = {
        "a.py": "from .compiled import kernel\nfrom .low.values import (\n    ONE,  # a comment\n    "
        "TWO,\n)\n",
        "b.py": "from pack.compiled import kernel\nfrom .low import further\n",
        "low/__init__.py": "",
        "low/values.py": "from ..root import ONE\nTWO = 2\n",
        "low/further.py": "THREE = 3\n",
        "root.py": "ONE = 1\n",
        "plain.py": "from .a import kernel\nx = 1\n",
    }
    (tmp_path / "low").mkdir()
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    before = kernel_cache._code(kernel_cache._sources(pack=tmp_path))
    changed = set()
    for name, content in contents.items():
        (tmp_path / name).write_text(content + "# changed\n")
        if kernel_cache._code(kernel_cache._sources(pack=tmp_path)) != before:
            changed.add(name)
        (tmp_path / name).write_text(content)
    assert changed == contents.keys() - {"plain.py"}


def test_what_kernels_are_compiled_with_is_in_the_folders_name() -> None:
    packages = {"geodesic_kit": geodesic_kit, "geodesic_kit_plugins": geodesic_kit_plugins}
    hashed = kernel_cache._sources(
        **{name: Path(str(package.__file__)).parent for name, package in packages.items()}
    )
    kernels, used = 0, set()
    for module in [
        importlib.import_module(name) for name, content in hashed.items() if b"compiled import" in content
    ]:
        origin = {
            alias.asname or alias.name: (f"{'.' * line.level}{line.module or ''}", alias.name)
            for line in ast.parse(inspect.getsource(module)).body
            if isinstance(line, ast.ImportFrom)
            for alias in line.names
        }
        for kernel in vars(module).values():
            if isinstance(kernel, Dispatcher):
                kernels += 1
                for name in {
                    *inspect.getclosurevars(kernel.py_func).globals,
                    *kernel.py_func.__code__.co_names,
                } & origin.keys():
                    source, _ = origin[name]
                    used.add(importlib.util.resolve_name(source, module.__package__))
                used.add(kernel.py_func.__module__)
    assert kernels > 20
    assert "geodesic_kit_plugins.densities.mog.covariances" in used
    assert {name for name in used if name.split(".")[0] in packages} - hashed.keys() == set()


def test_former_folders_go_but_for_the_latest(tmp_path: Path) -> None:
    for age in range(6):
        (tmp_path / str(age)).mkdir()
        (tmp_path / str(age) / "kept.nbc").touch()
        os.utime(tmp_path / str(age), (1e9 - age, 1e9 - age))
    kernel_cache._prune(tmp_path, tmp_path / "5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2", "5"]
