"""Figures of results: taken from executed notebooks, each told in its own metadata where it comes from."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...base.files import write_bytes
from ...errors import TruncatedFileError

__all__ = ["Figure", "figures_of", "stamped", "write_figures"]

_PNG, _SIGNATURE = "image/png", b"\x89PNG\r\n\x1a\n"
_HEADER = len(_SIGNATURE) + 25  # and the chunk IHDR, which is the first

Figure = tuple[int, bytes]  # the number of its cell, from 0, and its content


def figures_of(path: Path, cells: list[dict[str, Any]]) -> list[Figure]:
    """The pictures in an executed notebook's outputs, in order. Raises TruncatedFileError."""
    try:
        return [
            (number, base64.b64decode("".join(output["data"][_PNG])))
            for number, cell in enumerate(cells)
            for output in cell.get("outputs", ())
            if _PNG in output.get("data", {})
        ]
    except (ValueError, TypeError) as err:
        raise TruncatedFileError(f"{path} has a figure that is no picture ({err}); run it again") from err


def write_figures(figures: list[Figure], record: Mapping[str, Any], folder: Path) -> list[str]:
    """Write the pictures of a run, with their origin; returns their names."""
    names = []
    for k, (cell, image) in enumerate(figures, 1):
        names.append(f"{record['name']}-{k}.png")
        write_bytes(folder / names[-1], stamped(image, {**record, "cell": cell}))
    return names


def stamped(image: bytes, origin: Mapping[str, Any]) -> bytes:
    """A PNG with texts that say its notebook, cell, parameters, the code's hash and the kit's version.

    What is no PNG is left as it is.
    """
    if not image.startswith(_SIGNATURE):
        return image
    every = origin.get("defaults", {}) | origin["parameters"]
    texts = {
        "geodesic-kit": origin["versions"].get("geodesic-kit", "not installed"),
        "notebook": origin["name"].partition("__")[0],
        "cell": str(origin["cell"]),
        "parameters": json.dumps(every, ensure_ascii=False),
        "code": origin["code"],
    }
    chunks = b"".join(_text(name, text) for name, text in texts.items())
    return image[:_HEADER] + chunks + image[_HEADER:]


def _text(name: str, text: str) -> bytes:
    """An iTXt chunk, which holds UTF-8: its keyword, no compression, no language, the text."""
    body = b"iTXt" + name.encode("ascii") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
