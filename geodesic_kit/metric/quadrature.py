"""Lengths of straight edges: `|x_j - x_i|` times the integral of the conformal factor along the edge, by
three rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.warn import tell
from ..errors import QuadratureWarning
from ..types import Ints, Values

__all__ = [
    "COARSE",
    "FINE",
    "MOST_HALVED",
    "NODES",
    "EdgeIntegrals",
    "LogFactor",
    "Noise",
    "PanelRule",
    "adaptive",
    "fixed",
    "left_riemann",
    "lobatto",
    "means_of",
    "trapezoid",
    "warn_if_missed",
]

# Gauss-Lobatto with 4 nodes and its Kronrod extension to 7, on [0, 1]: exact for degree 5 and 9.
# Source: Gander and Gautschi, Adaptive quadrature revisited, BIT 40 (2000).
NODES = 0.5 + 0.5 * np.array(
    [-1.0, -np.sqrt(2 / 3), -np.sqrt(1 / 5), 0.0, np.sqrt(1 / 5), np.sqrt(2 / 3), 1.0]
)
FINE = np.array([77.0, 432.0, 625.0, 672.0, 625.0, 432.0, 77.0]) / 2940
COARSE = np.array([1.0, 0.0, 5.0, 0.0, 5.0, 0.0, 1.0]) / 12
_MAX_HALVINGS = 40  # a jump is located to 1e-12 of the edge; beyond, float64 nodes coincide
MOST_HALVED = 1 << 15  # evaluations that halving may take on one edge, whatever log p does
_ROUND_OFF = 1e-14
# of a parent's error a length: halving leaves less than a 64th where c is smooth, all of it where it is noise
_STALLED = 1 / 8
_MOST_STALL = 3 / 4  # of an edge's panels: at a jump or a kink half of them do
_FEWEST = 8  # panels that tell noise from chance
_CALM = 0.1  # relative error above which features are not resolved yet
# of the rules' difference: what is left of smooth values between places so close is a millionth of it
_ROUGH = 1 / 64
# standard deviations of the noise: what two rules differ by, and what rounding inside a model adds to that of
# its values
_AT_NOISE = 30.0
_SAFETY = 0.1

# log c of panel rows: (edge numbers (P,), places t (P, T)) -> (P, T)
LogFactor = Callable[[Ints, NDArray[np.float64]], NDArray[np.float64]]
# Panels by edge numbers, starts and ends, each (P,) -> the integrals of c over them, the estimated errors,
# and the range of log c.
PanelRule = Callable[[Ints, Values, Values], tuple[Values, Values, float, float]]
# The noise of log c on panels, by edge numbers, starts and ends, each (P,) -> (P,), and the evaluations that
# it took.
Noise = Callable[[Ints, Values, Values], tuple[Values, int]]


@dataclass(frozen=True, eq=False)
class EdgeIntegrals:
    """Mean of c along each edge, (m,), its estimated relative error, the range of log c over all nodes, and
    the noise that halving met.
    """

    means: Values
    errors: NDArray[Any]
    log_c_min: float
    log_c_max: float
    evaluations: int
    noise: float = 0.0
    spent: bool = False  # whether more halving would have taken more evaluations than were allowed


def lobatto(log_factor: LogFactor) -> PanelRule:
    """The 7-node Lobatto integral of c over panels, and its difference from the 4-node one."""

    def rule(edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        log_c = log_factor(edge, start[:, None] + (stop - start)[:, None] * NODES)
        # the caller refuses a log c that float64 cannot hold
        with np.errstate(over="ignore", invalid="ignore"):
            c = np.exp(log_c)
            value = (stop - start) * (c @ FINE)
            error = np.abs((stop - start) * (c @ COARSE) - value)
        return value, error, float(log_c.min(initial=np.inf)), float(log_c.max(initial=-np.inf))

    return rule


def adaptive(
    rule: PanelRule,
    n_edges: int,
    breaks: tuple[Ints, Values],
    rtol: float,
    panels: int,
    noise: Noise | None = None,
    most: int | None = None,
) -> EdgeIntegrals:
    """Mean of c by halving panels until each edge's estimated error is below rtol times its mean.

    Every edge starts from `panels` equal panels, broken further at `breaks` (edge numbers, places). The
    estimate is the difference of the 4- and 7-node Lobatto rules, so it is that of the coarser rule and the
    value is better than it says; panels are halved until it is a tenth of rtol, since two rules can agree by
    chance. A jump ends where a panel cannot be halved any more, with the error that is left. Where halving
    does not help on most panels of an edge and `noise` tells why, panels whose error is of its size are
    halved no more, and it counts into the edge's error. An edge whose halving would take more than
    `MOST_HALVED` evaluations keeps the error that is left, too. Where `most` evaluations are allowed in all,
    the panels of the largest error an edge's length are halved with those that are left, and noise, which
    tells where halving is in vain, is not looked for.
    """
    open_ = _Panels.first(n_edges, breaks, panels)
    means, errors = np.zeros(n_edges), np.zeros(n_edges)
    low, high, evaluations = np.inf, -np.inf, 0
    known = np.zeros(n_edges)  # noise of each edge
    taken = np.zeros(n_edges, dtype=np.int64)  # evaluations by halving
    spent = False
    for halving in range(_MAX_HALVINGS + 1):
        value, error, lowest, highest = rule(open_.edge, open_.start, open_.stop)
        low, high, evaluations = (
            min(low, lowest),
            max(high, highest),
            evaluations + len(NODES) * len(open_.edge),
        )
        if halving == 0 and len(open_.edge) == n_edges:  # one panel an edge, most of which are done
            done = error <= _SAFETY * rtol * value
            means[done], errors[done] = value[done], error[done]
            open_, value, error = open_.among(~done), value[~done], error[~done]
        edges, of = open_.edges()
        with np.errstate(over="ignore", invalid="ignore"):
            total = means[edges] + np.bincount(of, value, len(edges))
            pending = errors[edges] + np.bincount(of, error, len(edges))
            count = np.bincount(of, minlength=len(edges))
            share = _SAFETY * rtol * total / count
            unmet = (pending > _SAFETY * rtol * total) & (halving < _MAX_HALVINGS)
            split = unmet[of] & (error > 0.25 * share[of]) & (error > _ROUND_OFF * total[of])
        if noise is not None and most is None and halving and split.any():
            stalled = (
                np.bincount(of, error > _STALLED * open_.parent * (open_.stop - open_.start), len(edges))
                > _MOST_STALL * count
            )
            asked = unmet & stalled & (count >= _FEWEST) & (pending < _CALM * total) & (known[edges] == 0)
            if asked.any():
                evaluations += _look_for_noise(noise, open_, error, value, asked[of], known)
            split &= error > _AT_NOISE * known[open_.edge] * value
        taken[edges] += 2 * len(NODES) * np.bincount(of, split, len(edges)).astype(np.int64)
        split &= taken[open_.edge] <= MOST_HALVED
        if most is not None and (left := max(most - evaluations, 0) // (2 * len(NODES))) < split.sum():
            worst = np.argsort(np.where(split, -error / total[of], np.inf), kind="stable")
            split[worst[left:]], spent = False, True
        means[edges] += np.bincount(of, np.where(split, 0.0, value), len(edges))
        errors[edges] += np.bincount(of, np.where(split, 0.0, error), len(edges))
        if not split.any():
            break
        open_ = open_.halved(split, error)
    relative = np.maximum(errors / means + known, _ROUND_OFF)
    worst_noise = float(known.max(initial=0.0))
    return EdgeIntegrals(means, relative, float(low), float(high), evaluations, worst_noise, spent)


class _Panels(NamedTuple):
    """Panels still worked on, in the order of their edges: edge, start and stop, and the error a length of
    what each is half of.
    """

    edge: Ints
    start: Values
    stop: Values
    parent: Values

    @classmethod
    def first(cls, n_edges: int, breaks: tuple[Ints, Values], panels: int) -> _Panels:
        """Those before any halving."""
        cuts = np.arange(panels + 1) / panels
        edge, start = np.repeat(np.arange(n_edges), panels), np.tile(cuts[:-1], n_edges)
        if not len(breaks[0]):
            return cls(edge, start, np.tile(cuts[1:], n_edges), np.full(len(edge), np.inf))
        edge, start = np.concatenate([edge, breaks[0]]), np.concatenate([start, breaks[1]])
        order = np.lexsort((start, edge))
        edge, start = edge[order], start[order]
        last = np.append(edge[1:] != edge[:-1], True)[: len(edge)]
        stop = np.where(last, 1.0, np.append(start[1:], 1.0)[: len(edge)])
        return cls(edge, start, stop, np.full(len(edge), np.inf)).among(stop - start > 1e-14)

    def among(self, rows: NDArray[Any]) -> _Panels:
        """Some of them."""
        return _Panels(*(part[rows] for part in self))

    def edges(self) -> tuple[Ints, Ints]:
        """The edges that they lie on, (e,), and for each panel its edge's place among these."""
        first = np.append(True, self.edge[1:] != self.edge[:-1])[: len(self.edge)]
        return self.edge[first], np.cumsum(first) - 1

    def halved(self, split: NDArray[np.bool_], error: Values) -> _Panels:
        """Both halves of those that are `split`; `error` (P,) is that of all of them."""
        edge, start, stop, _ = self.among(split)
        middle = (start + stop) / 2
        parent = error[split] / (stop - start)
        starts, stops = np.stack([start, middle], axis=1).ravel(), np.stack([middle, stop], axis=1).ravel()
        return _Panels(np.repeat(edge, 2), starts, stops, np.repeat(parent, 2))


def _look_for_noise(
    noise: Noise, panels: _Panels, error: Values, value: Values, asked: NDArray[np.bool_], known: Values
) -> int:
    """Fill in the noise of the edges whose panels are asked. Returns the evaluations that it took.

    It is the upper quartile over the worst panels. Rounded values are alike between most places so close, and
    step at some: where together they are rougher than what is smooth at the panel's scale can be, it is at
    least what the rules differ by.
    """
    edge, rows = panels.edge, np.flatnonzero(asked)
    rows = rows[np.lexsort((-error[rows], edge[rows]))]  # the worst of each edge first
    first = np.searchsorted(edge[rows], edge[rows])
    rows = rows[np.arange(len(rows)) - first < _FEWEST]
    found, evaluations = noise(edge[rows], panels.start[rows], panels.stop[rows])
    for one in np.unique(edge[rows]):
        its = edge[rows] == one
        known[one] = np.quantile(found[its], 0.75)
        apart = float((error[rows] / value[rows])[its].max())
        if np.sqrt(np.square(found[its]).mean()) > _ROUGH * apart:
            known[one] = max(known[one], apart)
    return evaluations


def warn_if_missed(result: EdgeIntegrals, rtol: float) -> None:
    """Warn QuadratureWarning where an edge's estimated error is ten times the tolerance or more."""
    if result.noise > 0 and (missed := result.errors > rtol).any():
        tell(
            f"{missed.sum()} of {len(missed)} edges did not reach rtol={rtol:g} (worst "
            f"{result.errors.max():.1g}): log c has noise up to {result.noise:.1g}, below which halving is "
            "in vain; compute log p in float64, or give a larger rtol=",
            QuadratureWarning,
        )
        return
    bad = result.errors > 10 * max(rtol, _ROUND_OFF)
    if result.spent:
        over = result.errors > rtol
        tell(
            f"{over.sum()} of {len(over)} edges did not reach rtol={rtol:g} (worst "
            f"{result.errors.max():.1g}): the evaluations that max_evaluations= allows are spent "
            f"({result.evaluations:,}); give more, a larger rtol=, or fewer edges",
            QuadratureWarning,
        )
    elif bad.any():
        tell(
            f"{bad.sum()} of {len(bad)} edges did not reach rtol={rtol:g} (worst {result.errors.max():.1g}): "
            "the density jumps or is noisy there, or has waves far finer than the edge; give a larger rtol=",
            QuadratureWarning,
        )


def trapezoid(pieces: int) -> tuple[Values, Values]:
    """Nodes and weights of the equispaced trapezoid rule with `pieces` pieces, the paper's. [GG] Def 2.4."""
    weights = np.full(pieces + 1, 1.0 / pieces)
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, pieces + 1), weights


def left_riemann(pieces: int) -> tuple[Values, Values]:
    """Nodes and weights of the left Riemann sum with `pieces` pieces, which is not symmetric; for claim CA.1
    only. [GG] Lemma A.3.
    """
    return np.arange(pieces) / pieces, np.full(pieces, 1.0 / pieces)


def means_of(
    log_factor: LogFactor, n_edges: int, nodes: Values, weights: Values
) -> tuple[Values, float, float]:
    """Mean of c along each edge by one rule, (m,), and the range of log c at its nodes."""
    log_c = log_factor(np.arange(n_edges), np.broadcast_to(nodes, (n_edges, len(nodes))))
    with np.errstate(over="ignore"):
        means = np.exp(log_c) @ weights
    return means, float(log_c.min(initial=np.inf)), float(log_c.max(initial=-np.inf))


def fixed(n_edges: int, n_nodes: int, means: Values, low: float, high: float) -> EdgeIntegrals:
    """What a rule found that tells no error."""
    return EdgeIntegrals(means, np.full(n_edges, np.nan), low, high, n_edges * n_nodes)
