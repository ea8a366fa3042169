"""Def 2.2: whether a table of distances is one, over all its triples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...geodesics.between import geodesic
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...types import Values

__all__ = ["best_detours", "distance_axioms", "draw_detours", "refined_distances", "triangle_excess"]


def distance_axioms(distances: NDArray[np.float64]) -> dict[str, float]:
    """The axioms as numbers, of a table (n, n): relative asymmetry, the largest d(x, x), the least d(x, y),
    the triangle excess.
    """
    apart = ~np.eye(len(distances), dtype=bool)
    return {
        "asymmetry": float((np.abs(distances - distances.T)[apart] / distances[apart]).max()),
        "largest d(x, x)": float(distances.diagonal().max()),
        "least d(x, y)": float(distances[apart].min()),
        "triangle excess": triangle_excess(distances),
    }


def triangle_excess(distances: NDArray[np.float64]) -> float:
    """The most by which d(i, j) exceeds d(i, k) + d(k, j), relative to d(i, j), over all triples of a table
    (n, n).
    """
    excess = -np.inf
    for k in range(len(distances)):
        detour = distances[:, [k]] + distances[[k], :]
        excess = max(excess, float(((distances - detour) / np.where(distances > 0, distances, 1.0)).max()))
    return excess


def refined_distances(graph: Graph, vertices: ArrayLike, *, rtol: float) -> NDArray[np.float64]:
    """Lengths (k, k) of refined geodesics between k vertices, each way on its own, in units of x times c."""
    at = np.asarray(vertices)
    found = np.zeros((len(at), len(at)))
    for i, j in zip(*np.nonzero(~np.eye(len(at), dtype=bool)), strict=True):
        found[i, j] = refine(geodesic(graph, int(at[i]), int(at[j])), rtol=rtol).length
    return found


def best_detours(distances: NDArray[np.float64], n: int) -> tuple[Values, Values]:
    """d(x, z) and the least d(x, y) + d(y, z) over every third vertex y, each (n (n - 1),), for pairs of the
    first n vertices.
    """
    through = distances[:n, None, :] + distances[None, :n, :]
    at = np.arange(n)
    through[at, :, at] = through[:, at, at] = np.inf  # y is neither of the two
    apart = ~np.eye(n, dtype=bool)
    return distances[:n, :n][apart], through.min(axis=2)[apart]


def draw_detours(direct: Values, detours: Values, title: str) -> None:
    """Draw each direct distance over its best detour, and the diagonal, which no point lies above."""
    from ...plots.canvas import INK, dots, new_axes, palette

    ax = new_axes(None, size=(5.2, 4.8))
    ends = [direct.min(), direct.max()]
    ax.plot(ends, ends, "-", color=INK, linewidth=1, label="d(x, z) = d(x, y) + d(y, z)")
    dots(ax, np.stack([detours, direct], axis=1), 16, color=palette(1)[0], alpha=0.4)
    labels = {"xlabel": "least d(x, y) + d(y, z)  [length]", "ylabel": "d(x, z)  [length]"}
    ax.set(xscale="log", yscale="log", title=title, **labels)
    ax.legend(frameon=False, fontsize="small")
