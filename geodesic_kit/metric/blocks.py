"""Edges integrated a block at a time, by this process's threads or by a cluster's workers: the blocks are the
same, and so are the numbers, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.progress import progress
from ..base.threads import n_threads, shared_out
from ..density.answers import prepared_panels
from ..types import Density, Edges, OnPanels, Panels, Points, PowerLaw
from ..workers.connection import connected
from ..workers.shards import carried_out
from .norms import norms
from .quadrature import EdgeIntegrals
from .rules import Adaptive, Rule

__all__ = ["EdgeBlocks"]

# fewest and most edges integrated at once: memory does not grow with their number
_BLOCK = (1 << 13, 1 << 16)
_HELD = 1 << 22  # panels or pieces of a block: as many edges fewer as each starts from more
_BLOCKS = 8  # that threads take in turn, where edges are not so many


@dataclass(frozen=True, eq=False)
class EdgeBlocks:
    """How blocks of edges over some points are integrated, by a rule that is settled; `times_length` as
    `ConformalMetric.integrate` has it. `law` is the metric's, None where c is no power of p.
    """

    integrate: Callable[[Points, Edges, Rule, Callable[[Edges], Panels] | None, int | None], EdgeIntegrals]
    density: Density
    law: PowerLaw | None
    points: Points
    rule: Rule
    times_length: bool
    edges: int  # of all blocks, which share the evaluations that the rule allows

    def over(self, edges: Edges, client: Any = None) -> EdgeIntegrals:
        """All of the edges, by this process or by the cluster of `client`."""
        held = self.rule.panels or 1 if isinstance(self.rule, Adaptive) else self.rule.pieces
        step = max(1, min(int(np.clip(-(-len(edges) // _BLOCKS), *_BLOCK)), _HELD // held))
        blocks = [edges[start : start + step] for start in range(0, max(len(edges), 1), step)]
        found = self._here(blocks) if client is None else self._there(blocks, client)
        means, errors = np.empty(len(edges)), np.empty(len(edges), dtype=np.float32)
        lows, highs, evaluations, noise, end, spent = [], [], 0, 0.0, 0, False
        for part in progress(found, len(blocks), len(self.points), "edge lengths"):
            rows = slice(end, end := end + len(part.means))
            means[rows], errors[rows] = part.means, part.errors
            lows.append(part.log_c_min)
            highs.append(part.log_c_max)
            evaluations += part.evaluations
            noise = max(noise, part.noise)
            spent |= part.spent
        return EdgeIntegrals(means, errors, min(lows), max(highs), evaluations, noise, spent)

    def block(self, edges: Edges) -> EdgeIntegrals:
        """One block."""
        most = self.rule.max_evaluations if isinstance(self.rule, Adaptive) else None
        share = None if most is None else most * len(edges) // max(self.edges, 1)
        part = self.integrate(self.points, edges, self.rule, self._prepare, share)
        if self.times_length:
            with np.errstate(over="ignore"):  # what exceeds float64 is refused with the edge's name
                part.means[:] *= norms(self.points, edges)
        return part

    @cached_property
    def _prepare(self) -> Callable[[Edges], Panels] | None:
        """What a density that integrates by itself makes of all points, once."""
        if self.law is None or not isinstance(self.density, OnPanels):
            return None
        return prepared_panels(self.density, self.points, self.law)

    def _here(self, blocks: list[Edges]) -> Iterator[EdgeIntegrals]:
        # Threads help where kernels release the GIL; any other density is asked from this thread alone.
        return shared_out(self.block, blocks, 1 if self._prepare is None else n_threads())

    def _there(self, blocks: list[Edges], client: Any) -> Iterator[EdgeIntegrals]:
        with connected(client) as cluster:
            found = dict(carried_out(cluster, EdgeBlocks.block, self, dict(enumerate(blocks))))
        yield from (found[k] for k in range(len(blocks)))
