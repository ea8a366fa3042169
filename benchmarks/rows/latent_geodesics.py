"""Geodesics under a decoder's metric by `gk.refine`, against [C18]'s network trained on the same pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

import geodesic_kit as gk
from geodesic_kit.geodesics.curve import measured as path_of

from ..bounds import BOUNDS
from ..lines import Line, against, measured
from ..timing import Timings, interleaved

__all__ = ["run"]

_PAIRS = 8
_RTOL = 1e-4


def run(quick: bool) -> list[Line]:
    """Random pairs of prior draws of the shipped MNIST decoder and of a random tanh network, which are joined
    from their straight latent lines; the network trains 200 steps, as by default, and is seen at n points.
    """
    import torch

    torch.set_num_threads(1)
    metrics = {
        "MNIST's decoder": gk.latent.PullbackMetric(gk.decoders["iwae"].pretrained("mnist")),
        "a random network": gk.latent.PullbackMetric(_network(), dim=2),
    }
    lines: list[Line] = []
    pairs = 2 if quick else _PAIRS
    for name, metric in metrics.items():
        a, b = np.random.default_rng(0).standard_normal((2, pairs, 2))
        starts = [path_of(np.stack(ends), metric) for ends in zip(a, b, strict=True)]
        for n in (20, 40) if quick else (100, 500):
            lines += _against_network(f"{name}, {pairs} pairs", metric, (a, b), starts, n)
    return lines


def _against_network(work: str, metric: Any, ends: Any, starts: Any, n: int) -> list[Line]:
    gk.refine(starts[0], rtol=_RTOL)  # compiles and imports
    times = interleaved(
        {
            "ours": lambda: gk.refine(starts, rtol=_RTOL),
            "network": lambda: gk.latent.neural_geodesic(metric, *ends, n=n, fallback=False),
        },
        3 if n < 500 else 1,
    )
    ours, theirs = times["ours"], times["network"]
    peer, bounds = f"[C18]'s network, n = {n}", BOUNDS["latent_geodesics"]
    lines = [against("latent_geodesics", work, ours, peer, theirs, bounds["coarse" if n < 500 else "fine"])]
    if isinstance(ours, Timings) and isinstance(theirs, Timings):
        over = [mine.length / other.length for mine, other in zip(ours.result, theirs.result, strict=True)]
        mean, longer = float(np.mean(over)), sum(ratio > 1 + _RTOL for ratio in over)
        certified = np.mean([bool(path.certified) for path in ours.result])
        note = f"{longer} longer by more than {_RTOL:g}, worst ×{max(over):.3f}; {certified:.0%} certified"
        shown = f"{work}, n = {n}: mean length over the network's"
        lines.append(
            measured("latent_geodesics", shown, mean, f"{mean:.4f}", bounds["length"], note, ratios=over)
        )
    return lines


def _network() -> Any:
    """Two tanh layers of 64 from 2 to 50 dimensions."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sizes = [(2, 64), (64, 64), (64, 50)]
        layers = [torch.nn.Linear(*size, dtype=torch.float64) for size in sizes]
    for layer in layers:
        layer.weight.data.mul_(2)
    return torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1], torch.nn.Tanh(), layers[2])
