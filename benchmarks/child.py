"""The other end of `children.call`: `python -m benchmarks.child module:function arguments answer`."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path

__all__: list[str] = []


def _main(target: str, arguments: str, answer: str) -> None:
    # Advice on a metric's contrast is for people who choose one.
    warnings.simplefilter("ignore")
    module, _, function = target.partition(":")
    result = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    # NumPy's numbers and arrays know tolist, as JSON does not.
    Path(answer).write_text(json.dumps(result, default=lambda value: value.tolist()), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
