"""The contract of a latent model: points in, points out, and back again."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..types import LatentModel, Points
from .tools import ALONE, LearnedContract, close, refuses, still

__all__ = ["LatentBasics", "LatentContract"]


class LatentBasics(LearnedContract):
    """Inherited tests that every model with `encode` and `decode` must pass; `LatentContract` adds that it
    comes back, `DecoderContract` that it is differentiable.

    `batch_rtol` is the agreement of a row alone with the row in a batch.
    """

    batch_rtol: ClassVar[float] = 1e-9

    @cached_property
    def model(self) -> Any:
        """The model under test."""
        return self.make()

    @property
    def x(self) -> Points:
        """Up to 64 points of the data."""
        return np.array(self.data()[:64], dtype=np.float64)

    def test_follows_the_protocol(self) -> None:
        assert isinstance(self.model, LatentModel), "a latent model has encode(x) and decode(z)"

    def test_shapes_and_types(self) -> None:
        for x in (self.x, self.x[:1]):
            z = self.model.encode(x)
            back = self.model.decode(z)
            for what, found in (("encode", z), ("decode", back)):
                assert isinstance(found, np.ndarray), (
                    f"{what} returned a {type(found).__name__}, not an array"
                )
                assert found.dtype == np.float64, f"{what} returned {found.dtype}, float64 is needed"
                assert found.ndim == 2, f"{what} returned shape {found.shape}, one row a point is needed"
                assert len(found) == len(x), f"{what} returned {len(found)} rows for {len(x)}"
                assert np.isfinite(found).all(), f"{what} returned NaN or inf at points of the data"
            assert back.shape == x.shape, f"decode returned shape {back.shape}, {x.shape} is needed"

    def test_the_same_every_time_and_no_change_to_the_input(self) -> None:
        x = self.x
        with still(x):
            z = self.model.encode(x)
            assert np.array_equal(self.model.encode(x), z), "two calls of encode with the same points differ"
        with still(z):
            back = self.model.decode(z)
            assert np.array_equal(self.model.decode(z), back), (
                "two calls of decode with the same points differ"
            )

    def test_a_row_does_not_see_its_batch(self) -> None:
        x, z = self.x, self.model.encode(self.x)
        close(
            np.concatenate([self.model.encode(row[None]) for row in x[:ALONE]]),
            z[:ALONE],
            self.batch_rtol,
            "encode one by one",
            self.batch_rtol,
        )
        back = self.model.decode(z)
        close(
            np.concatenate([self.model.decode(row[None]) for row in z[:ALONE]]),
            back[:ALONE],
            self.batch_rtol,
            "decode one by one",
            self.batch_rtol,
        )
        close(
            self.model.encode(x[::-1])[::-1], z, self.batch_rtol, "encode in another order", self.batch_rtol
        )

    def test_refuses_what_is_no_point(self) -> None:
        z = self.model.encode(self.x)
        for what, call, rows in (("encode", self.model.encode, self.x), ("decode", self.model.decode, z)):
            poisoned = rows.copy()
            poisoned[3, 0] = np.nan
            with refuses(f"{what}: NaN among the points"):
                call(poisoned)
            with refuses(f"{what}: a point with one coordinate too many"):
                call(np.zeros((2, rows.shape[1] + 1)))


class LatentContract(LatentBasics):
    """Inherited tests of a model with `encode` and `decode`; set `plugin`, or override `make`, and `data`.

    A class with `fit` is fitted to `data()`. `rtol` is how far decode(encode(x)) may lie from x, in standard
    deviations of the data: raise it for a model that compresses. `batch_rtol` is the agreement of a row alone
    with the row in a batch.
    """

    rtol: ClassVar[float] = 1e-5

    def test_there_and_back(self) -> None:
        x = self.x
        close(
            self.model.decode(self.model.encode(x)),
            x,
            0.0,
            "decode(encode(x)) against x",
            self.rtol * float(x.std()),
        )
