"""The ledger: claims gathered from notebooks, and how they are printed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.files import write_text
from ...errors import TruncatedFileError, UnknownName
from .claim import MIME, Claim

__all__ = ["Table", "as_markdown", "claims_of", "read_notebook", "replace_block", "write_ledger"]

_BEGIN, _END = "<!-- ledger: written by `geodesic-kit claims --write` -->", "<!-- end of ledger -->"


@dataclass(frozen=True)
class Table:
    """Rows of the ledger; prints as text, HTML (in notebooks) and Markdown."""

    rows: tuple[Claim, ...]

    def cells(self) -> list[tuple[str, ...]]:
        """Each row as texts, in the order of HEAD."""
        return [
            (c.name, c.statement, c.shown, c.bound, c.status + (f": {c.why}" if c.why else ""), c.source)
            for c in self.rows
        ]

    def __str__(self) -> str:
        if not self.rows:
            return "no claims"
        lines = [("claim", "measured", "bound", "status"), *((c[0], c[2], c[3], c[4]) for c in self.cells())]
        widths = [max(len(line[k]) for line in lines) for k in range(3)]
        return "\n".join(
            "  ".join([*(text.ljust(w) for text, w in zip(line, widths, strict=False)), line[3]])
            for line in lines
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
            for row in self.cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def markdown(self) -> str:
        """The rows as a Markdown table."""
        return as_markdown(HEAD, self.cells())


HEAD = ("claim", "statement", "measured", "bound", "status", "source")


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as JSON, its parts of the types that nbformat 4 gives them. Raises TruncatedFileError where
    it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _expect(content.setdefault("metadata", {}), dict)
        for cell in _expect(content["cells"], list):
            _expect(cell.setdefault("metadata", {}), dict)
            _expect(cell["cell_type"], str)
            "".join(cell.get("source", ""))
            for output in _expect(cell.get("outputs", []), list):
                _expect(output.get("data", {}), dict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise TruncatedFileError(
            f"{path} is not a notebook ({type(err).__name__}: {err}); restore it or run it again"
        ) from err
    return content


def claims_of(notebook: Path) -> list[Claim]:
    """The claims in a notebook's outputs, in order; an unfinished notebook yields the rows it reached.

    Raises TruncatedFileError where the file is not a notebook, or a claim is none: it lacks a part, or one is
    of another type.
    """
    outputs = (output for cell in read_notebook(notebook)["cells"] for output in cell.get("outputs", ()))
    try:
        return [Claim.from_json(output["data"][MIME]) for output in outputs if MIME in output.get("data", {})]
    except (ValueError, KeyError, TypeError, OverflowError) as err:
        raise TruncatedFileError(
            f"{notebook} has a claim that is none ({type(err).__name__}: {err}); run it again"
        ) from err


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__} where a {kind.__name__} belongs")
    return value


def replace_block(text: str, table: str) -> str:
    """`text` with what stands between the ledger's two marks replaced. Raises UnknownName where a mark is
    absent.
    """
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UnknownName(
            f"the marks of the ledger are absent; put the lines {_BEGIN!r} and {_END!r} where "
            "the table belongs"
        )
    return f"{before}{begin}\n\n{table}\n{end}{after}"


def write_ledger(folder: Path, rows: Sequence[dict[str, Any]], **about: Any) -> None:
    """Write claims.json and claims.md into `folder`, each in one step; a row is a claim's JSON and its
    notebook.
    """
    write_text(
        folder / "claims.json",
        json.dumps(about | {"claims": list(rows)}, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    )
    told = ((row["notebook"], *Table((Claim.from_json(row),)).cells()[0]) for row in rows)
    write_text(folder / "claims.md", f"# Claims\n\n{as_markdown(('notebook', *HEAD), told)}")


def as_markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown whose cells are plain text: a backslash stands before what would be markup."""
    return _markdown(head, (tuple(map(_as_text, row)) for row in rows))


def _as_text(text: str) -> str:
    """`text` with a backslash before what Markdown would take for HTML, a link, code, an entity or a table's
    bar.
    """
    return _MARKUP.sub(r"\\\g<0>", text)


# A sign of less before a space or a digit begins no tag, nor does a bracket without one behind it make a
# link.
_MARKUP = re.compile(r"[|`\\]|<(?=[A-Za-z/!?])|(?<=\])[(\[:]|&(?=#|\w+;)")


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([" ".join(text.split()) for text in row] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
