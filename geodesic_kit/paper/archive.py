"""What archives read about the repository: codecheck.yml, .zenodo.json, codemeta.json, binder/ and the hashed
requirements, each made from pyproject.toml, CITATION.cff, environment.yml, constraints.txt and the notebooks.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from ..base.extras import needing
from ..base.files import make_folder, write_text
from ..errors import MissingPlugin, RunFailed, UnknownName
from .claims.statements import SECTIONS
from .runs.catalog import notebooks

__all__ = ["contents", "pins", "requirements", "write"]

_REQUIREMENTS = "requirements.txt"
_PYTHON = "3.11.7"  # of which the committed outputs are
_HEAD = f"""\
# constraints.txt with the SHA-256 of every file of each version; written by `geodesic-kit archive`.
# pip install --no-deps --require-hashes -r {_REQUIREMENTS} && pip install --no-deps -e .
# torch: its CUDA libraries are left out; a PyTorch of this version for the CPU, installed first, is kept.
"""


def contents(root: Path) -> dict[str, str]:
    """The texts of all but the requirements, by their path in the clone at `root`. Raises UnknownName where
    it is none.
    """
    with needing("the archive's files need", "notebooks"):
        import yaml

    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
        environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    except (OSError, KeyError) as err:
        raise UnknownName(f"{root} is no clone of the repository ({err}); run the command in one") from err
    paper = citation["preferred-citation"]
    arxiv = next(one["value"] for one in paper["identifiers"] if one["value"].startswith("arXiv:"))
    conda = {
        "channels": environment["channels"],
        "dependencies": [each for each in environment["dependencies"] if isinstance(each, str)],
    }
    return {
        "codecheck.yml": "---\n" + _yaml(_codecheck(root, paper, arxiv)),
        ".zenodo.json": _json(_zenodo(project, citation, arxiv)),
        "codemeta.json": _json(_codemeta(project, citation, paper, arxiv)),
        "binder/environment.yml": "# environment.yml, less the kit itself: postBuild installs it.\n"
        + _yaml(conda),
        "binder/postBuild": "#!/bin/sh\nset -e\npython -m pip install --no-deps -e .\n",
    }


def _codecheck(root: Path, paper: dict[str, Any], arxiv: str) -> dict[str, Any]:
    files = {
        "results/index.html": "every run with its figures",
        "results/claims.json": "the ledger of claims",
    }
    for id, path in notebooks(root / "notebooks").items():
        if id in SECTIONS:
            files[f"results/executed/{path.name}"] = SECTIONS[id]
    return {
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "paper": {
            "title": paper["title"],
            "authors": [{"name": author["family-names"]} for author in paper["authors"]],
            "reference": _address(arxiv),
        },
        "summary": "make reproduce writes these files",
        "manifest": [{"file": file, "comment": comment} for file, comment in files.items()],
    }


def _zenodo(project: dict[str, Any], citation: dict[str, Any], arxiv: str) -> dict[str, Any]:
    return {
        "title": citation["title"],
        "description": citation["abstract"],
        "upload_type": "software",
        "access_right": "open",
        "language": "eng",
        "version": project["version"],
        "license": project["license"],
        "creators": [{"name": author["name"]} for author in citation["authors"]],
        "keywords": project["keywords"],
        "related_identifiers": [
            {
                "identifier": arxiv,
                "relation": "references",
                "scheme": "arxiv",
                "resource_type": "publication-preprint",
            }
        ],
    }


def _codemeta(
    project: dict[str, Any], citation: dict[str, Any], paper: dict[str, Any], arxiv: str
) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "name": citation["title"],
        "identifier": project["name"],
        "description": citation["abstract"],
        "version": project["version"],
        "license": f"https://spdx.org/licenses/{project['license']}",
        "author": [{"type": "Organization", "name": author["name"]} for author in citation["authors"]],
        "keywords": project["keywords"],
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {project['requires-python']}",
        "softwareRequirements": project["dependencies"],
        "softwareSuggestions": project["optional-dependencies"]["all"],
        "referencePublication": {
            "type": "ScholarlyArticle",
            "name": paper["title"],
            "author": [
                {"type": "Person", "familyName": author["family-names"]} for author in paper["authors"]
            ],
            "datePublished": str(paper["year"]),
            "url": _address(arxiv),
        },
    }


def pins(text: str) -> dict[str, str]:
    """The versions that a file of requirements pins, by name, written as package indexes do."""
    found = re.findall(r"^([\w.-]+)==([^\s\\;]+)", text, re.M)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def requirements(root: Path) -> str:
    """The hashed requirements: those that are there where they pin what constraints.txt does, else made anew
    by uv, which asks the package index for the hashes.

    Raises MissingPlugin where uv is wanted and absent, RunFailed where it finds no answer.
    """
    wanted = pins((root / "constraints.txt").read_text(encoding="utf-8"))
    place = root / _REQUIREMENTS
    there = place.read_text(encoding="utf-8") if place.exists() else ""
    if pins(there) == wanted and there.startswith(_HEAD):
        return there
    uv = shutil.which("uv")
    if uv is None:
        raise MissingPlugin("hashes of changed constraints need uv: pip install uv", name="uv")
    options = ["--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", _PYTHON]
    # No address of an index gets into the file, whichever this machine asks.
    options += ["--no-emit-index-url", "--no-emit-find-links"]
    done = subprocess.run(
        [uv, "pip", "compile", "--quiet", *options, "constraints.txt"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RunFailed(f"uv found no hashes: {' '.join(done.stderr.split())[:300]}")
    return _HEAD + done.stdout


def write(root: Path) -> list[Path]:
    """Write them into the clone at `root`; returns the files. Raises as `contents` and `requirements`."""
    texts = contents(root) | {_REQUIREMENTS: requirements(root)}
    make_folder(root / "binder")
    for name, text in texts.items():
        write_text(root / name, text)
    (root / "binder" / "postBuild").chmod(0o755)
    return [root / name for name in texts]


def _address(arxiv: str) -> str:
    return f"https://arxiv.org/abs/{arxiv.removeprefix('arXiv:')}"


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _yaml(content: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
