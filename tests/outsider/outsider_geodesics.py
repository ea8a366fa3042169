"""A third party's plugins: a product of Laplace densities, Bellman and Ford's shortest paths in NumPy, and a
bowl as a decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import geodesic_kit as gk


@dataclass(frozen=True, eq=False)
class Laplace:
    """Product over coordinates of exp(-|x - centre| / scale) / (2 scale); centre and scale (d,)."""

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    normalised: ClassVar[bool] = True

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.centre)

    @classmethod
    def fit(cls, x: NDArray[np.float64], *, seed: int) -> Laplace:
        """The maximum-likelihood fit: medians and mean absolute deviations, which need no chance."""
        centre = np.median(x, axis=0)
        return cls(centre, np.abs(x - centre).mean(axis=0))

    def log_prob(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Natural log of the density at each row, (n, d) -> (n,)."""
        away = np.abs(gk.checks.as_points(x, dim=self.dim) - self.centre)
        return -(away / self.scale + np.log(2 * self.scale)).sum(axis=1)

    def sample(self, n: int, *, seed: int) -> NDArray[np.float64]:
        """Draw n independent points, (n, d)."""
        return np.random.default_rng(seed).laplace(self.centre, self.scale, (n, self.dim))

    def log_prob_upper_bound(self) -> float:
        """log p at its only peak."""
        return float(-np.log(2 * self.scale).sum())


class BellmanFord:
    """All edges relaxed until none is loose: slow, short, and not Dijkstra."""

    name: ClassVar[str] = "outsider-bellman-ford"
    rtol: ClassVar[float] = 1e-9

    def solve(
        self,
        graph: Any,
        sources: Any,
        *,
        limit: float = np.inf,
        predecessors: bool = False,
        dtype: Any = np.float64,
        out: Any = None,
    ) -> gk.ShortestPaths:
        """Distances (s, n) in the order of `sources`; unreachable or beyond `limit` is inf, with predecessor
        -1.
        """
        links = graph.matrix.tocoo()
        sources = gk.checks.as_sources(sources, graph.n)
        limit = gk.checks.number(limit, "limit", least=0)
        out = np.empty((len(sources), graph.n), dtype=dtype) if out is None else out
        if out.shape != (len(sources), graph.n):
            raise ValueError(f"out has shape {out.shape}, {(len(sources), graph.n)} is needed")
        before = np.full(out.shape, -1, dtype=np.int32) if predecessors else None
        for row, source in enumerate(sources):
            distance, last = np.full(graph.n, np.inf), None
            distance[source] = 0.0
            while last is None or not np.array_equal(distance, last):
                last = distance.copy()
                np.minimum.at(distance, links.col, last[links.row] + links.data)
            out[row] = np.where(distance <= limit, distance, np.inf)
            if before is not None:
                tight = (
                    np.isfinite(distance[links.col])
                    & (distance[links.row] + links.data == distance[links.col])
                    & (distance[links.col] <= limit)
                )
                before[row, links.col[tight]] = links.row[tight]
        return gk.ShortestPaths(out, before)


class Bowl:
    """The graph of the bowl (u^2 + v^2) / 2 over the plane: a decoder from R^2 to R^3 that is not learned."""

    def encode(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """What lies below each point, (n, 3) -> (n, 2)."""
        return gk.checks.as_points(x, dim=3)[:, :2].copy()

    def decode(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """The point of the bowl above each, (n, 2) -> (n, 3)."""
        z = gk.checks.as_points(z, dim=2)
        return np.concatenate([z, np.square(z).sum(axis=1, keepdims=True) / 2], axis=1)

    def decoder(self, z: Any) -> Any:
        """`decode` for torch tensors, (..., 2) -> (..., 3)."""
        import torch

        if z.shape[-1] != 2:
            raise ValueError(f"z has shape {tuple(z.shape)}, (..., 2) is needed")
        return torch.cat([z, z.square().sum(dim=-1, keepdim=True) / 2], dim=-1)
