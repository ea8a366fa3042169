"""Torch distributions and modules: own dtype inside, float64 outside, score by autograd, local seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import distributions as td

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, NotADensityError
from geodesic_kit.testing import DensityContract
from geodesic_kit.types import HasScore, Points, Samples

X = np.random.default_rng(0).standard_normal((9, 2))
COVARIANCE = torch.tensor([[1.0, 0.4], [0.4, 0.5]], dtype=torch.float64)


class Network(torch.nn.Module):
    """A Gaussian with a learned shift, dropout and a record of the dtype that it was called with."""

    def __init__(self, dtype: Any = torch.float32) -> None:
        super().__init__()
        self.shift = torch.nn.Parameter(torch.tensor([0.5, -0.25], dtype=dtype))
        self.dropout = torch.nn.Dropout(0.5)
        self.seen: set[Any] = set()
        self.rows = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.add(x.dtype)
        self.rows = max(self.rows, len(x))
        return -0.5 * (self.dropout(x) - self.shift).square().sum(1) - float(np.log(2 * np.pi))


class WithLogProb(Network):
    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise AssertionError("log_prob comes first")

    def sample(self, n: int) -> Any:
        return self.shift + torch.randn(n, 2), torch.zeros(n)  # points and log p, as some flow libraries do


class TestNormalInDouble(DensityContract):
    def make(self) -> Any:
        return gk.as_density(td.MultivariateNormal(torch.zeros(2, dtype=torch.float64), COVARIANCE))


class TestNormalInSingle(DensityContract):
    rtol, score_rtol, step = 1e-5, 2e-2, 1e-2

    def make(self) -> Any:
        return gk.as_density(td.Independent(td.Normal(torch.zeros(2), torch.tensor([1.0, 0.5])), 1))


class TestMixture(DensityContract):
    def make(self) -> Any:
        parts = td.MultivariateNormal(torch.tensor([[0.0, 0.0], [3.0, 1.0]], dtype=torch.float64), COVARIANCE)
        return gk.as_density(
            td.MixtureSameFamily(td.Categorical(torch.tensor([0.3, 0.7], dtype=torch.float64)), parts)
        )


class TestScalarEvent(DensityContract):
    def data(self) -> Points:
        return np.random.default_rng(0).standard_normal((100, 1))

    def make(self) -> Any:
        return gk.as_density(
            td.Normal(torch.tensor(0.1, dtype=torch.float64), torch.tensor(1.2, dtype=torch.float64))
        )


class TestNetwork(DensityContract):
    rtol, score_rtol, step = 1e-5, 2e-2, 1e-2

    def make(self) -> Any:
        return gk.as_density(WithLogProb(), dim=2)


class TestNetworkEnergy(DensityContract):
    def make(self) -> Any:
        class Energy(Network):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return -super().forward(x)

        return gk.as_density(Energy(torch.float64), dim=2, kind="energy")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_module_runs_in_its_own_dtype(dtype: Any) -> None:
    network = Network(dtype)
    density = gk.as_density(network, dim=2)
    values = density.log_prob(X)
    assert network.seen == {dtype}
    assert values.dtype == np.float64
    assert isinstance(density, HasScore)
    assert density.score(X).dtype == np.float64
    np.testing.assert_allclose(density.score(X), network.shift.detach().numpy() - X, rtol=1e-5, atol=1e-6)
    assert not isinstance(density, Samples)
    assert network.shift.grad is None


def test_evaluation_is_batched_and_the_training_mode_comes_back() -> None:
    network = Network()
    network.dropout.eval()
    density = gk.as_density(network, dim=2)
    many = np.zeros((20_000, 2))
    assert density.log_prob(many).shape == (20_000,)
    assert density.score(many).shape == (20_000, 2)  # type: ignore[attr-defined]
    assert network.rows < 10_000
    assert network.training
    assert not network.dropout.training


def test_an_energy_turns_value_and_score() -> None:
    network = Network(torch.float64)
    plain: Any = gk.as_density(network, dim=2)
    energy: Any = gk.as_density(network, dim=2, kind="energy")
    assert energy.normalised is False
    np.testing.assert_array_equal(energy.log_prob(X), -plain.log_prob(X))
    np.testing.assert_array_equal(energy.score(X), -plain.score(X))


def test_score_and_sample_can_be_given() -> None:
    density: Any = gk.as_density(
        Network(), dim=2, score=lambda x: x * 0 + 7, sample=lambda n, seed: np.zeros((n, 2))
    )
    assert (density.score(X) == 7).all()
    assert density.sample(3, seed=0).shape == (3, 2)


def test_samples_leave_torchs_random_state_alone() -> None:
    density: Any = gk.as_density(td.MultivariateNormal(torch.zeros(2), torch.eye(2)))
    state = torch.random.get_rng_state()
    np.testing.assert_array_equal(density.sample(5, seed=3), density.sample(5, seed=3))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_outside_the_support_p_is_zero() -> None:
    exponential: Any = gk.as_density(td.Exponential(torch.tensor(2.0, dtype=torch.float64)))
    np.testing.assert_allclose(exponential.log_prob([[-1.0], [0.5]]), [-np.inf, np.log(2) - 1])
    uniform: Any = gk.as_density(td.Independent(td.Uniform(torch.zeros(2), torch.tensor([1.0, 2.0])), 1))
    np.testing.assert_allclose(
        uniform.log_prob([[0.5, 0.5], [0.5, 3.0], [-1.0, 0.5]]), [-np.log(2), -np.inf, -np.inf], rtol=1e-6
    )
    assert (uniform.score([[0.5, 0.5], [3.0, 0.0]]) == 0).all()


def test_bound_methods_and_plain_holders_of_parameters() -> None:
    normal = td.MultivariateNormal(torch.zeros(2, dtype=torch.float64), COVARIANCE)
    np.testing.assert_array_equal(
        gk.as_density(normal.log_prob).log_prob(X), gk.as_density(normal).log_prob(X)
    )
    network = WithLogProb()
    np.testing.assert_array_equal(
        gk.as_density(network.log_prob, dim=2).log_prob(X), gk.as_density(network, dim=2).log_prob(X)
    )

    class Holder:
        def __init__(self) -> None:
            self.mean = torch.zeros(2, dtype=torch.float64)

        def log_prob(self, x: torch.Tensor) -> torch.Tensor:
            return -0.5 * torch.square(x - self.mean).sum(1)

    density: Any = gk.as_density(Holder(), dim=2, normalised=False)
    np.testing.assert_allclose(density.score(X), -X)
    assert density.normalised is False


class NoForward(torch.nn.Module):
    pass


class Detached(Network):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).detach()


class ReturnsDistribution(Network):
    def forward(self, x: torch.Tensor) -> Any:
        return td.Normal(torch.zeros(2), 1.0)


class Column(Network):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x)[:, None]


@pytest.mark.parametrize(
    ("obj", "options", "error", "text"),
    [
        (
            td.Normal(torch.zeros(3), 1.0),
            {},
            NotADensityError,
            r"Normal is a batch of \(3,\) distributions.*Independent\(distribution, 1\)",
        ),
        (td.MultivariateNormal(torch.zeros(4, 2), torch.eye(2)), {}, NotADensityError, r"batch of \(4,\)"),
        (
            td.Independent(td.Normal(torch.zeros(2, 3), 1.0), 2),
            {},
            NotADensityError,
            r"events of shape \(2, "
            r"3\); one point is a "
            r"row",
        ),
        (
            td.Poisson(torch.tensor(2.0)),
            {},
            NotADensityError,
            "Poisson has no density on R.d: its support is",
        ),
        (td.Dirichlet(torch.ones(3)), {}, NotADensityError, "Dirichlet has no density on R.d"),
        (td.Normal(0.0, 1.0), {"dim": 2}, InvalidParameter, "dim=2 contradicts Normal, which has 1"),
        (td.Normal(0.0, 1.0), {"kind": "energy"}, InvalidParameter, "a torch distribution offers log p"),
        (Network(), {}, InvalidParameter, "the torch object Network does not tell its dimension; pass dim="),
        (NoForward(), {"dim": 2}, NotADensityError, "NoForward has neither log_prob nor forward"),
        (td.Normal, {}, NotADensityError, "Normal is a class, not a density"),
    ],
)
def test_what_is_no_density_is_named(
    obj: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        gk.as_density(obj, **options)


def test_what_a_module_must_not_return_is_named() -> None:
    with pytest.raises(NotADensityError, match=r"log p returned shape \(9, 1\), \(9,\) is needed; squeeze"):
        gk.as_density(Column(), dim=2).log_prob(X)
    with pytest.raises(
        NotADensityError,
        match="returned a Normal, not a tensor of log p; it is a distribution: pass that one",
    ):
        gk.as_density(ReturnsDistribution(), dim=2).log_prob(X)
    with pytest.raises(
        NotADensityError, match="cut off from its input, so autograd finds no score; pass score="
    ):
        gk.as_density(Detached(), dim=2).score(X)  # type: ignore[attr-defined]


@pytest.mark.gpu
def test_a_module_on_a_gpu_stays_there() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA GPU")
    on_gpu: Any = gk.as_density(WithLogProb().cuda(), dim=2)
    np.testing.assert_allclose(on_gpu.log_prob(X), gk.as_density(WithLogProb(), dim=2).log_prob(X), rtol=1e-5)
    np.testing.assert_allclose(on_gpu.score(X), gk.as_density(WithLogProb(), dim=2).score(X), rtol=1e-5)  # type: ignore[attr-defined]
