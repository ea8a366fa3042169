"""The mixture along segments, compiled: panel integrals and breaks, edge by edge. The mathematics is that of
mog_segments.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geodesic_kit.base.compiled import exp, kernel, kernel_part, log

from .covariances import TABLE

__all__ = ["PRUNED", "Along", "breaks", "ends", "log_term", "panel_integrals"]

PRUNED = 37.0  # e^-37 is below half a unit in the last place of 1
_TINY = 1e-300


class Along(NamedTuple):
    """Edges as the kernels read them: the squared forms of their ends come from a table, or from the
    coordinates.
    """

    log_peaks: Any  # (K,)
    points: Any  # (n, d)
    edges: Any  # (m, 2)
    means: Any  # (d, K)
    precisions: Any  # (d, K), of a diagonal
    whiten: Any  # (d, d, K), lower triangles, of full covariances
    table: Any  # (v, K), the forms at the vertices met
    place: Any  # (m, 2), rows of the table
    lengths: Any  # (m, 1) squared Euclidean lengths or (m, K) forms
    scale: Any  # (K,) what the lengths are multiplied by


@kernel_part
def ends(along, kind, e, near, far, long):  # type: ignore[no-untyped-def]
    """The forms of both ends of edge e and of the edge itself, a component each; kind is None for a
    diagonal.
    """
    k_all = len(along.log_peaks)
    i, j = along.edges[e, 0], along.edges[e, 1]
    for k in range(k_all):
        near[k] = far[k] = long[k] = 0.0
    if kind is None:
        for c in range(along.points.shape[1]):
            x, y = along.points[i, c], along.points[j, c]
            for k in range(k_all):
                u, v, p = x - along.means[c, k], y - along.means[c, k], along.precisions[c, k]
                near[k] += u * u * p
                far[k] += v * v * p
                long[k] += (y - x) * (y - x) * p
    elif kind == TABLE:
        first, last, step = along.place[e, 0], along.place[e, 1], along.lengths.shape[1] > 1
        for k in range(k_all):
            near[k] = along.table[first, k]
            far[k] = along.table[last, k]
            long[k] = along.lengths[e, k * step] * along.scale[k]
    else:
        for c in range(along.points.shape[1]):
            for k in range(k_all):
                u = v = w = 0.0
                for b in range(c + 1):
                    x, y, white = along.points[i, b], along.points[j, b], along.whiten[c, b, k]
                    u += white * (x - along.means[b, k])
                    v += white * (y - along.means[b, k])
                    w += white * (y - x)
                near[k] += u * u
                far[k] += v * v
                long[k] += w * w


@kernel_part
def _peaks(log_peaks, near, far, long, closest, a, b, count, log_floor, peak):  # type: ignore[no-untyped-def]
    """Fill peak (count,) with each component's greatest log term on [a, b], it being closest to the edge at
    closest (count,); return a lower bound of log(p + floor) there.
    """
    for k in range(count):
        at_a = (1 - a) * near[k] + a * far[k] - a * (1 - a) * long[k]
        at_b = (1 - b) * near[k] + b * far[k] - b * (1 - b) * long[k]
        peak[k] = log_peaks[k] - 0.5 * max(at_a, at_b)
    least = log_floor
    for k in range(count):
        least = max(least, peak[k])
    for k in range(count):
        t = min(max(closest[k], a), b)
        peak[k] = log_peaks[k] - 0.5 * ((1 - t) * near[k] + t * far[k] - t * (1 - t) * long[k])
    return least


@kernel
def panel_integrals(  # type: ignore[no-untyped-def]
    along, kind, edge, start, stop, offset, power, log_floor, nodes, fine, coarse, value, error
):
    """Fill value (P,) and error (P,) with the integrals of c over panels and their estimates; return the
    range of log c.

    log c = offset - power * logaddexp(log p, log_floor). `nodes`, `fine`, `coarse` are the rule on [0, 1],
    (G, T), its nodes ascending row by row. Panels of one edge that follow each other share its forms.

    Components that cannot matter are dropped, exactly: a component's log term is concave along the edge, so
    on a row of nodes it is at least the lesser of its values at the row's ends and at most its value at the
    closest approach, clipped to the row. The greatest of the former, or log_floor if that is more, bounds
    log(p + floor) from below on the whole row. A component whose greatest value lies 37 + log K below it
    adds at most e^-37 / K of p + floor, all dropped ones together e^-37, which is below half a unit in the
    last place.
    """
    k_all, width = len(along.log_peaks), nodes.shape[1]
    log_peaks, near, far, long = np.empty(k_all), np.empty(k_all), np.empty(k_all), np.empty(k_all)
    closest, peak, terms = np.empty(k_all), np.empty(k_all), np.empty(k_all * width)
    at, back, both = np.empty(width), np.empty(width), np.empty(width)
    top, total = np.empty(width), np.empty(width)
    doubt = PRUNED + np.log(k_all)
    low, high = np.inf, -np.inf
    held, count = -1, 0
    for p in range(len(edge)):
        a, long_panel = start[p], stop[p] - start[p]
        if edge[p] != held:  # first on the whole edge, then on each row of nodes what is left
            held = edge[p]
            ends(along, kind, held, near, far, long)
            for k in range(k_all):
                log_peaks[k] = along.log_peaks[k]
                closest[k] = 0.5 + 0.5 * (near[k] - far[k]) / (long[k] + _TINY)
            least = _peaks(log_peaks, near, far, long, closest, 0.0, 1.0, k_all, log_floor, peak) - doubt
            count = 0
            for k in range(k_all):
                if peak[k] >= least:
                    log_peaks[count], closest[count] = log_peaks[k], closest[k]
                    near[count], far[count], long[count] = near[k], far[k], long[k]
                    count += 1
        precise, rough = 0.0, 0.0
        for g in range(len(nodes)):
            for t in range(width):
                at[t] = a + long_panel * nodes[g, t]
                back[t] = 1 - at[t]
                both[t] = at[t] * back[t]
                top[t] = log_floor
            first, last = at[0], at[width - 1]
            least = _peaks(log_peaks, near, far, long, closest, first, last, count, log_floor, peak) - doubt
            kept = 0
            for k in range(count):
                if peak[k] >= least:
                    peak_k, n, f, q, base = log_peaks[k], near[k], far[k], long[k], kept * width
                    for t in range(width):
                        terms[base + t] = peak_k - 0.5 * (back[t] * n + at[t] * f - both[t] * q)
                    for t in range(width):
                        top[t] = max(top[t], terms[base + t])
                    kept += 1
            for t in range(width):
                total[t] = exp(log_floor - top[t])
            for k in range(kept):
                for t in range(width):
                    total[t] += exp(terms[k * width + t] - top[t])
            for t in range(width):
                total[t] = offset - power * (top[t] + log(total[t]))
            for t in range(width):
                low, high = min(low, total[t]), max(high, total[t])
            for t in range(width):
                total[t] = exp(min(total[t], 709.0))  # beyond, the caller refuses the range
            for t in range(width):
                precise += fine[g, t] * total[t]
                rough += coarse[g, t] * total[t]
        value[p] = long_panel * precise
        error[p] = long_panel * abs(rough - precise)
    return low, high


@kernel_part
def log_term(log_peak, near, far, long, t):  # type: ignore[no-untyped-def]
    """log of a component's share of p at the place t of an edge."""
    return log_peak - 0.5 * (near * (1 - t) + far * t - long * (t * (1 - t)))


@kernel_part
def _leader(along, near, far, long, t):  # type: ignore[no-untyped-def]
    """The component of the greatest log term at place t, the first of equals."""
    lead, most = 0, -np.inf
    for k in range(len(near)):
        term = log_term(along.log_peaks[k], near[k], far[k], long[k], t)
        if term > most:
            lead, most = k, term
    return lead


@kernel
def breaks(along, kind, run, narrow, negligible, halvings, scan, floor, edge, place):  # type: ignore[no-untyped-def]
    """Fill edge (b,) and place (b,) with the breaks of the edges `run`, as mog_segments finds them; return
    b.
    """
    k_all = len(along.log_peaks)
    near, far, long = np.empty(k_all), np.empty(k_all), np.empty(k_all)
    lead = np.empty(len(scan), dtype=np.int64)
    found = 0
    for e in run:
        ends(along, kind, e, near, far, long)
        longest = 0.0
        for k in range(k_all):
            longest = max(longest, long[k])
        if longest <= narrow:
            continue
        for s in range(len(scan)):
            lead[s] = _leader(along, near, far, long, scan[s])
        one, other = lead[0], lead[-1]
        matters = False
        for k in range(k_all):
            if long[k] <= narrow:
                continue
            closest = 0.5 + (near[k] - far[k]) / (2 * long[k])
            at = min(max(closest, 0.0), 1.0)
            around = max(floor, log_term(along.log_peaks[one], near[one], far[one], long[one], at))
            around = max(around, log_term(along.log_peaks[other], near[other], far[other], long[other], at))
            if log_term(along.log_peaks[k], near[k], far[k], long[k], at) > around + negligible:
                matters = True
                if 0 < closest < 1:
                    edge[found], place[found] = e, closest
                    found += 1
        if matters:
            for s in range(1, len(scan) - 1):
                edge[found], place[found] = e, scan[s]
                found += 1
        for s in range(len(scan) - 1):
            one, other = lead[s], lead[s + 1]
            if one == other:
                continue
            low, high = scan[s], scan[s + 1]
            for _ in range(halvings):  # the lead changes between low and high
                middle = (low + high) / 2
                ahead = log_term(along.log_peaks[one], near[one], far[one], long[one], middle)
                if ahead > log_term(along.log_peaks[other], near[other], far[other], long[other], middle):
                    low = middle
                else:
                    high = middle
            if log_term(along.log_peaks[one], near[one], far[one], long[one], low) > floor + negligible:
                edge[found], place[found] = e, low
                found += 1
    return found
