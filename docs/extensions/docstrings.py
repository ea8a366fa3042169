"""Docstrings are plain sentences with `code` in single backticks, and perhaps numpydoc's sections: here they
become reStructuredText.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes


def as_rst(text: str) -> str:
    """The sentence with its code marked as such, and other signs that Sphinx would read escaped."""
    code = re.split(r"(`[^`]+`)", text.replace("``", "`"))
    return "".join(
        f"`{part}`" if k % 2 else re.sub(r"([*|\\]|_(?=\W|$))", r"\\\1", part) for k, part in enumerate(code)
    )


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    text, rule, example = "\n".join(lines).partition("Examples\n--------\n")
    lines[:] = (as_rst(text) + rule + example).split("\n")


def _undash(app: Any, doctree: nodes.document) -> None:
    """Takes away the dash that Sphinx puts behind an error, where it is told without a reason."""
    for line in doctree.findall(nodes.paragraph):
        if len(line) > 1 and line[-2].astext() == " – " and not line[-1].astext():
            del line[-2:]


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _process)
    app.connect("doctree-read", _undash)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
