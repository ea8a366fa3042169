"""A grammar that takes seconds to build, kept out of processes of our own, in which nothing asks for it."""

from __future__ import annotations

import sys

__all__ = ["without_iri_grammar"]


def without_iri_grammar() -> None:
    """Let jsonschema, which nbformat imports, know no format of IRIs: three seconds of CPU less where a
    process begins.

    `rfc3987_syntax` builds a parser while it is imported. No schema of notebooks names a format, so they
    are validated as before; a process that is another's, such as a kernel, is left alone.
    """
    # what import finds there raises ImportError, which jsonschema takes for a package that is not installed
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
