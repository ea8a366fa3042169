"""Docstrings are plain sentences with `code` in single backticks, and perhaps an example: here they become
reStructuredText.
"""

from __future__ import annotations

import re
from typing import Any


def as_rst(text: str) -> str:
    """The sentence with its code marked as such, and other signs that Sphinx would read escaped."""
    code = re.split(r"(`[^`]+`)", text.replace("``", "`"))
    return "".join(
        f"`{part}`" if k % 2 else re.sub(r"([*|\\]|_(?=\W|$))", r"\\\1", part) for k, part in enumerate(code)
    )


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    text, rule, example = "\n".join(lines).partition("Examples\n--------\n")
    lines[:] = (as_rst(text) + rule + example).split("\n")


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
