"""What is told of a trained autoencoder: likelihood and errors on points not seen, and whether it tore."""

from __future__ import annotations

from typing import Any

import numpy as np

from geodesic_kit.base.neighbours import nearest
from geodesic_kit.types import Points

__all__ = ["measured", "tear"]

_MOST = 1000  # points that are looked at
_NEIGHBOURS = 10


def measured(model: Any, x: Points, held_out: Points) -> dict[str, float]:
    """log p and the root of the mean square error per coordinate on points held out, the noise, both in data
    units, the deviation of the codes, and the tear.
    """
    seen = held_out[:_MOST]
    log_p, error = model.log_prob_and_error(seen)
    codes = model.encode(x[:_MOST])
    return {
        "log_prob_held_out": float(log_p.mean()),
        "log_prob_error": float(np.median(error)),
        "rmse_held_out": float(np.sqrt(np.square(model.decode(model.encode(held_out)) - held_out).mean())),
        "noise": model.noise,
        "code_deviation": float(codes.std()),
        "tear": tear(codes, model.decode(codes)),
    }


def tear(codes: Points, images: Points) -> float:
    """The largest latent distance (n, z) of two neighbours among the images (n, d), over the median one.

    High where what hangs together in the data was torn: such as a ring that was coded as an open curve.
    """
    pairs, _ = nearest(images, min(_NEIGHBOURS, len(images) - 1))
    steps = np.linalg.norm(codes[:, None] - codes[pairs], axis=2)
    return float(steps.max() / max(np.median(steps), np.finfo(float).tiny))
