"""The quadratic forms of a mixture's covariances: one variance, a diagonal, or a full matrix a component, or
one matrix for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from geodesic_kit.checks import reals
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.types import Edges, Ints, Points, Values

from .squares import EXACT_DIM, LOST, inverse, refuse_narrow, squared_distances

__all__ = ["DIAGONAL", "FROM_COORDINATES", "FULL", "TABLE", "Covariances"]

# multiplications a component: up to here forms are cheaper computed on the spot than looked up
FROM_COORDINATES = 16
# how the kernels come by the forms: from a table, or from the coordinates; where None is given, which most
# mixtures are of, numba leaves out what the others need
TABLE, DIAGONAL, FULL = 0, None, 2

_BLOCK = 1 << 20  # numbers held at once
_WIDEST = 2.0**1000  # variance: squares of more overflow within a few deviations, where p is not 0

Matrix = NDArray[np.float64]
# kind, means (d, K), precisions (d, K) and whitening (d, d, K)
Compiled = tuple[int | None, Points, Matrix, NDArray[np.float64]]


class Covariances(ABC):
    """K covariances on R^d and what a mixture needs of them; `squared` is the Mahalanobis form."""

    kind: ClassVar[str]
    covariances: NDArray[np.float64]
    log_det: Values  # (K,)

    @abstractmethod
    def __init__(self, covariances: NDArray[np.float64], dim: int) -> None: ...

    @staticmethod
    def of(covariances: Any, k: int, d: int) -> Covariances:
        """The form that fits the shape: (), (K,), (K, d) or (K, d, d). Raises InvalidParameter."""
        wanted = f"give one variance, {(k,)} variances, {(k, d)} diagonals or {(k, d, d)} matrices"
        if isinstance(covariances, (bool, np.bool_)):
            raise InvalidParameter(f"covariances={covariances}: a truth value is no variance; {wanted}")
        array = reals(covariances, "covariances", give=wanted, error=InvalidParameter)
        # one matrix for all, which no copy need hold k times
        repeated = array.shape == (k, d, d) and array.strides[0] == 0
        array = np.broadcast_to(array[0].copy(), array.shape) if repeated else array.copy()
        if array.ndim == 0:
            array = np.full(k, float(array))
        if not np.isfinite(array).all():
            raise InvalidParameter("covariances hold NaN or inf")
        if array.size and array.max() > _WIDEST:
            raise InvalidParameter(
                f"a covariance of {array.max():.3g} is too large: float64 does not hold squares of such "
                "distances; scale points and covariances down"
            )
        forms: dict[tuple[int, ...], type[Covariances]] = {(k,): Isotropic, (k, d): Diagonal, (k, d, d): Full}
        if array.shape not in forms:
            raise InvalidParameter(f"covariances have shape {array.shape}; {wanted}")
        kind = forms[array.shape]
        if kind is Full and k > 1 and (array == array[0]).all():
            kind = Shared
        form = kind(array, d)
        form.covariances.flags.writeable = False
        return form

    @abstractmethod
    def squared(self, x: Points, means: Points) -> Matrix:
        """Squared Mahalanobis distance of each row from each mean, (n, K)."""

    @abstractmethod
    def edge_squared(self, dx: Points) -> Matrix:
        """Squared Mahalanobis length of each row under each covariance, (m, K), or (m, 1) where all are
        one.
        """

    @property
    @abstractmethod
    def sharpest(self) -> float:
        """The greatest curvature of any form in any direction: a form of dx is at most this times |dx|^2."""

    @abstractmethod
    def compiled(self, means: Points, most: int) -> Compiled | None:
        """What the kernels take; None where d is too large for `most`."""

    def edge_forms(self, points: Points, edges: Edges, lengths: Values) -> tuple[Matrix, Values]:
        """Forms of edges of those Euclidean lengths as (m, K) and (K,), or (m, 1) and (K,), to be multiplied;
        in blocks.
        """
        out = np.empty((len(edges), len(self.log_det)))
        step = max(1, _BLOCK // points.shape[1])
        for start in range(0, len(edges), step):
            i, j = edges[start : start + step].T
            out[start : start + step] = self.edge_squared(points[j] - points[i])
        return out, np.ones(out.shape[1])

    @abstractmethod
    def pull(self, x: Points, means: Points, shares: Matrix) -> Points:
        """Sum over components of share times precision times (mean - x), (n, d): the score."""

    @abstractmethod
    def colour(self, white: Points, which: Ints) -> Points:
        """White noise given the covariance of its row's component, (n, d)."""


class Isotropic(Covariances):
    """One variance a component."""

    kind = "isotropic"

    def __init__(self, variances: Values, dim: int) -> None:
        if (variances <= 0).any():
            raise InvalidParameter(f"a covariance of {variances.min():g} is not positive")
        self.covariances = variances
        self.log_det = dim * np.log(variances)
        self._precisions = inverse(variances)

    def squared(self, x: Points, means: Points) -> Matrix:
        return squared_distances(x, means, self.sharpest) * self._precisions

    def edge_squared(self, dx: Points) -> Matrix:
        return np.einsum("md,md->m", dx, dx)[:, None] * self._precisions

    @property
    def sharpest(self) -> float:
        return float(self._precisions.max())

    def compiled(self, means: Points, most: int) -> Compiled | None:
        k, d = means.shape
        return _diagonal(means, np.broadcast_to(self._precisions[:, None], (k, d))) if d <= most else None

    def edge_forms(self, points: Points, edges: Edges, lengths: Values) -> tuple[Matrix, Values]:
        return np.square(lengths)[:, None], self._precisions

    def pull(self, x: Points, means: Points, shares: Matrix) -> Points:
        scaled = shares * self._precisions
        return scaled @ means - x * scaled.sum(axis=1, keepdims=True)

    def colour(self, white: Points, which: Ints) -> Points:
        return white * np.sqrt(self.covariances[which])[:, None]


class Diagonal(Covariances):
    """One variance a coordinate and component."""

    kind = "diag"

    def __init__(self, variances: Matrix, dim: int) -> None:
        if (variances <= 0).any():
            raise InvalidParameter(f"a covariance of {variances.min():g} is not positive")
        self.covariances = variances
        self.log_det = np.log(variances).sum(axis=1)
        self._precisions = inverse(variances)

    def squared(self, x: Points, means: Points) -> Matrix:
        if x.shape[1] > EXACT_DIM:
            centre = means.mean(axis=0)
            u, v = x - centre, means - centre
            squares = (np.square(v) * self._precisions).sum(axis=1)
            if squares.max() < LOST:
                form = np.square(u) @ self._precisions.T + u @ (-2 * (v * self._precisions).T) + squares
                return np.maximum(form, 0.0, out=form)
        form = np.zeros((len(x), len(means)))
        for c in range(x.shape[1]):  # coordinate by coordinate: no (n, K, d) array
            form += np.square(x[:, c, None] - means[:, c]) * self._precisions[:, c]
        return form

    def edge_squared(self, dx: Points) -> Matrix:
        return np.square(dx) @ self._precisions.T

    @property
    def sharpest(self) -> float:
        return float(self._precisions.max())

    def compiled(self, means: Points, most: int) -> Compiled | None:
        return _diagonal(means, self._precisions) if means.shape[1] <= most else None

    def pull(self, x: Points, means: Points, shares: Matrix) -> Points:
        return shares @ (means * self._precisions) - x * (shares @ self._precisions)

    def colour(self, white: Points, which: Ints) -> Points:
        return white * np.sqrt(self.covariances[which])


class Full(Covariances):
    """A matrix a component, through its Cholesky factor."""

    kind = "full"

    def __init__(self, matrices: NDArray[np.float64], dim: int) -> None:
        if not np.allclose(
            matrices, matrices.transpose(0, 2, 1), rtol=1e-8, atol=1e-12 * np.abs(matrices).max()
        ):
            raise InvalidParameter("covariances are not symmetric")
        self.covariances = (matrices + matrices.transpose(0, 2, 1)) / 2
        try:
            self._factors = np.linalg.cholesky(self.covariances)
        except np.linalg.LinAlgError:
            smallest = np.linalg.eigvalsh(self.covariances).min()
            raise InvalidParameter(
                f"a covariance has the eigenvalue {smallest:.3g}, it must be positive definite; add a "
                "little to its diagonal"
            ) from None
        self.log_det = 2 * np.log(np.diagonal(self._factors, axis1=1, axis2=2)).sum(axis=1)
        self._whiten = np.stack([solve_triangular(f, np.eye(len(f)), lower=True) for f in self._factors])
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(self.sharpest):
                refuse_narrow(float(np.square(np.diagonal(self._factors, axis1=1, axis2=2)).min()))

    def squared(self, x: Points, means: Points) -> Matrix:
        return np.stack(
            [np.square((x - mean) @ w.T).sum(axis=1) for mean, w in zip(means, self._whiten, strict=True)],
            axis=1,
        )

    def edge_squared(self, dx: Points) -> Matrix:
        return np.stack([np.square(dx @ w.T).sum(axis=1) for w in self._whiten], axis=1)

    @property
    def sharpest(self) -> float:
        return float(np.square(np.linalg.norm(self._whiten, axis=(1, 2))).max())

    def compiled(self, means: Points, most: int) -> Compiled | None:
        d = means.shape[1]
        if d * (d + 1) // 2 > most:
            return None
        return (
            FULL,
            np.ascontiguousarray(means.T),
            np.empty((0, 0)),
            np.ascontiguousarray(self._whiten.transpose(1, 2, 0)),
        )

    def pull(self, x: Points, means: Points, shares: Matrix) -> Points:
        total = np.zeros_like(x)
        for k, (mean, w) in enumerate(zip(means, self._whiten, strict=True)):
            total += shares[:, k, None] * ((mean - x) @ w.T @ w)
        return total

    def colour(self, white: Points, which: Ints) -> Points:
        return np.einsum("nij,nj->ni", self._factors[which], white)


class Shared(Covariances):
    """One matrix for all components: after whitening, squares are plain distances."""

    kind = "shared"

    def __init__(self, matrices: NDArray[np.float64], dim: int) -> None:
        self._one = Full(matrices[:1].copy(), dim)
        self.covariances = np.broadcast_to(self._one.covariances, matrices.shape)
        self.log_det = np.repeat(self._one.log_det, len(matrices))
        self._whiten = self._one._whiten[0]

    def squared(self, x: Points, means: Points) -> Matrix:
        centre = means.mean(axis=0)
        return squared_distances((x - centre) @ self._whiten.T, (means - centre) @ self._whiten.T)

    def edge_squared(self, dx: Points) -> Matrix:
        return self._one.edge_squared(dx)

    @property
    def sharpest(self) -> float:
        return self._one.sharpest

    def compiled(self, means: Points, most: int) -> Compiled | None:
        one = self._one.compiled(means, most)
        return None if one is None else (*one[:3], np.repeat(one[3], len(means), axis=2))

    def edge_forms(self, points: Points, edges: Edges, lengths: Values) -> tuple[Matrix, Values]:
        return super().edge_forms(points, edges, lengths)[0][:, :1].copy(), np.ones(len(self.log_det))

    def pull(self, x: Points, means: Points, shares: Matrix) -> Points:
        return (shares @ means - x * shares.sum(axis=1, keepdims=True)) @ (self._whiten.T @ self._whiten)

    def colour(self, white: Points, which: Ints) -> Points:
        return white @ self._one._factors[0].T


def _diagonal(means: Points, precisions: Matrix) -> Compiled:
    return DIAGONAL, np.ascontiguousarray(means.T), np.ascontiguousarray(precisions.T), np.empty((0, 0, 0))
