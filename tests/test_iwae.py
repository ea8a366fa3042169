"""The autoencoder: contracts, laws of its bound, what it refuses, resumed trainings, the shipped weights."""

from __future__ import annotations

import copy
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

import geodesic_kit as gk
from geodesic_kit.base.recipes import Trainable
from geodesic_kit.datasets.pendulum import pictures
from geodesic_kit.errors import (
    DataError,
    HashMismatch,
    InvalidParameter,
    NoGPUError,
    TruncatedFileError,
    UnknownName,
    UnknownPlugin,
)
from geodesic_kit.types import Density, DifferentiableDecoder, LatentModel, Samples

torch = pytest.importorskip("torch")

from geodesic_kit_plugins.decoders.iwae import IWAE, training  # noqa: E402
from geodesic_kit_plugins.decoders.iwae.measures import tear  # noqa: E402
from geodesic_kit_plugins.decoders.iwae.networks import Autoencoder  # noqa: E402
from geodesic_kit_plugins.decoders.iwae.objective import bound, log_evidence, quasi_normal  # noqa: E402
from geodesic_kit_plugins.learning.holding_out import hold_out  # noqa: E402

SMALL: dict[str, Any] = dict(hidden=16, trials=2, trial_steps=30, steps=120, batch=32)


@cache
def arm() -> Any:
    return gk.datasets.load("arm", n=300, seed=3)


@cache
def fitted() -> IWAE:
    return IWAE.fit(arm().x, seed=4, **SMALL)


class TestDecoder(gk.testing.DecoderContract):
    def data(self) -> Any:
        return arm().x

    def make(self) -> Any:
        return fitted()


class TestReLU(TestDecoder):
    def make(self) -> Any:
        return type(self).relu()

    relu = staticmethod(cache(lambda: IWAE.fit(arm().x, seed=4, activation="relu", **SMALL)))


class TestConvolutional(TestDecoder):
    def data(self) -> Any:
        return gk.datasets.load("pendulum", n=60, seed=3).x

    def make(self) -> Any:
        return convolutional()


@cache
def convolutional() -> IWAE:
    x = gk.datasets.load("pendulum", n=60, seed=3).x
    return IWAE.fit(x, seed=4, architecture="conv", **(SMALL | {"trials": 1, "steps": 40}))


class Plane(IWAE):
    """An autoencoder of the plane, fitted in a moment."""

    @classmethod
    def fit(cls, x: Any, *, seed: int = 0, **options: Any) -> Plane:
        return super().fit(x, seed=seed, **(dict(SMALL, latent_dim=1, n_samples=8) | options))


class TestDensity(gk.testing.DensityContract):
    box = 7.0
    cells = 141
    once = staticmethod(cache(lambda: Plane.fit(gk.testing.DensityContract().data())))

    def make(self) -> Any:
        return type(self).once()


def test_abilities_and_repr() -> None:
    model = fitted()
    for protocol in (Density, DifferentiableDecoder, LatentModel, Samples, Trainable):
        assert isinstance(model, protocol)
    assert (model.dim, model.latent_dim, model.normalised) == (6, 2, True)
    assert repr(model).startswith("IWAE(dim=6, latent_dim=2, hidden=(16,), noise=0.")
    assert gk.decoders["iwae"] is gk.densities["iwae"] is IWAE
    assert "iwae" in gk.decoders.names()
    with pytest.raises(AttributeError):
        model.scale = 1.0  # type: ignore[misc]  # frozen


def test_log_p_is_the_integral_over_the_latent_plane() -> None:
    model, x = fitted(), arm().x[:12]
    step = 0.03
    axis = np.arange(-7, 7, step)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    squares = np.stack([np.square(row - model.decode(z)).sum(axis=1) for row in x])
    joint = -squares / (2 * model.noise**2) - 0.5 * np.square(z).sum(axis=1)
    constants = 3 * np.log(2 * np.pi * model.noise**2) + np.log(2 * np.pi)
    wanted = logsumexp(joint, axis=1) + 2 * np.log(step) - constants
    log_p, error = model.with_importance(n_importance=1 << 14).log_prob_and_error(x)
    assert (error < 0.02).all()
    assert (np.abs(log_p - wanted) <= 6 * error + 1e-6).all()
    assert np.abs(model.log_prob(x) - wanted).max() < 0.1


def test_the_error_falls_with_the_weights_and_is_that_of_another_seed() -> None:
    model, x = fitted(), arm().x[:100]
    few, many = (model.with_importance(n_importance=n) for n in (64, 4096))
    assert np.median(many.log_prob_and_error(x)[1]) < np.median(few.log_prob_and_error(x)[1]) / 8
    log_p, error = few.log_prob_and_error(x)
    other = few.with_importance(seed=1).log_prob(x)
    away = (log_p - other) / np.hypot(error, few.with_importance(seed=1).log_prob_and_error(x)[1])
    assert 0.5 < np.sqrt(np.mean(np.square(away))) < 2.0


def test_the_bound_rises_with_the_draws_to_log_p() -> None:
    model = fitted()
    x = torch.tensor((arm().x - model.shift) / model.scale)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        values = [
            bound(model.module, x, torch.randn(k, len(x), 2, generator=generator, dtype=x.dtype))
            .mean()
            .item()
            for k in (1, 5, 50)
        ]
        truth = log_evidence(model.module, x, quasi_normal(4096, 2, 0))[0].mean().item()
    assert values[0] < values[1] < values[2] < truth + 0.02
    assert truth == pytest.approx(
        model.with_importance(n_importance=4096).log_prob(arm().x).mean() + 6 * np.log(model.scale), abs=1e-9
    )


def test_distances_within_the_last_layers_range_are_those_of_the_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, x = fitted(), arm().x[:20]
    wanted = model.log_prob(x)
    monkeypatch.setattr(Autoencoder, "last", None)
    np.testing.assert_allclose(model.log_prob(x), wanted, rtol=1e-9)


def test_a_convolutional_autoencoder_of_pictures(tmp_path: Path) -> None:
    model, x = convolutional(), gk.datasets.load("pendulum", n=60, seed=3).x
    assert (model.form.architecture, model.dim, model.latent_dim) == ("conv", 256, 2)
    # it has learned more than the mean picture
    assert np.square(model.decode(model.encode(x)) - x).mean() < 0.9 * x.var(axis=0).mean()
    z = torch.tensor(model.encode(x[:6]))
    assert torch.equal(model.decoder(z.reshape(2, 3, 2)).reshape(6, 256), model.decoder(z))
    metric = gk.latent.PullbackMetric(model)
    step = np.array([1e-6, 0])
    ahead = metric.image(z.numpy() + step) - metric.image(z.numpy() - step)
    np.testing.assert_allclose(metric.jacobian(z)[:, :, 0], ahead / 2e-6, atol=1e-7)
    assert np.isfinite(gk.sectional_curvature(metric, z)).all()
    back = gk.decoders.load(model.save(tmp_path / "conv.safetensors"))
    assert np.array_equal(back.log_prob(x[:5]), model.log_prob(x[:5]))


def test_convolutions_take_square_pictures_only() -> None:
    for width in (6, 81):
        with pytest.raises(InvalidParameter, match=f"square pictures .* the data have {width} coord"):
            IWAE.fit(np.random.default_rng(0).standard_normal((40, width)), architecture="conv")
    with pytest.raises(InvalidParameter, match="architecture='deep'; there are perceptron, conv"):
        IWAE.fit(X, architecture="deep")


def test_one_sample_is_the_variational_bound() -> None:
    model = fitted()
    x = torch.tensor((arm().x[:50] - model.shift) / model.scale)
    noise = torch.randn(4000, 50, 2, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    with torch.no_grad():
        mean, log_variance = model.module.code(x)
        z = mean + (0.5 * log_variance).exp() * noise
        sigma = model.module.log_noise.exp()
        squares = (x - model.module.decoder(z)).square().sum(dim=2)
        likelihood = -squares / (2 * sigma**2) - 3 * torch.log(2 * torch.pi * sigma**2)
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(dim=1)
        wanted = (likelihood.mean(dim=0) - divergence).mean().item()
        found = np.mean([bound(model.module, x, one[None]).mean().item() for one in noise])
    assert found == pytest.approx(wanted, abs=0.02)


def test_samples_lie_about_the_decoder_by_the_noise() -> None:
    model = fitted()
    rng = np.random.default_rng(7)
    z = rng.standard_normal((4000, 2))
    away = model.sample(4000, seed=7) - model.decode(z)
    assert away.std() == pytest.approx(model.noise, rel=0.02)
    assert model.sample(0, seed=1).shape == (0, 6)


def test_the_aggregate_posterior_is_the_mixture_of_the_codes() -> None:
    model, x = fitted(), arm().x[:40]
    mixture: Any = model.aggregate_posterior(x)
    assert np.array_equal(mixture.means, model.encode(x))
    with torch.no_grad():
        code = model.module.code(torch.tensor((x - model.shift) / model.scale))
    np.testing.assert_allclose(mixture.covariances, code[1].exp().numpy(), rtol=1e-12)
    np.testing.assert_allclose(mixture.weights, 1 / 40)
    with pytest.raises(DataError, match="x holds no point"):
        model.aggregate_posterior(np.empty((0, 6)))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own, on first use
def test_the_decoder_serves_batches_vmap_and_single_precision() -> None:
    model, z = fitted(), torch.tensor(fitted().encode(arm().x[:4]))
    rows = torch.func.vmap(torch.func.jacfwd(model.decoder))(z)
    assert rows.shape == (4, 6, 2)
    assert rows.isfinite().all()
    single = copy.deepcopy(model.decoder).float()
    assert (single(z.float()) - model.decoder(z)).abs().max() < 1e-5
    assert model.decoder.scale.dtype == torch.float64
    for wrong, text in (
        (z.float(), r"z is torch\.float32, the decoder is torch\.float64"),
        (z[:, :1], r"z has shape \(4, 1\); give latent points \(\.\.\., 2\)"),
        (z.numpy(), "is no torch tensor"),
    ):
        with pytest.raises(DataError, match=text):
            model.decoder(wrong)


def test_one_seed_one_model_and_the_callers_settings_change_nothing() -> None:
    x = arm().x
    with torch.inference_mode():
        again = IWAE.fit(x, seed=4, **SMALL)
    assert np.array_equal(again.log_prob(x), fitted().log_prob(x))
    assert not np.array_equal(IWAE.fit(x, seed=5, **SMALL).encode(x), fitted().encode(x))
    assert again.facts == fitted().facts


def test_the_best_trial_goes_on() -> None:
    facts = fitted().facts
    assert len(facts["trial_bounds"]) == 2
    assert facts["log_prob_held_out"] > max(facts["trial_bounds"])
    assert (facts["steps"], facts["finished"], facts["points"], facts["points_held_out"]) == (
        180,
        True,
        270,
        30,
    )
    # the same trials alone: their better one is where the longer training began
    short = IWAE.fit(arm().x, seed=4, **(SMALL | {"steps": 1, "lr": 1e-9}))
    assert short.facts["trial_bounds"] != facts["trial_bounds"]
    course = training.Schedule(5, 120, 2, 30, 32, 1e-3, 0.1)
    assert [course.cycle(step) for step in (0, 29, 30, 60, 179)] == [
        (0, 0, 30),
        (0, 29, 30),
        (1, 0, 30),
        (2, 0, 120),
        (2, 119, 120),
    ]
    assert max(course.rate(step) for step in range(180)) == pytest.approx(1e-3, rel=1e-2)
    assert course.rate(179) < 1e-6


def test_a_torn_ring_is_told_by_its_tear() -> None:
    angle = np.sort(np.random.default_rng(0).uniform(0, 2 * np.pi, 400))
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert tear(ring, ring) < 10
    assert tear(angle[:, None], ring) > 30


X = np.random.default_rng(1).standard_normal((40, 3))


@pytest.mark.parametrize(
    ("x", "options", "error", "text"),
    [
        (X[:9], {}, DataError, r"x holds 9 point\(s\); an autoencoder needs 10 or more"),
        (np.where(np.arange(40)[:, None] == 3, np.nan, X), {}, DataError, "x hold NaN or inf in 1 row"),
        (X[:, 0], {}, DataError, r"x have shape \(40,\)"),
        (np.ones((40, 3)), {}, DataError, "column 0 of x is constant"),
        (X * 1e200, {}, DataError, "too wide for float64"),
        (X, {"latent_dim": 0}, InvalidParameter, "latent_dim=0: give a whole number from 1"),
        (X, {"latent_dim": 2.5}, InvalidParameter, "latent_dim=2.5 is not a whole number"),
        (X, {"latent_dim": 4}, InvalidParameter, r"latent_dim=4: the data have 3 coordinate\(s\)"),
        (X, {"n_samples": 0}, InvalidParameter, "n_samples=0: give a whole number from 1"),
        (X, {"hidden": ()}, InvalidParameter, "leaves a linear decoder"),
        (X, {"hidden": (8, 0)}, InvalidParameter, "hidden=0: give a whole number from 1"),
        (X, {"activation": "sine"}, InvalidParameter, "activation='sine'; there are tanh, softplus, relu"),
        (X, {"steps": 0}, InvalidParameter, "steps=0: give a whole number from 1"),
        (X, {"trials": 0}, InvalidParameter, "trials=0: give a whole number from 1"),
        (X, {"batch": -1}, InvalidParameter, "batch=-1: give a whole number from 1"),
        (X, {"lr": 0}, InvalidParameter, "lr=0: give a number above 0"),
        (X, {"held_out": 1}, InvalidParameter, "held_out=1: give a number above 0 and at most 0.9"),
        (X, {"jitter": -1}, InvalidParameter, "jitter=-1: give a number at least 0"),
        (X, {"minutes": 0}, InvalidParameter, "minutes=0: give a number above 0"),
        (X, {"seed": -1}, InvalidParameter, "seed=-1"),
        (X, {"device": "tpu"}, InvalidParameter, "device='tpu'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(
    x: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        IWAE.fit(x, **(SMALL | options))


def test_other_widths_and_bad_numbers_are_refused() -> None:
    model = fitted()
    with pytest.raises(DataError, match="x have 5 coordinates, 6 are needed"):
        model.encode(arm().x[:, :5])
    with pytest.raises(DataError, match="z have 3 coordinates, 2 are needed"):
        model.decode(np.zeros((2, 3)))
    with pytest.raises(DataError, match="too far out for the model"):
        model.encode(np.full((1, 6), 1.7e308))
    with pytest.raises(InvalidParameter, match="n_importance=100: give a power of two, such as 128"):
        model.with_importance(n_importance=100)
    with pytest.raises(InvalidParameter, match="n_importance=4: give a whole number from 8"):
        model.with_importance(n_importance=4)
    assert model.encode(np.empty((0, 6))).shape == (0, 2)
    far, error = model.log_prob_and_error(np.array([[1e9] * 6, [1e200] * 6, [1.7e308] * 6]))
    assert far[0] < -1e9
    assert (far[1:] == -np.inf).all()
    assert (error >= 0).all()
    if not torch.cuda.is_available():
        with pytest.raises(NoGPUError):
            IWAE.fit(arm().x, device="cuda", **SMALL)


def test_jitter_is_taken_for_noise_and_changes_no_other_draw() -> None:
    x, much = arm().x, 2.0
    model = IWAE.fit(x, seed=4, jitter=much, **SMALL)
    assert model.noise > fitted().noise
    again = IWAE.fit(x, seed=4, jitter=much, **SMALL)
    assert np.array_equal(again.encode(x), model.encode(x))
    assert np.array_equal(IWAE.fit(x, seed=4, jitter=0, **SMALL).encode(x), fitted().encode(x))
    assert model.facts["fit"]["jitter"] == much


@pytest.mark.parametrize("at", [1, 30, 45, 61, 179])
def test_a_resumed_training_is_the_unbroken_one_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    file, taken, step = tmp_path / "a.checkpoint", [0], training._step

    def broken(*given: Any) -> float:
        if taken[0] == at:
            raise KeyboardInterrupt
        taken[0] += 1
        return step(*given)

    monkeypatch.setattr(training, "_step", broken)
    monkeypatch.setattr("geodesic_kit_plugins.learning.checkpoints._KEEP_EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        IWAE.fit(arm().x, seed=4, checkpoint=file, **SMALL)
    monkeypatch.setattr(training, "_step", step)
    resumed = IWAE.fit(arm().x, seed=4, checkpoint=file, **SMALL)
    assert np.array_equal(resumed.log_prob(arm().x), fitted().log_prob(arm().x))
    assert resumed.facts == fitted().facts


def test_minutes_end_it_with_something_usable(tmp_path: Path) -> None:
    file = tmp_path / "a.checkpoint"
    stopped = IWAE.fit(arm().x, seed=4, checkpoint=file, minutes=1e-9, **SMALL)
    assert stopped.facts["finished"] is False
    assert np.isfinite(stopped.log_prob(arm().x)).all()
    whole = IWAE.fit(arm().x, seed=4, checkpoint=file, **SMALL)
    assert np.array_equal(whole.log_prob(arm().x), fitted().log_prob(arm().x))
    with pytest.raises(InvalidParameter, match=r"is of another training \(seed 4 there, 5 here\)"):
        IWAE.fit(arm().x, seed=5, checkpoint=file, **SMALL)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_saved_models_come_back_and_damaged_ones_do_not(tmp_path: Path, suffix: str) -> None:
    model = fitted().with_importance(n_importance=64, seed=2)
    path = model.save(tmp_path / f"a{suffix}", note="ours")
    for registry in (gk.decoders, gk.densities):
        back = registry.load(path)
        assert np.array_equal(back.log_prob(arm().x), model.log_prob(arm().x))
        assert (back.noise, back.n_importance, back.facts["note"]) == (model.noise, 64, "ours")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises((HashMismatch, TruncatedFileError)):
        IWAE.load(path)


def test_what_is_no_decoder_is_not_loaded_as_one(tmp_path: Path) -> None:
    path = gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0).save(tmp_path / "m.npz")
    with pytest.raises(UnknownPlugin, match="no decoder named 'mog'; there are iwae"):
        gk.decoders.load(path)
    with pytest.raises(InvalidParameter, match="was saved by 'mog', not by 'iwae'"):
        IWAE.load(path)
    with pytest.raises(UnknownName, match="no weights of 'iwae' named 'cats' are shipped"):
        IWAE.pretrained("cats")


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "mnist_conv", "fashion_mnist_conv"])
def test_the_shipped_planes_of_pictures_show_pictures_not_seen(name: str) -> None:
    model = IWAE.pretrained(name)
    assert model.facts["rmse_held_out"] < 0.21
    assert (model.dim, model.latent_dim, model.facts["data"]["n"]) == (784, 2, 20_000)
    # the mean picture alone errs by the deviation of all pixels
    assert model.facts["rmse_held_out"] < 0.8 * model.scale
    pictures = model.decode(np.random.default_rng(0).standard_normal((50, 2)))
    assert -0.3 < pictures.min() < 0.1
    assert 0.8 < pictures.max() < 1.3


def rmse(model: IWAE, x: np.ndarray) -> float:
    return float(np.sqrt(np.square(model.decode(model.encode(x)) - x).mean()))


@pytest.mark.parametrize(("name", "width", "most"), [("chairs", 2, 0.11), ("chairs_8d", 8, 0.06)])
def test_the_shipped_chairs_show_angles_not_seen(name: str, width: int, most: float) -> None:
    model, card = IWAE.pretrained(name), IWAE.pretrained(name).facts
    taught, tested = (gk.datasets.load("chairs", split=split) for split in ("train", "test"))
    assert (model.dim, model.latent_dim) == (1024, width)
    assert (card["data"]["split"], card["data"]["n"]) == ("train", 600)
    assert card["points"] + card["points_held_out"] == 600
    assert card["data"]["sha256"] == hashlib.sha256(taught.x.tobytes()).hexdigest()
    assert rmse(model, tested.x) < most
    # the mean picture of the same chair errs by more
    assert tested.y is not None
    assert taught.y is not None
    means = np.stack([taught.x[taught.y == chair].mean(axis=0) for chair in range(10)])
    assert rmse(model, tested.x) < np.sqrt(np.square(means[tested.y] - tested.x).mean())
    assert rmse(model, held_out(taught.x, card)) == pytest.approx(card["rmse_held_out"], rel=1e-4)


def test_the_shipped_motion_shows_frames_not_seen() -> None:
    model, x = IWAE.pretrained("motion"), gk.datasets.load("motion").x
    card = model.facts
    assert (model.dim, model.latent_dim, card["data"]["n"]) == (52, 2, 1816)
    assert card["data"]["sha256"] == hashlib.sha256(x.tobytes()).hexdigest()
    unseen = held_out(x, card)
    assert len(unseen) == card["points_held_out"] == 182
    assert rmse(model, unseen) == pytest.approx(card["rmse_held_out"], rel=1e-4)
    assert rmse(model, unseen) < 0.5 * model.scale  # of one deviation about the mean pose
    # bones do not stretch: a pose decoded is a pose
    skeleton: Any = gk.datasets.load("motion").skeleton
    assert np.isfinite(skeleton.positions(model.decode(np.random.default_rng(0).normal(size=(20, 2))))).all()


def held_out(x: np.ndarray, card: Any) -> np.ndarray:
    """The rows that the training of that card did not see, but to choose the best weights by."""
    unseen, _ = hold_out(x, card["points_held_out"], seed=card["fit"]["seed"], device=torch.device("cpu"))
    return unseen.double().numpy()


@pytest.mark.parametrize(("name", "below"), [("pendulum", 12.0), ("arm", 1.5)])
def test_the_shipped_models_are_nearly_the_truth(name: str, below: float) -> None:
    model: Any = IWAE.pretrained(name)
    data: Any = gk.datasets.load(name, n=400, seed=11)
    assert data.density is not None
    noise = {"pendulum": 0.05, "arm": 0.03}[name]
    assert noise / 1.25 < model.noise < 1.25 * noise
    short = data.density.log_prob(data.x).mean() - model.log_prob(data.x).mean()
    assert 0 < short < below
    clean = gk.datasets.load(name, n=400, seed=11, noise=0).x
    assert np.sqrt(np.square(model.decode(model.encode(data.x)) - clean).mean()) < noise
    card = model.facts
    assert card["points"] + card["points_held_out"] == card["data"]["n"] == 4000
    assert card["data"]["sha256"] == hashlib.sha256(gk.datasets.load(name, n=4000).x.tobytes()).hexdigest()


def test_the_shipped_ring_of_angles_is_whole() -> None:
    model = IWAE.pretrained("pendulum")
    angle = np.linspace(0, 2 * np.pi, 721)
    codes = model.encode(pictures(angle))
    steps = np.linalg.norm(np.diff(codes, axis=0), axis=1)
    assert steps.max() < 12 * np.median(steps)
    # its direction turns once in all: the codes are a simple closed curve, not a figure of eight
    ahead = np.diff(codes, axis=0)
    heading = np.unwrap(np.arctan2(*np.concatenate([ahead, ahead[:1]]).T))
    assert np.abs(heading[-1] - heading[0]) == pytest.approx(2 * np.pi, abs=1e-6)
