"""Work in a fresh interpreter: nothing of another row in memory, and a crash ends that row alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "ChildFailed", "call"]

ROOT = Path(__file__).resolve().parent.parent


class ChildFailed(RuntimeError):
    """The interpreter that was to do the work ended without an answer."""


def call(target: str, *, timeout: float = 600, environment: dict[str, str] | None = None, **arguments: Any) -> Any:
    """What `target`, "module:function", returns for the arguments in an interpreter of its own; both travel as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "benchmarks.child", target, json.dumps(arguments), str(answer)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            raise ChildFailed(f"{target} took more than {timeout:g} s") from None
        if done.returncode or not answer.exists():
            said = done.stderr.strip().splitlines()
            raise ChildFailed(said[-1] if said else f"{target} ended with code {done.returncode}")
        return json.loads(answer.read_text(encoding="utf-8"))
