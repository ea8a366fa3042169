"""The contract of a decoder that pullback geometry differentiates: it is `decode`, in torch, and smooth."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from ..types import DifferentiableDecoder, Points
from .latent import LatentBasics
from .tools import close, refuses, still

__all__ = ["DecoderContract"]


class DecoderContract(LatentBasics):
    """Inherited tests of a model with `encode`, `decode` and `decoder`; set `plugin`, or override `make`, and
    `data`.

    A class with `fit` is fitted to `data()`. `decoder` is a torch callable in float64, (..., z) -> (..., d);
    it may have `isometric`, another to fewer coordinates whose images are as far apart, for faster lengths.
    `step` is that of the differences that its derivatives are held against, in units of the codes' deviation,
    and `slope_rtol` the agreement: raise both for a model that computes in float32.
    """

    decoder_rtol: ClassVar[float] = 1e-6
    step: ClassVar[float] = 1e-4
    slope_rtol: ClassVar[float] = 1e-5

    def test_has_a_decoder(self) -> None:
        assert isinstance(self.model, DifferentiableDecoder), "a decoder has `decoder`, a torch callable"
        assert callable(self.model.decoder), "`decoder` is a torch callable (..., z) -> (..., d)"

    def test_the_decoder_is_decode(self) -> None:
        z = self._codes()
        wanted = self.model.decode(z)
        with still(z):
            found = self._decoded(z)
        size = float(np.abs(wanted).max())
        close(found, wanted, self.decoder_rtol, "decoder against decode", self.decoder_rtol * size)

    def test_any_batch_of_latent_points(self) -> None:
        z = self._codes()
        size = float(np.abs(whole := self._decoded(z)).max())
        d = whole.shape[1]
        for shape in ((len(z) // 2, 2), (1, len(z) // 2, 2), (0,)):
            given = z[: int(np.prod(shape))].reshape(*shape, z.shape[1])
            found = self._decoded(given)
            assert found.shape == (*shape, d), (
                f"decoder of shape {given.shape} returned {found.shape}, {(*shape, d)} is needed"
            )
            rows = found.reshape(-1, d)
            close(rows, whole[: len(rows)], self.decoder_rtol, "another batch", self.decoder_rtol * size)
        one = self._decoded(z[0])
        close(one, whole[0], self.decoder_rtol, "one latent point, (z,)", self.decoder_rtol * size)

    def test_derivatives_are_those_of_decode(self) -> None:
        import torch

        z = self._codes()
        directions = np.random.default_rng(0).standard_normal(z.shape)
        point, along = torch.tensor(z), torch.tensor(directions)
        with warnings.catch_warnings():
            # torch's own forward derivatives call what torch deprecates, when they are first used
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch")
            forward = torch.func.jvp(self.model.decoder, (point,), (along,))[1]
        slope = forward.detach().cpu().numpy()
        assert np.isfinite(slope).all(), "the derivative of decoder is NaN or inf at codes of the data"
        h = self.step * float(z.std())
        ahead, behind = (self.model.decode(z + sign * h * directions) for sign in (1, -1))
        size = self.slope_rtol * float(np.abs(slope).max())
        close(slope, (ahead - behind) / (2 * h), self.slope_rtol, "jvp against differences of decode", size)
        image, backward = torch.func.vjp(self.model.decoder, point)[:2]
        weights = torch.ones_like(image)
        (pulled,) = backward(weights)
        close(
            (pulled * along).sum().item(),
            (weights * forward).sum().item(),
            1e-6,
            "the backward derivative against the forward one",
            1e-6 * float(np.abs(slope).sum()),
        )

    def test_isometric_images_are_as_far_apart(self) -> None:
        shorter = getattr(self.model.decoder, "isometric", None)
        if shorter is None:
            return
        import torch

        z = self._codes()
        with torch.no_grad():
            found = shorter(torch.tensor(z)).cpu().numpy()
        wanted = self._decoded(z)
        assert found.shape[1] < wanted.shape[1], f"isometric has {found.shape[1]} coordinates, no fewer"
        apart, due = (np.linalg.norm(np.diff(rows, axis=0), axis=1) for rows in (found, wanted))
        size = self.decoder_rtol * float(np.abs(wanted).max())
        close(apart, due, self.decoder_rtol, "distances of isometric images against those of images", size)

    def test_the_decoder_refuses_other_widths(self) -> None:
        import torch

        width = self._codes().shape[1]
        with refuses("decoder: a latent point with one coordinate too many"):
            self.model.decoder(torch.zeros(2, width + 1, dtype=torch.float64))

    def _codes(self) -> Points:
        """Codes of 16 points of the data, (16, z)."""
        return np.asarray(self.model.encode(self.x[:16]))

    def _decoded(self, z: Points) -> Any:
        import torch

        found = self.model.decoder(torch.tensor(z))
        assert isinstance(found, torch.Tensor), f"decoder returned a {type(found).__name__}, not a tensor"
        assert found.dtype == torch.float64, f"decoder returned {found.dtype} for float64"
        return found.detach().cpu().numpy()
