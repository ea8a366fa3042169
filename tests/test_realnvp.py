"""Flows: the contracts, laws of a change of variables, thin and bad data, resumed trainings, the shipped
weights.
"""

from __future__ import annotations

import copy
import errno
import json
import os
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.base.cards import card_path
from geodesic_kit.base.recipes import Trainable
from geodesic_kit.errors import (
    DataError,
    FileError,
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
pytest.importorskip("zuko")

import safetensors.torch  # noqa: E402
from geodesic_kit_plugins.densities.flows import fit as flow_fit  # noqa: E402
from geodesic_kit_plugins.densities.flows.forms import Architecture  # noqa: E402
from geodesic_kit_plugins.densities.flows.realnvp import RealNVP  # noqa: E402
from geodesic_kit_plugins.learning import checkpoints  # noqa: E402

SMALL: dict[str, Any] = dict(transforms=3, hidden=16, steps=120, batch=64)


class Small(RealNVP):
    """A flow that is fitted in a moment."""

    @classmethod
    def fit(cls, x: Any, *, seed: int = 0, **options: Any) -> Small:
        return super().fit(x, seed=seed, **(SMALL | options))


class Contract(gk.testing.DensityContract):
    plugin = Small
    kind = "realnvp"
    # a flow is trained where the data lies: its far tails are those of the normal, to the fifth deviation
    box = 6.0
    cells = 301
    fitted = cache(lambda kind: Small.fit(gk.testing.DensityContract().data(), flow=kind))

    def make(self) -> Any:
        return type(self).fitted(type(self).kind)


class TestRealNVP(Contract):
    pass


class TestNSF(Contract):
    kind = "nsf"


class Latent(gk.testing.LatentContract):
    rtol = 1e-9
    kind = "realnvp"

    def make(self) -> Any:
        return Contract.fitted(type(self).kind)


class Decodes(gk.testing.DecoderContract):
    kind = "realnvp"

    def make(self) -> Any:
        return Contract.fitted(type(self).kind)


class TestDecoderRealNVP(Decodes):
    pass


class TestDecoderNSF(Decodes):
    kind = "nsf"


class TestDecoderMAF(Decodes):
    kind = "maf"


class TestLatentRealNVP(Latent):
    pass


class TestLatentNSF(Latent):
    kind = "nsf"


class TestLatentMAF(Latent):
    kind = "maf"


class TestMAF(Contract):
    kind = "maf"


@cache
def moons(n: int = 300) -> Any:
    return gk.datasets.load("two_moons", n=n, seed=3)


@cache
def fitted() -> RealNVP:
    return RealNVP.fit(moons().x, **SMALL)


@cache
def shipped() -> RealNVP:
    return RealNVP.pretrained("two_moons")


def test_abilities_and_repr() -> None:
    flow = fitted()
    for protocol in (Density, HasLogProbAndScore, LatentModel, Samples, Trainable):
        assert isinstance(flow, protocol)
    assert (flow.dim, flow.normalised) == (2, True)
    assert repr(flow).startswith("RealNVP(dim=2, flow=realnvp, transforms=3, hidden=(16,), held-out log p=-")
    assert gk.densities["realnvp"] is RealNVP
    with pytest.raises(AttributeError):
        flow.shift = 0  # type: ignore[misc, assignment]  # frozen
    with pytest.raises(ValueError, match="read-only"):
        flow.scale[0] = 2


def test_log_p_is_the_normal_at_the_latent_point_times_the_jacobian() -> None:
    flow, x = fitted(), moons().x[:20]
    step = 1e-6
    columns = [
        (flow.encode(x + step * axis) - flow.encode(x - step * axis)) / (2 * step) for axis in np.eye(2)
    ]
    log_det = np.linalg.slogdet(np.stack(columns, axis=2))[1]
    normal = -0.5 * np.square(flow.encode(x)).sum(axis=1) - np.log(2 * np.pi)
    np.testing.assert_allclose(flow.log_prob(x), normal + log_det, atol=1e-6)


@given(st.floats(-50, 50), st.floats(0.01, 100), st.floats(0.01, 100))
def test_units_and_origin_of_the_data_only_move_log_p(shift: float, first: float, second: float) -> None:
    flow, x, scale = fitted(), moons().x[:10], np.array([first, second])
    moved = RealNVP(flow.form, flow.module, shift + scale * flow.shift, scale * flow.scale, {}, flow.device)
    np.testing.assert_allclose(
        moved.log_prob(shift + scale * x), flow.log_prob(x) - np.log(scale).sum(), atol=1e-5
    )
    np.testing.assert_allclose(moved.decode(flow.encode(x)), shift + scale * x, rtol=1e-9, atol=1e-9)


@given(st.floats(-6, 6), st.floats(-6, 6))
def test_the_round_trip_from_any_latent_point(first: float, second: float) -> None:
    z = np.array([[first, second]])
    for flow in (fitted(), shipped()):
        np.testing.assert_allclose(flow.encode(flow.decode(z)), z, atol=1e-7)


def test_the_decoders_pullback_is_the_euclidean_metric_of_the_data() -> None:
    flow, z = shipped(), np.array([[0.3, -0.2], [1.1, 0.7]])
    step, images = 1e-6, []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch")  # its own first use
        jacobian = torch.func.vmap(torch.func.jacfwd(flow.decoder))(torch.tensor(z)).numpy()
    for axis in (0, 1):
        shift = step * np.eye(2)[axis]
        images.append((flow.decode(z + shift) - flow.decode(z - shift)) / (2 * step))
    np.testing.assert_allclose(jacobian, np.stack(images, axis=2), rtol=1e-6, atol=1e-7)
    # log |det| of it is what log p says of the volume
    log_det = np.linalg.slogdet(jacobian)[1]
    normal = -0.5 * np.square(z).sum(axis=1) - np.log(2 * np.pi)
    np.testing.assert_allclose(flow.log_prob(flow.decode(z)), normal - log_det, atol=1e-9)
    with pytest.raises(DataError, match=r"z has shape \(2, 3\); give latent points \(\.\.\., 2\)"):
        flow.decoder(torch.zeros(2, 3, dtype=torch.float64))


def test_an_untrained_flow_is_the_gaussian_of_the_data() -> None:
    x = moons().x
    flow = RealNVP._of(
        Architecture.of("realnvp", 2, 4, 8),
        Architecture.of("realnvp", 2, 4, 8).build(0),
        x.mean(axis=0),
        x.std(axis=0),
        {},
        torch.device("cpu"),
    )
    gaussian = gk.densities["mog"](means=x.mean(axis=0)[None], covariances=x.var(axis=0)[None])
    np.testing.assert_allclose(flow.log_prob(x), gaussian.log_prob(x), rtol=1e-10)


def test_far_points_are_unlikely_and_nothing_is_nan() -> None:
    far = np.array([[1e6, 0.0], [0.0, -1e30], [1e160, 1e160], [1e300, -1e300], [1.7e308, 0.0]])
    for flow in (fitted(), shipped()):
        log_p, score = flow.log_prob_and_score(far)
        assert (log_p < -100).all()
        assert np.isfinite(score).all()
    assert fitted().log_prob(np.empty((0, 2))).shape == (0,)
    assert fitted().encode(np.empty((0, 2))).shape == fitted().score(np.empty((0, 2))).shape == (0, 2)


def test_threads_see_what_one_thread_sees() -> None:
    x = moons().x
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fitted().log_prob_and_score(x), range(8)))
    for log_p, score in found:
        assert np.array_equal(log_p, fitted().log_prob(x))
        assert np.array_equal(score, fitted().score(x))


def test_one_seed_one_flow_and_torchs_own_generator_is_left_alone() -> None:
    x, state = moons().x, torch.get_rng_state()
    first, again, other = (
        RealNVP.fit(x, seed=seed, **SMALL | {"steps": 30}).log_prob(x) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_callers_settings_of_torch_change_nothing() -> None:
    x = moons().x
    for kind in (torch.float64, torch.float16):
        torch.set_default_dtype(kind)
        try:
            found = RealNVP.fit(x, **SMALL).log_prob(x)
        finally:
            torch.set_default_dtype(torch.float32)
        assert np.array_equal(found, fitted().log_prob(x))
    with torch.inference_mode():
        flow = RealNVP.fit(x, **SMALL)
        assert np.array_equal(flow.score(x), fitted().score(x))
    assert np.array_equal(flow.score(x), fitted().score(x))


def test_flows_fitted_by_threads_are_those_fitted_one_by_one() -> None:
    def build(seed: int) -> Any:
        return Architecture.of("nsf", 2, 2, 8).build(seed).state_dict()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(build, [*range(8)] * 8))
    for seed, state in zip([*range(8)] * 8, together, strict=True):
        assert all(torch.equal(value, state[name]) for name, value in build(seed).items())


def test_the_best_held_out_weights_are_kept_and_patience_ends_it() -> None:
    # nothing to learn: every step beyond a few overfits
    x = np.random.default_rng(0).standard_normal((60, 3))
    flow = RealNVP.fit(x, steps=2000, patience=150, transforms=4, hidden=32, lr=1e-2)
    facts = flow.facts
    assert facts["finished"]
    assert facts["steps"] == facts["best_step"] + 150 < 2000
    held_out = x[np.random.default_rng(0).permutation(60)[:30]]
    assert facts["log_prob_held_out"] == pytest.approx(flow.log_prob(held_out).mean(), abs=1e-6)
    shift, scale = x.mean(axis=0), x.std(axis=0)
    gaussian = gk.densities["mog"](means=shift[None], covariances=scale[None] ** 2)
    # the start was a candidate, too
    assert flow.log_prob(held_out).mean() >= gaussian.log_prob(held_out).mean() - 1e-6


@pytest.mark.parametrize(("n", "d"), [(10, 2), (20, 2), (50, 784)])
def test_thin_data_gives_no_absurd_likelihoods(n: int, d: int) -> None:
    rng = np.random.default_rng(5)
    x, fresh = rng.standard_normal((n, d)), rng.standard_normal((200, d))
    flow = RealNVP.fit(x, transforms=4, hidden=32, patience=100, steps=400)
    truth = -0.5 * np.square(fresh).sum(axis=1) - d / 2 * np.log(2 * np.pi)
    assert truth.mean() - flow.log_prob(fresh).mean() < 0.05 * d + 1
    assert flow.facts["log_prob_held_out"] < truth.mean() + 0.1 * d + 1


def test_an_outlier_does_not_end_the_training() -> None:
    x = moons().x.copy()
    x[0] = 1e18
    assert np.isfinite(RealNVP.fit(x, **SMALL | {"steps": 20}).facts["log_prob"])


@pytest.mark.parametrize(
    ("x", "options", "error", "text"),
    [
        (np.full((20, 2), np.nan), {}, DataError, "x hold NaN or inf"),
        (np.zeros((1, 2)), {}, DataError, r"x holds 1 point\(s\); a flow needs 10 or more"),
        (
            np.column_stack([np.arange(20.0), np.full(20, 3.0)]),
            {},
            DataError,
            r"column 1 of x is constant "
            r"\(1 in all\)",
        ),
        (
            np.outer(np.arange(20.0), [1.0, 1e200]),
            {},
            DataError,
            r"column 1 of x is too wide for float64 "
            r"\(1 in all\)",
        ),
        (np.arange(20.0)[:, None], {}, InvalidParameter, "of one coordinate is a Gaussian; take flow='nsf'"),
        (None, {"flow": "glow"}, InvalidParameter, "flow='glow'; there are realnvp, nsf, maf"),
        (None, {"flow": ["nsf"]}, InvalidParameter, "there are realnvp, nsf, maf"),
        (None, {"hidden": (8, 0)}, InvalidParameter, "hidden=0"),
        (None, {"transforms": 0}, InvalidParameter, "transforms=0"),
        (None, {"steps": 0}, InvalidParameter, "steps=0"),
        (None, {"batch": 1.5}, InvalidParameter, "batch=1.5"),
        (None, {"lr": 0}, InvalidParameter, "lr=0"),
        (None, {"lr": None}, InvalidParameter, "lr=None is not a number"),
        (None, {"weight_decay": "much"}, InvalidParameter, "weight_decay='much' is not a number"),
        (None, {"held_out": 0.95}, InvalidParameter, "held_out=0.95"),
        (None, {"minutes": 0}, InvalidParameter, "minutes=0"),
        (None, {"seed": -1}, InvalidParameter, "seed=-1"),
        (
            None,
            {"seed": 2**32},
            InvalidParameter,
            "seed=4294967296: give a whole number from 0 to 4294967295",
        ),
        (None, {"device": "tpu"}, InvalidParameter, "device='tpu': there are 'cpu' and 'cuda'"),
        (None, {"device": "meta"}, InvalidParameter, "device='meta': there are 'cpu' and 'cuda'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(
    x: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        RealNVP.fit(moons().x if x is None else x, **options)


@pytest.mark.parametrize("flow", ["realnvp", "nsf", "maf"])
def test_no_hidden_layer_is_a_flow_too(flow: str) -> None:
    x = moons().x
    plain = RealNVP.fit(x, flow=flow, hidden=(), transforms=2, steps=50)
    assert plain.decode(plain.encode(x)) == pytest.approx(x, abs=1e-9)
    assert np.isfinite(plain.score(x)).all()


def test_one_coordinate_by_splines() -> None:
    x = np.random.default_rng(1).standard_normal((100, 1))
    flow = RealNVP.fit(x, flow="nsf", transforms=1, hidden=8, steps=20)
    assert flow.decode(flow.encode(x)) == pytest.approx(x, abs=1e-6)
    normal = -0.5 * ((x[:, 0] - x.mean()) / x.std()) ** 2 - np.log(x.std()) - 0.5 * np.log(2 * np.pi)
    assert flow.log_prob(x).mean() > normal.mean() - 0.05  # it begins as that normal


def test_other_widths_are_refused() -> None:
    for call in (fitted().log_prob, fitted().score, fitted().encode, fitted().decode):
        with pytest.raises(DataError, match="have 3 coordinates, 2 are needed"):
            call(np.zeros((4, 3)))
        with pytest.raises(DataError, match="NaN or inf"):
            call(np.full((4, 2), np.inf))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_cuda_without_cuda(tmp_path: Path) -> None:
    path = fitted().save(tmp_path / "flow.safetensors")
    for call in (
        lambda: RealNVP.fit(moons().x, device="cuda"),
        lambda: RealNVP.load(path, device="cuda:1"),
        lambda: RealNVP.pretrained(device="cuda"),
    ):
        with pytest.raises(
            NoGPUError,
            match=r"device='cuda.*' is not here; there are cpu: take "
            r"device='cpu'",
        ):
            call()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_agrees_with_the_cpu(tmp_path: Path) -> None:
    path = fitted().save(tmp_path / "flow.safetensors")
    np.testing.assert_allclose(
        RealNVP.load(path, device="cuda").log_prob(moons().x), fitted().log_prob(moons().x), atol=1e-9
    )
    assert RealNVP.fit(moons().x, device="cuda", **SMALL).sample(5, seed=0).shape == (5, 2)


@pytest.mark.parametrize("absent", ["torch", "zuko", "safetensors"])
def test_a_missing_dependency_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    package = sys.modules["geodesic_kit_plugins"]
    for name in [
        name
        for name in sys.modules
        if name.startswith(f"{package.__name__}.") or name.split(".")[0] == absent
    ]:
        monkeypatch.delitem(sys.modules, name)
        # `from . import` looks here first
        monkeypatch.delattr(package, name.rpartition(".")[2], raising=False)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(
        MissingPlugin,
        match=rf"'realnvp' needs {absent}.*: pip install "
        r"'geodesic-kit\[flows\]'",
    ):
        LearnedRegistry("densities")["realnvp"]


def test_a_resumed_training_is_the_unbroken_one_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, options, checkpoint = moons().x, SMALL | {"weight_decay": 1e-3}, tmp_path / "c.checkpoint"
    whole = RealNVP.fit(x, **options)
    taken, clock = flow_fit._step, iter([0.0] * 60)
    broken: list[int] = []

    def break_off(*arguments: Any) -> float:
        broken.append(1)
        if len(broken) == 35:
            raise KeyboardInterrupt
        return taken(*arguments)

    monkeypatch.setattr(checkpoints, "_KEEP_EVERY", 0.0)  # a checkpoint after every step
    monkeypatch.setattr(flow_fit, "_step", break_off)
    with pytest.raises(KeyboardInterrupt):
        RealNVP.fit(x, checkpoint=checkpoint, **options)
    monkeypatch.setattr(flow_fit, "_step", taken)
    monkeypatch.setattr(checkpoints, "_KEEP_FIRST", 1e9)
    monkeypatch.setattr(checkpoints, "_KEEP_EVERY", 1e9)
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: next(clock, 1e6))
    part = RealNVP.fit(x, checkpoint=checkpoint, minutes=1, **options)
    monkeypatch.undo()
    assert not part.facts["finished"]
    assert 34 < part.facts["steps"] < 120
    resumed = RealNVP.fit(x, checkpoint=checkpoint, **options)
    assert np.array_equal(resumed.log_prob(x), whole.log_prob(x))
    assert resumed.facts == whole.facts
    # nothing left to do
    assert np.array_equal(RealNVP.fit(x, checkpoint=checkpoint, **options).log_prob(x), whole.log_prob(x))


KILLED = """
import os, signal, sys
from geodesic_kit import datasets
from geodesic_kit_plugins.densities.flows import fit as flow_fit
from geodesic_kit_plugins.densities.flows.realnvp import RealNVP

step, taken = flow_fit._step, []

def killed(*given):
    taken.append(step(*given))
    if len(taken) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return taken[-1]

flow_fit._step = killed
x = datasets.load("two_moons", n=300, seed=0).x
RealNVP.fit(x, seed=0, checkpoint=sys.argv[1], transforms=3, hidden=16, steps=120, batch=64)
"""


def test_a_training_killed_in_its_first_steps_goes_on_to_the_bit(tmp_path: Path) -> None:
    x, path = gk.datasets.load("two_moons", n=300, seed=0).x, tmp_path / "c.checkpoint"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with safetensors.safe_open(path, framework="pt") as file:
        assert 1 <= int(file.metadata()["step"]) <= 3
    whole = RealNVP.fit(x, seed=0, **SMALL)
    resumed = RealNVP.fit(x, seed=0, checkpoint=path, **SMALL)
    assert np.array_equal(resumed.log_prob(x), whole.log_prob(x))
    assert resumed.facts == whole.facts


def test_checkpoints_come_soon_then_at_growing_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, now, kept = torch.nn.Linear(2, 2), [0.0], []
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now[0])
    optimizer = torch.optim.AdamW(module.parameters())
    sitting = checkpoints.Checkpointer(
        {"model": module}, optimizer, run={}, checkpoint=tmp_path / "c.checkpoint", minutes=None
    )
    monkeypatch.setattr(sitting, "save", lambda step: kept.append(step))
    for second in range(300):
        now[0] = float(second)
        sitting.save_by_the_clock(second)
    assert kept == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    x, checkpoint = moons().x, tmp_path / "c.checkpoint"
    few = SMALL | {"steps": 5}
    RealNVP.fit(x, checkpoint=checkpoint, **few)
    for other, text in (
        ({"lr": 1e-3}, r"lr 0\.002 there, 0\.001 here"),
        ({"hidden": 8}, r"hidden \[16\] there, \[8\] here"),
        ({"seed": 4}, "seed 0 there, 4 here"),
    ):
        with pytest.raises(
            InvalidParameter,
            match=rf"c\.checkpoint is of another training \({text}\); go "
            r"on with its options",
        ):
            RealNVP.fit(x, checkpoint=checkpoint, **few | other)
    with pytest.raises(InvalidParameter, match=r"\(data '\w+' there, '\w+' here\)"):
        RealNVP.fit(x + 1, checkpoint=checkpoint, **few)
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        TruncatedFileError,
        match=r"is not a complete safetensors file .* remove it to begin "
        r"again",
    ):
        RealNVP.fit(x, checkpoint=checkpoint, **few)
    fitted().save(tmp_path / "weights.safetensors")
    with pytest.raises(TruncatedFileError, match="is no checkpoint that this version reads"):
        RealNVP.fit(x, checkpoint=tmp_path / "weights.safetensors", **few)


def test_a_checkpoint_that_lacks_a_part_is_told(tmp_path: Path) -> None:
    x, path, few = moons().x, tmp_path / "c.checkpoint", SMALL | {"steps": 5}
    RealNVP.fit(x, checkpoint=path, **few)
    with safetensors.safe_open(path, framework="pt") as file:
        told, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    fewer = {name: value for name, value in tensors.items() if "hyper" not in name}
    for parts, metadata in (
        (tensors, {"format": "1"}),
        (tensors, told | {"run": "[1]"}),
        (tensors, told | {"step": "x"}),
        (tensors, told | {"facts": "{"}),
        (tensors | {"optimizer.odd": torch.ones(1)}, told),
        (fewer, told),
    ):
        safetensors.torch.save_file(parts, path, metadata=metadata)
        with pytest.raises(
            TruncatedFileError,
            match=r"c\.checkpoint lacks a part, or was changed \(.*\); "
            r"remove it to begin again",
        ):
            RealNVP.fit(x, checkpoint=path, **few)


def test_where_no_checkpoint_can_lie_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_fit, "_step", lambda *_: pytest.fail("the training began"))
    (tmp_path / "file").touch()
    with pytest.raises(InvalidParameter, match="is a folder: name a file in it"):
        RealNVP.fit(moons().x, checkpoint=tmp_path, **SMALL)
    with pytest.raises(InvalidParameter, match=r"the folder .*file cannot be made"):
        RealNVP.fit(moons().x, checkpoint=tmp_path / "file" / "c.checkpoint", **SMALL)


def test_a_checkpoint_that_cannot_be_finished_leaves_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = torch.nn.Linear(2, 2)
    optimizer, path = torch.optim.AdamW(module.parameters()), tmp_path / "c.checkpoint"
    sitting = checkpoints.Checkpointer({"model": module}, optimizer, run={}, checkpoint=path, minutes=None)
    sitting.save(1)
    before = path.read_bytes()

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(
        FileError,
        match=r"c\.checkpoint cannot be written: the disk is full; what was there "
        r"before is as it was",
    ):
        sitting.save(2)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
def test_saved_flows_come_back_and_damaged_ones_do_not(tmp_path: Path, suffix: str) -> None:
    path = fitted().save(tmp_path / f"flow.{suffix}", data={"name": "mine"})
    loaded = gk.densities.load(path)
    assert np.array_equal(loaded.log_prob(moons().x), fitted().log_prob(moons().x))
    assert loaded.facts == dict(fitted().facts) | {"data": {"name": "mine"}}
    whole, card = path.read_bytes(), json.loads(card_path(path).read_text())
    for content in (whole[:-30], whole[:50] + b"x" + whole[51:]):
        path.write_bytes(content)
        with pytest.raises(HashMismatch, match="is truncated or was changed"):
            RealNVP.load(path)
    path.write_bytes(whole)
    for changed in ({"transforms": 4}, {"hidden": [16, 16]}, {"kind": "glow"}, {"dim": "two"}, {"dim": 3}):
        card_path(path).write_text(json.dumps(card | changed))
        with pytest.raises(TruncatedFileError, match="and its card are not a saved flow") as told:
            RealNVP.load(path)
        assert "\n" not in str(told.value), "torch lists every weight that does not fit"
    card_path(path).write_text(json.dumps({name: value for name, value in card.items() if name != "hidden"}))
    with pytest.raises(TruncatedFileError, match=r"not a saved flow \('hidden'\)"):
        RealNVP.load(path)


def test_copies_are_equal() -> None:
    x = moons().x[:5]
    assert np.array_equal(copy.deepcopy(fitted()).log_prob(x), fitted().log_prob(x))


@pytest.mark.parametrize("name", ["two_moons", "two_moons_nsf"])
def test_the_shipped_flows_are_nearly_the_true_density(name: str) -> None:
    flow, data = RealNVP.pretrained(name), gk.datasets.load("two_moons", n=5000, seed=11)
    truth = data.density.log_prob(data.x)
    found = flow.log_prob(data.x)
    assert truth.mean() - found.mean() < 0.03  # 0.15 is asked for
    assert np.abs(flow.decode(flow.encode(data.x)) - data.x).max() <= 1e-9
    side = (np.arange(600) + 0.5) / 600
    nodes = np.stack(np.meshgrid(-3 + 7 * side, -2.5 + 5.5 * side), axis=-1).reshape(-1, 2)
    assert np.exp(flow.log_prob(nodes)).sum() * 7 * 5.5 / 600**2 == pytest.approx(1, abs=0.005)
    facts = flow.facts
    assert facts["data"]["name"] == "two_moons"
    assert facts["finished"]
    assert facts["log_prob_held_out"] == pytest.approx(found.mean(), abs=0.05)
    drawn = flow.sample(2000, seed=1)
    assert data.density.log_prob(drawn).mean() == pytest.approx(truth.mean(), abs=0.15)


def test_unknown_weights() -> None:
    with pytest.raises(
        UnknownName,
        match=r"no weights of 'realnvp' named 'mnist' are shipped; there are "
        r"two_moons",
    ):
        RealNVP.pretrained("mnist")
