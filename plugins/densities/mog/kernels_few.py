"""Panel integrals of a mixture of few components, compiled: 64 panels side by side, so that every loop is
long. Needs numba.
"""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import exp, kernel, kernel_part, log

from .kernels import ends, log_term

__all__ = ["panel_integrals_side_by_side"]

_LANES = 64
_SMALL = 1e-290  # of the highest peak: a sum of more has all its digits
_FITS = 700.0  # nats: float64 holds e to so many


@kernel_part
def _diagonal_ends(along, edge, first, last, near, far, long):  # type: ignore[no-untyped-def]
    """As mog_kernels.ends for several edges at once, (K, lanes); first and last are room for their
    coordinates.
    """
    for k in range(len(near)):
        for lane in range(len(edge)):
            near[k, lane] = far[k, lane] = long[k, lane] = 0.0
    for c in range(along.points.shape[1]):
        for lane in range(len(edge)):
            first[lane], last[lane] = (
                along.points[along.edges[edge[lane], 0], c],
                along.points[along.edges[edge[lane], 1], c],
            )
        for k in range(len(near)):
            mean, precision = along.means[c, k], along.precisions[c, k]
            x, y, q = near[k], far[k], long[k]
            for lane in range(len(edge)):
                u, v, w = first[lane] - mean, last[lane] - mean, last[lane] - first[lane]
                x[lane] += u * u * precision
                y[lane] += v * v * precision
                q[lane] += w * w * precision


@kernel_part
def _log_density(along, near, far, long, lane, t, log_floor):  # type: ignore[no-untyped-def]
    """log of the floor and of p at the place t of one edge, its largest term taken out first."""
    log_peaks, top = along.log_peaks, log_floor
    for k in range(len(log_peaks)):
        top = max(top, log_term(log_peaks[k], near[k, lane], far[k, lane], long[k, lane], t))
    total = np.exp(log_floor - top)
    for k in range(len(log_peaks)):
        total += np.exp(log_term(log_peaks[k], near[k, lane], far[k, lane], long[k, lane], t) - top)
    return top + np.log(total)


@kernel
def panel_integrals_side_by_side(  # type: ignore[no-untyped-def]
    along, kind, edge, start, stop, offset, power, log_floor, nodes, fine, coarse, value, error
):
    """As mog_kernels.panel_integrals, for every component: where there are few, computing one is cheaper than
    dropping it.

    Sums are of terms over the highest peak, the same for all, so that no edge hangs on the others. Where so
    little is left that float64 loses digits, a place is computed by itself.
    """
    k_all = len(along.log_peaks)
    near, far, long = np.empty((k_all, _LANES)), np.empty((k_all, _LANES)), np.empty((k_all, _LANES))
    at, total, log_p = np.empty(_LANES), np.empty(_LANES), np.empty(_LANES)
    low, high = np.empty(_LANES), np.empty(_LANES)
    precise, rough = np.empty(_LANES), np.empty(_LANES)
    for lane in range(_LANES):
        low[lane], high[lane] = np.inf, -np.inf
    top = log_floor
    for k in range(k_all):
        top = max(top, along.log_peaks[k])
    floor = np.exp(log_floor - top)
    inverse = power == 1.0 and abs(offset - top) < _FITS  # c is one over p, which takes no logarithm
    scale = np.exp(offset - top)
    for begin in range(0, len(edge), _LANES):
        lanes = min(_LANES, len(edge) - begin)
        a, b = start[begin : begin + lanes], stop[begin : begin + lanes]
        if kind is None:
            _diagonal_ends(along, edge[begin : begin + lanes], at, total, near, far, long)
        else:
            one, other, whole = np.empty(k_all), np.empty(k_all), np.empty(k_all)
            for lane in range(lanes):
                ends(along, kind, edge[begin + lane], one, other, whole)
                for k in range(k_all):
                    near[k, lane], far[k, lane], long[k, lane] = one[k], other[k], whole[k]
        for lane in range(lanes):
            precise[lane] = rough[lane] = 0.0
        for t in range(len(nodes)):
            node, share, coarse_share = nodes[t], fine[t], coarse[t]
            for lane in range(lanes):
                at[lane], total[lane] = a[lane] + (b[lane] - a[lane]) * node, floor
            for k in range(k_all):
                peak, x, y, q = along.log_peaks[k], near[k], far[k], long[k]
                for lane in range(lanes):
                    total[lane] += exp(log_term(peak, x[lane], y[lane], q[lane], at[lane]) - top)
            least, greatest = np.inf, 0.0
            for lane in range(lanes):
                least, greatest = min(least, total[lane]), max(greatest, total[lane])
            if inverse and least > _SMALL:
                for lane in range(lanes):
                    c = scale / total[lane]
                    precise[lane] += share * c
                    rough[lane] += coarse_share * c
                low[0] = min(low[0], offset - (top + np.log(greatest)))
                high[0] = max(high[0], offset - (top + np.log(least)))
                continue
            for lane in range(lanes):
                log_p[lane] = top + log(total[lane])
            if least <= _SMALL:
                for lane in range(lanes):
                    if total[lane] <= _SMALL:
                        log_p[lane] = _log_density(along, near, far, long, lane, at[lane], log_floor)
            for lane in range(lanes):
                log_c = offset - power * log_p[lane]
                low[lane], high[lane] = min(low[lane], log_c), max(high[lane], log_c)
                c = exp(min(log_c, 709.0))  # beyond, the caller refuses the range
                c = scale / total[lane] if inverse and total[lane] > _SMALL else c
                precise[lane] += share * c
                rough[lane] += coarse_share * c
        for lane in range(lanes):
            value[begin + lane] = (b[lane] - a[lane]) * precise[lane]
            error[begin + lane] = (b[lane] - a[lane]) * abs(rough[lane] - precise[lane])
    lowest, highest = np.inf, -np.inf
    for lane in range(_LANES):
        lowest, highest = min(lowest, low[lane]), max(highest, high[lane])
    return lowest, highest
