"""The direction of most negative curvature against the whole spectrum of the same matrix."""

from __future__ import annotations

import numpy as np
import pytest

from geodesic_kit.geodesics.hessian import banded, lowest_of


def matrix(n: int, d: int, dent: float, seed: int = 0) -> np.ndarray:
    """Springs between n points of R^d, less a dent of the diagonal, in upper banded form."""
    rng = np.random.default_rng(seed)
    own = 2 * n * np.tile(np.eye(d), (n, 1, 1)) - dent * rng.random((n, d, 1)) * np.eye(d)
    return banded(own, -n * np.tile(np.eye(d), (n - 1, 1, 1)))


def dense(h: np.ndarray) -> np.ndarray:
    """The symmetric matrix of an upper banded form."""
    width, size = len(h) - 1, h.shape[1]
    upper = sum(np.diag(h[width - k, k:], k) for k in range(min(width + 1, size)))
    return upper + np.triu(upper, 1).T


@pytest.mark.parametrize("dent", [1.0, 30.0, 1e4])
@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 1), (3, 3), (40, 2), (300, 2), (24, 10)])
def test_it_is_the_least_eigenvalues(n: int, d: int, dent: float) -> None:
    h = matrix(n, d, dent, seed=n)
    values, vectors = np.linalg.eigh(dense(h))
    found = lowest_of(h)
    if values[0] >= 0:
        assert found is None
        return
    assert found is not None
    along = vectors.T @ found
    assert np.linalg.norm(found) == pytest.approx(1)
    # about the least: as far down as asked, on the scale of what is negative
    assert (values * along**2).sum() == pytest.approx(values[0], rel=1e-2)


def test_what_is_not_negative_has_none() -> None:
    assert lowest_of(np.zeros((2, 5))) is None
    assert lowest_of(matrix(50, 2, 0.0)) is None
    assert lowest_of(np.full((2, 5), np.inf)) is None


def test_rounding_is_no_direction() -> None:
    h = matrix(50, 2, 0.0)
    h[-1] -= np.linalg.eigvalsh(dense(h))[0] + 1e-13 * np.abs(h).max()
    assert lowest_of(h) is None
