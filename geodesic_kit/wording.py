"""How an error shows a value. It imports nothing, so that `import geodesic_kit` stays a blink."""

from __future__ import annotations

from typing import Any

__all__ = ["shown"]


def shown(value: Any) -> str:
    """`value` for an error's sentence: its repr on one line, cut at 80 characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001  # a foreign repr may raise anything, an int of 5,000 digits does
        text = f"({type(value).__name__})"
    return text if len(text) <= 80 else f"{text[:60]}…{text[-16:]}"
