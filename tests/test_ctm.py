"""Consistency Trajectory Models: closed forms of the ODE and the losses, the contracts, resumed trainings,
the shipped weights.
"""

from __future__ import annotations

import json
import math
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

import geodesic_kit as gk
from geodesic_kit.base.cards import card_path
from geodesic_kit.base.recipes import Trainable
from geodesic_kit.errors import (
    DataError,
    HashMismatch,
    InvalidParameter,
    MissingPlugin,
    NoGPUError,
    TruncatedFileError,
    UnknownName,
)
from geodesic_kit.registry import LearnedRegistry
from geodesic_kit.types import Density, HasLogProbAndScore, LatentModel, Samples

torch = pytest.importorskip("torch")
pytest.importorskip("torchdiffeq")

from geodesic_kit_plugins.densities.ctm import CTM, ode  # noqa: E402
from geodesic_kit_plugins.densities.ctm.architecture import Architecture  # noqa: E402
from geodesic_kit_plugins.densities.ctm.losses import consistency, denoising  # noqa: E402
from geodesic_kit_plugins.densities.ctm.trajectory import Noise, Trajectory  # noqa: E402

SMALL: dict[str, Any] = dict(width=16, depth=2, steps=60, batch=64)
NOISE = Noise()


class Small(CTM):
    """A model that is fitted in a moment, and whose ODE takes few steps."""

    @classmethod
    def fit(cls, x: Any, *, seed: int = 0, **options: Any) -> Small:
        return super().fit(x, seed=seed, **(SMALL | options))

    @classmethod
    def _of(cls, *parts: Any, steps: int | None = None, **numbers: Any) -> Small:
        return super()._of(*parts, steps=steps or 6, **numbers)


@cache
def moons() -> Small:
    # half the default's time, log p within .001 on average
    return Small.pretrained("two_moons").with_ode(steps=24)


@cache
def held_out() -> gk.datasets.Dataset:
    return gk.datasets.load("two_moons", n=1000, seed=12345)


class TestContract(gk.testing.DensityContract):
    """By the shipped weights: p must be a density, and samples follow it. The other laws hold for an ODE of
    few steps as well.
    """

    plugin = Small
    box = 2.2
    mass_rtol = 3e-3  # what 24 steps of the ODE err by
    cells = 51  # 1.5 times as wide as the moons' noise, the narrowest thing here: mid-points err by 3e-4

    def data(self) -> Any:
        return held_out().x

    def make(self) -> Any:
        return moons().with_ode(steps=4)

    def test_integrates_to_one(self) -> None:
        self.density = moons()
        super().test_integrates_to_one()

    def test_samples_follow_the_density(self) -> None:
        self.density = moons()
        super().test_samples_follow_the_density()

    def _grid(self) -> Any:
        return grid_of_moons()  # once for the two


@cache
def grid_of_moons() -> Any:
    of = TestContract()
    of.density = moons()
    return gk.testing.DensityContract._grid(of)


class TestLatent(gk.testing.LatentContract):
    """Encoded and decoded by the ODE, which errs most where two moons part; it alone needs all its steps."""

    rtol = 1e-2

    def make(self) -> Any:
        return moons().with_ode(steps=4)

    def data(self) -> Any:
        return held_out().x

    def test_there_and_back(self) -> None:
        self.model = Small.pretrained("two_moons")
        super().test_there_and_back()


class Exact(Trajectory):
    """The model that training would find at best: denoiser and jumps of a mixture of normals, in closed
    form.
    """

    def __init__(
        self, means: Any, weights: Any, deviation: float = NOISE.data, *, jumps: bool = False
    ) -> None:
        super().__init__(torch.nn.Identity(), NOISE)
        self.means, self.log_weights, self.deviation, self.jumps = (
            torch.tensor(means),
            torch.tensor(weights).log(),
            deviation,
            jumps,
        )

    def estimate(self, x: Any, t: Any, s: Any) -> Any:
        variance = (self.deviation**2 + t.reshape(-1, 1) ** 2) + 0 * x[:, :1]
        if self.jumps:  # a single normal: its paths are straight in units of their deviation
            end = (x - self.means) * (
                (self.deviation**2 + s.reshape(-1, 1) ** 2) / variance
            ).sqrt() + self.means
            share = (s / t).reshape(-1, 1).expand(len(x), 1)
            still = share > 1 - 1e-6
            return torch.where(
                still, self._denoised(x, variance), (end - share * x) / torch.where(still, 1.0, 1 - share)
            )
        return self._denoised(x, variance)

    def _denoised(self, x: Any, variance: Any) -> Any:
        share = torch.softmax(
            self.log_weights - ((x[:, None] - self.means) ** 2).sum(dim=2) / (2 * variance), dim=1
        )
        centre = share @ self.means.to(share)
        return centre + self.deviation**2 / variance * (x - centre)


def mixture(dim: int) -> tuple[Exact, Any]:
    """An exact model of two normals around 0, as data are scaled, and the same blurred by the lowest
    noise.
    """
    weights = np.array([0.3, 0.7])
    means = 0.3 * np.random.default_rng(dim).standard_normal((2, dim))
    means -= weights @ means
    return Exact(means, weights, 0.4), gk.densities["mog"](means, 0.4**2 + NOISE.lowest**2, weights)


def by_the_ode(model: Any, x: Any, steps: int, probes: Any = None) -> Any:
    """log p by each probe, by the exact trace where there are none."""
    d = x.shape[1]
    with torch.no_grad():
        found = ode.log_density(model, torch.tensor(x), steps, axes(d) if probes is None else probes).numpy()
    return found if probes is not None else found.mean(axis=1)


def axes(d: int) -> Any:
    return d**0.5 * torch.eye(d, dtype=torch.float64)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_ode_carries_the_density_of_a_mixture(dim: int) -> None:
    model, truth = mixture(dim)
    x = truth.sample(200, seed=1)
    np.testing.assert_allclose(by_the_ode(model, x, 48), truth.log_prob(x), atol=2e-3)
    np.testing.assert_allclose(by_the_ode(model, x, 192), truth.log_prob(x), atol=1e-4)


def test_its_score_is_that_of_the_mixture() -> None:
    model, truth = mixture(2)
    x = torch.tensor(truth.sample(50, seed=2), requires_grad=True)
    (score,) = torch.autograd.grad(ode.log_density(model, x, 96, axes(2)).mean(dim=1).sum(), x)
    np.testing.assert_allclose(score.numpy(), truth.score(x.detach().numpy()), atol=1e-2)


def test_probes_estimate_the_density_within_their_error() -> None:
    model, truth = mixture(20)
    x = truth.sample(10, seed=3)
    signs = torch.tensor(np.random.default_rng(4).choice([-1.0, 1.0], (16, 20)))
    estimates = by_the_ode(model, x, 48, signs)
    error = estimates.std(axis=1, ddof=1) / 4
    exact = by_the_ode(model, x, 48)
    assert (np.abs(estimates.mean(axis=1) - exact) <= 5 * error + 1e-9).all()
    np.testing.assert_allclose(exact, truth.log_prob(x), atol=2e-2)


def test_the_ode_runs_back() -> None:
    model, truth = mixture(2)
    x = torch.tensor(truth.sample(200, seed=5))
    z = ode.ahead(model, x, 96)
    np.testing.assert_allclose(ode.back(model, z, 96).numpy(), x.numpy(), atol=1e-4)
    assert abs(z.square().mean().item() - 1) < 0.2  # the latent end is the standard normal


def test_an_untrained_model_is_the_normal_of_its_data() -> None:
    """Its network is silent, so its denoiser is that of the normal with the data's mean and deviations."""
    x = np.random.default_rng(6).standard_normal((500, 2)) * [3.0, 0.2] + [5.0, -1.0]
    model = CTM.fit(x, steps=1, lr=1e-12, width=8, depth=1)
    truth = gk.densities["mog"](x.mean(axis=0)[None], (x.std(axis=0)[None] ** 2) * (1 + (2 * 0.002) ** 2))
    np.testing.assert_allclose(model.log_prob(x), truth.log_prob(x), atol=1e-6)
    np.testing.assert_allclose(model.encode(x), (x - x.mean(axis=0)) / x.std(axis=0), rtol=2e-5)
    np.testing.assert_allclose(model.lowest_noise, 0.002 * 2 * x.std(axis=0))


@given(st.floats(0.01, 80), st.floats(0, 1), st.integers(0, 1000))
@settings(max_examples=20)
def test_jumps_stand_still_and_end_at_the_estimate(t: float, share: float, seed: int) -> None:
    model = Architecture.of(2, width=8, depth=1).build(0).requires_grad_(False)
    x = torch.tensor(np.random.default_rng(seed).standard_normal((3, 2)), dtype=torch.float32)
    t, s = torch.tensor(t), torch.tensor(share * t)
    np.testing.assert_allclose(model.jump(x, t, t), x, rtol=1e-6)
    np.testing.assert_allclose(
        model.jump(x, t, torch.tensor(0.0)), model.estimate(x, t, torch.tensor(0.0)), rtol=1e-6
    )
    np.testing.assert_allclose(
        model.jump(x, t, s), s / t * x + (1 - s / t) * model.estimate(x, t, s), rtol=1e-4, atol=1e-5
    )


@given(st.floats(0, 1))
def test_levels_and_shares_are_inverse(share: float) -> None:
    level = NOISE.level(torch.tensor(share, dtype=torch.float64))
    assert NOISE.lowest * (1 - 1e-9) <= level <= NOISE.highest * (1 + 1e-9)
    assert NOISE.share(level).item() == pytest.approx(share, abs=1e-9)


def test_one_pair_of_levels_serves_all_points() -> None:
    for form in (Architecture.of(2, width=16, depth=2), Architecture.of(64, "unet", 8)):
        model = form.build(1)
        for parameter in model.parameters():
            parameter.data.add_(
                0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0))
            )
        x = torch.randn(5, form.dim, generator=torch.Generator().manual_seed(1))
        t, s = torch.tensor(1.5), torch.tensor(0.2)
        np.testing.assert_allclose(
            model.jump(x, t, s).detach(),
            model.jump(x, t.expand(5), s.expand(5)).detach(),
            rtol=1e-4,
            atol=1e-5,
        )


def test_the_losses_are_least_at_the_truth() -> None:
    x = torch.tensor(0.5 * np.random.default_rng(7).standard_normal((2000, 2)))

    def lost(model: Trajectory) -> tuple[float, float]:
        generator = torch.Generator().manual_seed(0)
        first = denoising(model, x, generator, centre=-1.2, spread=1.2)
        second = consistency(model, Exact([[0.0, 0.0]], [1.0], jumps=True), x, generator, levels=18, most=3)
        return first.item(), second.item()

    truth, shifted, euler = (
        lost(Exact([[0.0, 0.0]], [1.0], jumps=True)),
        lost(Exact([[0.3, 0.0]], [1.0], jumps=True)),
        lost(Exact([[0.0, 0.0]], [1.0])),
    )
    assert truth[0] < shifted[0]
    assert truth[1] < 4e-3  # what Heun's steps err by
    assert shifted[1] > 20 * truth[1]
    assert euler[1] > 20 * truth[1]  # the denoiser alone jumps along tangents


def test_a_broken_off_training_ends_as_an_unbroken_one(tmp_path: Any) -> None:
    x, file = held_out().x, tmp_path / "run.checkpoint"
    whole = Small.fit(x, seed=3, alone=20, steps=40)
    Small.fit(x, seed=3, alone=20, steps=25, checkpoint=file)
    resumed = Small.fit(x, seed=3, alone=20, steps=40, checkpoint=file)
    assert np.array_equal(whole.log_prob(x[:20]), resumed.log_prob(x[:20]))
    assert resumed.facts == whole.facts
    with pytest.raises(InvalidParameter, match=r"lr 0\.001 there, 0\.1 here"):
        Small.fit(x, seed=3, alone=20, steps=40, lr=0.1, checkpoint=file)


def test_minutes_end_a_training_with_a_model() -> None:
    stopped = Small.fit(held_out().x, steps=10**6, minutes=1e-6)
    assert stopped.facts["finished"] is False
    assert stopped.facts["steps"] == 0


def test_training_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    first, second = (Small.fit(held_out().x, seed=1) for _ in range(2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.array_equal(first.sample(5, seed=0), second.sample(5, seed=0))


def test_training_learns() -> None:
    x = held_out().x
    early, late = (Small.fit(x, steps=steps, alone=300, width=32, batch=128) for steps in (1, 300))
    assert late.facts["denoising_held_out"] < early.facts["denoising_held_out"]
    early, late = (model.with_ode(steps=24) for model in (early, late))
    assert late.log_prob(x[:300]).mean() > early.log_prob(x[:300]).mean() + 0.3


def test_a_u_net_learns_pictures_of_any_square_side() -> None:
    x = gk.datasets.load("digits").x[:200]
    model = CTM.fit(x, network="unet", width=8, steps=3, alone=1, batch=8)
    assert model.encode(x[:2]).shape == model.decode(np.zeros((2, 64))).shape == (2, 64)
    for points in (x[:1], x[:3]):
        value, error = model.with_ode(steps=4, probes=2).log_prob_and_error(points)
        assert np.isfinite(value).all()
        assert (error > 0).all()
    assert np.isnan(model.with_ode(steps=2, probes=1).log_prob_and_error(x[:1])[1]).all()


def test_the_score_of_pictures_is_the_gradient_of_the_estimate() -> None:
    x = (
        gk.datasets.load("digits").x[:60] / 16
        if gk.datasets.load("digits").x.max() > 1
        else gk.datasets.load("digits").x[:60]
    )
    model = CTM.fit(x, network="unet", width=8, steps=5, alone=3, batch=8).with_ode(steps=4, probes=2)
    direction = np.random.default_rng(8).standard_normal(64)
    step = 1e-2
    difference = (model.log_prob(x[:1] + step * direction) - model.log_prob(x[:1] - step * direction)) / (
        2 * step
    )
    assert model.score(x[:1]) @ direction == pytest.approx(difference, rel=0.02)


def test_gamma_draws_noise_anew() -> None:
    model = moons()
    straight, fresh, again = (model.sample(200, seed=1, steps=4, gamma=gamma) for gamma in (0.0, 1.0, 1.0))
    assert not np.allclose(straight, fresh)
    assert np.array_equal(fresh, again)
    for drawn in (straight, fresh):
        assert held_out().density.log_prob(drawn).mean() > -3


def test_follows_its_protocols() -> None:
    for ability in (Density, HasLogProbAndScore, Samples, LatentModel, Trainable):
        assert isinstance(moons(), ability)


def test_the_shipped_moons_are_the_truth() -> None:
    """In raw coordinates; the truth is blurred by the lowest noise, a tenth of its own. Their mass is the
    contract's to tell, and the scaling's Jacobian with it.
    """
    truth, x = held_out().density, held_out().x[:400]
    assert spearmanr(moons().log_prob(x), truth.log_prob(x)).statistic >= 0.9


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (dict(network="cnn"), "there are mlp, unet"),
        (dict(network="unet"), "square pictures .* network='mlp'"),
        (dict(width=12), "a multiple of 8 is needed, such as"),
        (dict(lowest=0.0), "lowest"),
        (dict(highest=0.001), "highest"),
        (dict(highest=np.inf), "highest=inf"),
        (dict(lowest=1e-300), "lowest=1e-300"),
        (dict(centre=np.nan), "centre=nan"),
        (dict(spread=np.inf), "spread=inf"),
        (dict(lr="fast"), "lr='fast' is not a number"),
        (dict(decay=None), "decay=None is not a number"),
        (dict(seed=2**32), "seed=4294967296: give a whole number from 0 to 4294967295"),
        (dict(steps=0), "steps"),
        (dict(held_out=1.5), "held_out"),
        (dict(seed=-1), "seed"),
        (dict(minutes=0), "minutes"),
        (dict(device="tpu"), "'cpu' and 'cuda'"),
    ],
)
def test_refuses_what_it_cannot_train(options: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidParameter, match=match):
        Small.fit(held_out().x, **options)


def test_refuses_points_without_a_density() -> None:
    x = held_out().x.copy()
    with pytest.raises(DataError, match="needs 4 or more"):
        Small.fit(x[:2])
    with pytest.raises(DataError, match="column 1 of x is constant"):
        Small.fit(x * [1, 0])
    with pytest.raises(DataError, match="column 1 of x is too wide for float64"):
        Small.fit(x * [1, 1e200])
    x[5, 1] = np.nan
    with pytest.raises(DataError, match="NaN"):
        Small.fit(x)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there() -> None:
    for make in (
        lambda: Small.fit(held_out().x, device="cuda"),
        lambda: CTM.pretrained("two_moons", device="cuda:0"),
    ):
        with pytest.raises(NoGPUError, match="there are cpu"):
            make()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_computes_the_same() -> None:
    np.testing.assert_allclose(
        CTM.pretrained("two_moons", device="cuda").log_prob(held_out().x),
        moons().log_prob(held_out().x),
        atol=1e-8,
    )


def test_noise_is_brought_to_where_the_points_are() -> None:
    # a device without values, which refuses tensors of others as a GPU does
    model = Architecture.of(2, width=16, depth=2).build(0).to("meta")
    lost = denoising(model, torch.empty(8, 2, device="meta"), torch.Generator(), centre=-1.2, spread=1.6)
    assert lost.device.type == "meta"


def test_callers_settings_of_torch_change_nothing() -> None:
    x = held_out().x[:20]
    expected = Small.fit(held_out().x).log_prob(x), moons().log_prob(x)
    for kind in (torch.float64, torch.float16):
        torch.set_default_dtype(kind)
        try:
            found = Small.fit(held_out().x).log_prob(x), moons().log_prob(x)
        finally:
            torch.set_default_dtype(torch.float32)
        assert np.array_equal(expected, found)
    with torch.inference_mode():
        model = Small.pretrained("two_moons").with_ode(steps=24)
        assert np.array_equal(model.log_prob(x), expected[1])
        assert np.array_equal(Small.fit(held_out().x).log_prob(x), expected[0])
    assert np.array_equal(model.score(x), moons().score(x))


@pytest.mark.parametrize("dim", [2, 10])
def test_far_points_are_unlikely_and_nothing_is_nan(dim: int) -> None:
    model = Small.fit(
        np.random.default_rng(0).standard_normal((40, dim)), steps=2, width=8, depth=1
    ).with_ode(steps=4)
    log_p, score = model.log_prob_and_score(np.outer([1e6, -1e30, 1e160, 1.7e308], np.eye(dim)[0]))
    assert (log_p < -1e6).all()
    assert np.isfinite(score).all()


def test_weights_that_were_cut_or_changed(tmp_path: Any) -> None:
    file = Small.fit(held_out().x, steps=1).save(tmp_path / "moons.safetensors", note="mine")
    assert gk.densities.load(file).facts["note"] == "mine"
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(HashMismatch, match="truncated or was changed"):
        CTM.load(file)
    file.write_bytes(whole)
    card = json.loads(card_path(file).read_text())
    for changed in (
        {"width": 32},
        {"width": "16"},
        {"network": "cnn"},
        {"lowest": "a"},
        {"ode_steps": 0},
        {"probes": None},
        {"probes_seed": -1},
    ):
        card_path(file).write_text(json.dumps(card | changed))
        with pytest.raises(TruncatedFileError, match="not a saved CTM"):
            CTM.load(file)
    card_path(file).write_text(json.dumps(card))
    with pytest.raises(InvalidParameter, match=r"was saved by 'ctm', not by 'realnvp'"):
        gk.densities["realnvp"].load(file)
    with pytest.raises(UnknownName, match=r"there are .*two_moons"):
        CTM.pretrained("cats")


def test_without_torchdiffeq_the_registry_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in sys.modules if name.startswith(("geodesic_kit_plugins.densities.ctm", "torchdiffeq"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchdiffeq", None)
    with pytest.raises(MissingPlugin, match=r"pip install 'geodesic-kit\[flows\]'"):
        LearnedRegistry("densities")["ctm"]


def test_the_density_that_is_blurred_least_is_sharpest() -> None:
    """Standard deviation of one normal: the data's and the lowest noise's, in quadrature, whatever the lowest
    noise.
    """
    x = np.random.default_rng(9).standard_normal((400, 1))
    for lowest in (0.01, 0.3):
        model = CTM.fit(x, steps=1, lr=1e-12, width=8, depth=1, lowest=lowest)
        peak = model.log_prob(x.mean(axis=0, keepdims=True))[0]
        assert peak == pytest.approx(
            -0.5 * math.log(2 * math.pi * x.var() * (1 + (2 * lowest) ** 2)), abs=1e-6
        )


@pytest.mark.parametrize("reach", [1e155, 1e307])
def test_far_out_is_minus_infinity_or_told(reach: float) -> None:
    model = gk.densities["ctm"].fit(
        np.random.default_rng(0).standard_normal((60, 2)), seed=0, steps=2, width=8, depth=1
    )
    far = reach * np.array([[1.0, -1.0], [1.0, 1.0]])
    log_p, score = model.log_prob_and_score(far)
    assert not np.isnan(log_p).any()
    assert np.isfinite(score).all()
    for method in (model.encode, model.decode):
        with pytest.raises(DataError, match="too far out for the model, the first is row"):
            method(far)
