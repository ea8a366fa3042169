"""The torch device that a name stands for."""

from __future__ import annotations

import torch

from geodesic_kit.errors import InvalidParameter, NoGPUError, shown

__all__ = ["as_device"]


def as_device(name: str | torch.device) -> torch.device:
    """The device of that name. Raises NoGPUError where it asks for a GPU and there is none, InvalidParameter
    for other names.
    """
    try:
        device = torch.device("" if isinstance(name, bytes) else name)  # torch would take bytes
    except (RuntimeError, TypeError, ValueError) as err:
        raise InvalidParameter(
            f"device={shown(name)}: there are 'cpu' and 'cuda' (or 'cuda:0', 'cuda:1', …)"
        ) from err
    if device.type not in {"cpu", "cuda"}:
        raise InvalidParameter(
            f"device={str(device)!r}: there are 'cpu' and 'cuda' (or 'cuda:0', 'cuda:1', …)"
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        there = ", ".join(["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))])
        raise NoGPUError(
            f"device={str(device)!r} is not here; there are {there}: take device='cpu', or a machine with a "
            "CUDA GPU and torch built for it"
        )
    return device
