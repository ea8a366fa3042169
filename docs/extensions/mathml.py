"""Formulas as MathML, made when the site is built: browsers draw it themselves, and no script is loaded."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

_LOG = logging.getLogger(__name__)


def _written(node: Any, display: str) -> str:
    formula = node.astext()
    try:
        made = convert(formula, display=display)
    except Exception as err:  # noqa: BLE001  # whatever the converter trips over is told with the formula
        made = f"\\{type(err).__name__}"
    if re.search(r"\\[A-Za-z]", made):
        _LOG.warning("no MathML for the formula %s", formula, location=node)
        return f"<code>{escape(formula)}</code>"
    return made


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(_written(node, "inline"))
    raise nodes.SkipNode


def _block(translator: Any, node: Any) -> None:
    translator.body.append(f'<div class="formula">{_written(node, "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
