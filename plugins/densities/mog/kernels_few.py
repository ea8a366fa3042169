"""Panel integrals of a mixture of few components, compiled: 64 panels side by side, so that every loop is
long. Needs numba.
"""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import exp, kernel, kernel_part, log

from .kernels import ends

__all__ = ["panel_integrals_side_by_side"]

_LANES = 64


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


@kernel
def panel_integrals_side_by_side(  # type: ignore[no-untyped-def]
    along, kind, edge, start, stop, offset, power, log_floor, nodes, fine, coarse, value, error
):
    """As mog_kernels.panel_integrals, for every component: where there are few, computing one is cheaper than
    dropping it.
    """
    k_all = len(along.log_peaks)
    near, far, long = np.empty((k_all, _LANES)), np.empty((k_all, _LANES)), np.empty((k_all, _LANES))
    terms = np.empty((k_all, _LANES))
    at, back, both, top, total = (
        np.empty(_LANES),
        np.empty(_LANES),
        np.empty(_LANES),
        np.empty(_LANES),
        np.empty(_LANES),
    )
    low, high = np.empty(_LANES), np.empty(_LANES)
    precise, rough = np.empty(_LANES), np.empty(_LANES)
    for lane in range(_LANES):
        low[lane], high[lane] = np.inf, -np.inf
    for begin in range(0, len(edge), _LANES):
        lanes = min(_LANES, len(edge) - begin)
        a, b = start[begin : begin + lanes], stop[begin : begin + lanes]
        if kind is None:
            _diagonal_ends(along, edge[begin : begin + lanes], at, back, near, far, long)
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
                at[lane] = a[lane] + (b[lane] - a[lane]) * node
                back[lane] = 1 - at[lane]
                both[lane] = at[lane] * back[lane]
                top[lane] = log_floor
            for k in range(k_all):
                peak, x, y, q, term = along.log_peaks[k], near[k], far[k], long[k], terms[k]
                for lane in range(lanes):
                    term[lane] = peak - 0.5 * (
                        back[lane] * x[lane] + at[lane] * y[lane] - both[lane] * q[lane]
                    )
                    top[lane] = max(top[lane], term[lane])
            for lane in range(lanes):
                total[lane] = exp(log_floor - top[lane])
            for k in range(k_all):
                term = terms[k]
                for lane in range(lanes):
                    total[lane] += exp(term[lane] - top[lane])
            for lane in range(lanes):
                log_c = offset - power * (top[lane] + log(total[lane]))
                low[lane], high[lane] = min(low[lane], log_c), max(high[lane], log_c)
                c = exp(min(log_c, 709.0))  # beyond, the caller refuses the range
                precise[lane] += share * c
                rough[lane] += coarse_share * c
        for lane in range(lanes):
            value[begin + lane] = (b[lane] - a[lane]) * precise[lane]
            error[begin + lane] = (b[lane] - a[lane]) * abs(rough[lane] - precise[lane])
    lowest, highest = np.inf, -np.inf
    for lane in range(_LANES):
        lowest, highest = min(lowest, low[lane]), max(highest, high[lane])
    return lowest, highest
