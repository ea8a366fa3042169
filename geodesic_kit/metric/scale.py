"""How strong a metric is where nothing is asked for: lam, p0 and the power, read off log p over a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import number, reals
from ..errors import DataError, InvalidParameter, shown

__all__ = ["MOST_POWER", "Scale", "thresholds"]

MOST_POWER = 1e6


@dataclass(frozen=True)
class Scale:
    """What a generative metric adds to its density: natural logs of lam and p0, and the power."""

    log_lam: float
    log_p0: float
    power: float


def thresholds(
    log_p: ArrayLike,
    *,
    p0_quantile: float = 0.5,
    lam_quantile: float = 0.02,
    power: float | str = "auto",
    max_contrast: float = 1e3,
    lam: float | None = None,
    p0: float | None = None,
) -> Scale:
    """The one rule for lam, p0 and the power (ours; notebook X2 justifies it), from log p at the points of a
    sample, (n,).

    p0 is the `p0_quantile` of p, lam its `lam_quantile` or p0 / max_contrast, whichever is less: so an empty
    gap costs `max_contrast` times what typical data cost, and nearly every point's own density counts. The
    power is 1 where p over the sample, its lowest share aside, spans no more than `max_contrast`, else the
    exponent under which it does: in many dimensions log p spans hundreds. `lam`, `p0` and a number for
    `power` are taken as they are. Raises InvalidParameter and DataError.
    """
    p0_quantile = number(p0_quantile, "p0_quantile", least=0, most=1)
    lam_quantile = number(lam_quantile, "lam_quantile", least=0, most=1)
    reach = float(np.log(number(max_contrast, "max_contrast", above=1, finite=True)))
    auto = isinstance(power, str)
    if auto and power != "auto":
        raise InvalidParameter(f'power={shown(power)}: give a number or "auto"')
    values = reals(log_p, "log p", give="give numbers (n,)")
    if values.ndim != 1 or not values.size:
        raise DataError(
            f"log p has shape {values.shape}; give log p at each point of a sample, (n,), at least one"
        )
    middle, low = (float(np.quantile(values, q, method="lower")) for q in (p0_quantile, lam_quantile))
    log_p0 = middle if p0 is None else float(np.log(number(p0, "p0", above=0, finite=True)))
    log_lam = (
        min(low, log_p0 - reach) if lam is None else float(np.log(number(lam, "lam", above=0, finite=True)))
    )
    if not np.isfinite(log_p0) or not np.isfinite(log_lam):
        raise InvalidParameter(
            f"p is 0 at {np.mean(values == -np.inf):.0%} of the points, so lam or p0 would be 0; give lam= "
            "and p0=, or a larger lam_quantile= or p0_quantile="
        )
    if not auto:
        return Scale(log_lam, log_p0, number(power, "power", above=0, most=MOST_POWER))
    widest = float(values.max()) - (low if lam is None else log_lam)
    return Scale(log_lam, log_p0, reach / max(widest, reach))
