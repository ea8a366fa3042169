"""What archives read is what the repository is made of; README's moving figure is made by its command."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from PIL import Image

from geodesic_kit.errors import MissingPlugin, RunFailed, UnknownName
from geodesic_kit.paper import archive
from geodesic_kit.paper.experiments.make_animation import make_animation

ROOT = Path(__file__).resolve().parent.parent


def test_the_committed_files_are_those_that_the_command_writes() -> None:
    for name, text in archive.contents(ROOT).items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, f"{name}: run `make archive`"
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_every_pin_has_its_hashes_and_no_index_has_its_address() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert archive.requirements(ROOT) == text, "run `make archive`"
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.M).strip())
    assert len(entries) == len(archive.pins((ROOT / "constraints.txt").read_text(encoding="utf-8")))
    assert all(
        re.fullmatch(r"[\w.-]+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", entry) for entry in entries
    )
    assert "://" not in text


def test_nothing_is_named_that_does_not_exist() -> None:
    zenodo, codemeta = (
        json.loads((ROOT / name).read_text(encoding="utf-8")) for name in (".zenodo.json", "codemeta.json")
    )
    assert zenodo["creators"] == [{"name": "Geodesic Kit developers"}]
    assert codemeta["author"] == [{"type": "Organization", "name": "Geodesic Kit developers"}]
    check = yaml.safe_load((ROOT / "codecheck.yml").read_text(encoding="utf-8"))
    assert not {"codechecker", "certificate", "report"} & set(check)  # nobody has checked it yet
    for text in (json.dumps([zenodo, codemeta]), json.dumps(check)):
        assert "orcid" not in text.lower()
        assert "doi" not in text.lower()
    executed = [one["file"] for one in check["manifest"] if one["file"].startswith("results/executed/")]
    assert executed
    assert all((ROOT / "notebooks" / Path(file).name).exists() for file in executed)


def test_hashes_are_asked_for_where_a_pin_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "constraints.txt").write_text("# why\nnumpy==2.4.6\n")
    (tmp_path / "requirements.txt").write_text("numpy==2.4.5\n")
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(MissingPlugin, match="hashes of changed constraints need uv: pip install uv"):
        archive.requirements(tmp_path)
    answer = "numpy==2.4.6 \\\n    --hash=sha256:00\n"
    code = 1

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        assert command[:3] == ["uv", "pip", "compile"]
        return subprocess.CompletedProcess(command, code, answer, "no\nsuch version")

    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(RunFailed, match="uv found no hashes: no such version"):
        archive.requirements(tmp_path)
    code = 0
    text = archive.requirements(tmp_path)
    assert text.endswith(answer)
    (tmp_path / "requirements.txt").write_text(text)
    code = 1
    assert archive.requirements(tmp_path) == text  # nothing is asked for again


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="is no clone of the repository"):
        archive.contents(tmp_path)


@pytest.mark.filterwarnings("ignore::geodesic_kit.errors.ContrastWarning")
def test_the_moving_figure_goes_there_and_back(tmp_path: Path) -> None:
    with Image.open(make_animation(tmp_path / "docs" / "a.gif", n=300, frames=3)) as image:
        assert (image.format, image.n_frames) == ("GIF", 4)  # type: ignore[attr-defined]
        sizes = image.size
    with Image.open(ROOT / "docs" / "geodesic.gif") as image:
        assert image.size == sizes
        assert image.n_frames > 20  # type: ignore[attr-defined]
