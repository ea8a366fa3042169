"""Rows of densities, solvers and registries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import Row, arg, row
from .shared import IN_PLANE, SEED, X, method

__all__ = ["PLUGINS"]


def learned(name: str, make: Callable[[], Any], saved: str, latent: bool) -> list[Row]:
    """Rows of what every density has."""
    path = arg("path", lambda: things.saved(saved), says="file folder name")
    rows = [
        row(f"{name}.log_prob", method(make, "log_prob"), x=IN_PLANE, inf=True),
        row(f"{name}.score", method(make, "score"), x=IN_PLANE),
        row(f"{name}.log_prob_and_score", method(make, "log_prob_and_score"), x=IN_PLANE, inf=True),
        row(f"{name}.sample", method(make, "sample"), n=arg("count", 3), seed=SEED),
        row(
            f"{name}.save",
            method(make, "save"),
            path=arg("path", lambda: things.folder() / f"{saved}.npz", says="file folder name"),
        ),
        row(f"{name}.load", lambda: gk.densities[saved].load, path=path),
    ]
    if latent:
        rows += [
            row(f"{name}.{way}", method(make, way), **{side: IN_PLANE})
            for way, side in (("encode", "x"), ("decode", "z"))
        ]
        named = arg("choice", "two_moons", says="pretrained weights")
        rows.append(row(f"{name}.pretrained", lambda: gk.densities[saved].pretrained, runs=False, name=named))
    return rows


DENSITIES = [
    row(
        "MoG",
        lambda: gk.densities["mog"],
        means=arg("points", lambda: things.points()[:3], but=("one more column",)),
        covariances=arg("number", 0.5, says="covariance"),
        weights=arg("weights", lambda: np.array([0.25, 0.25, 0.5]), none=True, says="weight"),
    ),
    row(
        "MoG.fit",
        lambda: gk.densities["mog"].fit,
        x=X,
        seed=SEED,
        n_components=arg("count", 2, none=True),
        covariance_type=arg("choice", "full"),
        method=arg("choice", "em"),
        floored=arg("switch", False),
    ),
    row(
        "MoG.fit (kde)",
        lambda: gk.densities["mog"].fit,
        fixed=lambda: {"method": "kde"},
        x=X,
        variance=arg("optional number", 0.5),
    ),
    *learned("MoG", things.density, "mog", latent=False),
    row("MoG.leave_one_out_variance", lambda: gk.densities["mog"].leave_one_out_variance, x=X),
    row("MoG.leave_one_out", method(things.density, "leave_one_out"), x=IN_PLANE, inf=True),
    row("MoG.log_prob_upper_bound", method(things.density, "log_prob_upper_bound")),
    row(
        "RealNVP.fit",
        lambda: gk.densities["realnvp"].fit,
        fixed=lambda: {"steps": 1, "transforms": 1, "hidden": (2,)},
        x=X,
        seed=SEED,
        flow=arg("choice", "realnvp"),
        batch=arg("size", 8),
        lr=arg("number", 0.125),
        weight_decay=arg("number", 0.125),
        held_out=arg("number", 0.25),
        patience=arg("size", 4),
        minutes=arg("optional number", 1.0),
        device=arg("choice", "cpu"),
    ),
    row(
        "RealNVP.fit (size)",
        lambda: flow_of_size,
        transforms=arg("count", 1, none=True),
        hidden=arg("count", 2, but=("list", "tuple")),
    ),
    *learned("RealNVP", things.flow, "realnvp", latent=True),
    row(
        "CTM.fit",
        lambda: gk.densities["ctm"].fit,
        fixed=lambda: {"steps": 1, "width": 8, "depth": 1},
        x=arg("points", things.points, but=("one more column",), says="points", brief=True),
        seed=arg("seed", 0, brief=True),
        network=arg("choice", "mlp", none=True, brief=True),
        batch=arg("size", 8, brief=True),
        lr=arg("number", 0.125, brief=True),
        lowest=arg("number", 0.125, brief=True),
        highest=arg("number", 8.0, brief=True),
        decay=arg("number", 0.5, brief=True),
        centre=arg("number", -1.0, brief=True),
        spread=arg("number", 0.5, brief=True),
        held_out=arg("number", 0.25, brief=True),
        minutes=arg("optional number", 1.0, brief=True),
        device=arg("choice", "cpu", brief=True),
    ),
    row(
        "CTM.fit (size)", lambda: trajectory_of_size, width=arg("count", 8, none=True), depth=arg("count", 1)
    ),
    *learned("CTM", things.trajectory, "ctm", latent=True),
    row("CTM.log_prob_and_error", method(things.trajectory, "log_prob_and_error"), x=IN_PLANE, inf=True),
    row(
        "CTM.with_ode",
        method(things.trajectory, "with_ode"),
        steps=arg("size", 2, none=True),
        probes=arg("size", 1, none=True),
        seed=arg("seed", 0, none=True),
    ),
]


DECODERS = [
    row(
        "IWAE.fit",
        lambda: gk.decoders["iwae"].fit,
        fixed=lambda: {"steps": 1, "trials": 1, "trial_steps": 1, "hidden": (2,)},
        x=arg("points", things.points, but=("one more column",), says="points", brief=True),
        seed=arg("seed", 0, brief=True),
        latent_dim=arg("count", 2, brief=True),
        n_samples=arg("size", 2, brief=True),
        activation=arg("choice", "tanh", brief=True),
        batch=arg("size", 8, brief=True),
        lr=arg("number", 0.125, brief=True),
        held_out=arg("number", 0.25, brief=True),
        jitter=arg("number", 0.25, brief=True),
        minutes=arg("optional number", 1.0, brief=True),
        device=arg("choice", "cpu", brief=True),
    ),
    row(
        "IWAE.fit (size)",
        lambda: autoencoder_of_size,
        hidden=arg("count", 2, but=("list", "tuple")),
    ),
    row("IWAE.log_prob", method(things.autoencoder, "log_prob"), x=IN_PLANE, inf=True),
    row("IWAE.log_prob_and_error", method(things.autoencoder, "log_prob_and_error"), x=IN_PLANE, inf=True),
    row("IWAE.sample", method(things.autoencoder, "sample"), n=arg("count", 3), seed=SEED),
    row("IWAE.encode", method(things.autoencoder, "encode"), x=IN_PLANE),
    row("IWAE.decode", method(things.autoencoder, "decode"), z=IN_PLANE),
    row("IWAE.aggregate_posterior", method(things.autoencoder, "aggregate_posterior"), x=IN_PLANE),
    row(
        "IWAE.with_importance",
        method(things.autoencoder, "with_importance"),
        n_importance=arg("size", 8, none=True),
        seed=arg("seed", 0, none=True),
    ),
    row(
        "IWAE.save",
        method(things.autoencoder, "save"),
        path=arg("path", lambda: things.folder() / "iwae.npz", says="file folder name"),
    ),
    row(
        "IWAE.load",
        lambda: gk.decoders["iwae"].load,
        path=arg("path", lambda: things.saved("iwae"), says="file folder name"),
    ),
    row(
        "IWAE.pretrained",
        lambda: gk.decoders["iwae"].pretrained,
        name=arg("choice", "pendulum", says="pretrained weights"),
    ),
]


def autoencoder_of_size(hidden: Any) -> Any:
    return gk.decoders["iwae"].fit(things.points(), steps=1, trials=1, trial_steps=1, hidden=hidden, batch=4)


def flow_of_size(transforms: Any, hidden: Any) -> Any:
    return gk.densities["realnvp"].fit(things.points(), steps=1, transforms=transforms, hidden=hidden)


def trajectory_of_size(width: Any, depth: Any) -> Any:
    return gk.densities["ctm"].fit(things.points(), steps=1, width=width, depth=depth, batch=4)


def solving(name: str, solver: str) -> Row:
    return row(
        f"{name}.solve",
        lambda: gk.solvers[solver]().solve,
        inf=True,
        graph=arg("object", things.graph),
        sources=arg("sources", lambda: np.array([3, 0, 7])),
        limit=arg("number", 2.0),
        predecessors=arg("switch", False),
        dtype=arg("type", lambda: np.float64),
    )


SOLVERS = [
    row("SciPySolver", lambda: gk.solvers["scipy"]),
    row("NetworkXSolver", lambda: gk.solvers["networkx"]),
    row("NativeSolver", lambda: gk.solvers["native"], threads=arg("size", 1, none=True)),
    row("AStarSolver", lambda: gk.solvers["astar"], bound=arg("choice", "proven")),
    *[
        solving(name, solver)
        for name, solver in (
            ("SciPySolver", "scipy"),
            ("NetworkXSolver", "networkx"),
            ("NativeSolver", "native"),
            ("AStarSolver", "astar"),
        )
    ],
    *[
        row(
            f"AStarSolver.{name}",
            lambda name=name: getattr(gk.solvers["astar"](), name),
            graph=arg("object", things.graph),
            source=arg("index", 0),
            target=arg("index", 7),
        )
        for name in ("path", "search")
    ],
]


def registry(name: str, known: str, runs: bool) -> list[Row]:
    """Rows of what every registry has; one that holds nothing has no valid name."""
    own = lambda: getattr(gk, name)  # noqa: E731
    return [
        row(
            f"{name}.__getitem__",
            lambda: lambda key: own()[key],
            runs=runs,
            key=arg("choice", known, says="named"),
        ),
        row(
            f"{name}.register",
            lambda: own().register,
            name=arg("choice", "x", says="register", but=NEW_NAMES),
        ),
        row(
            f"{name}.unregister", lambda: own().unregister, runs=False, name=arg("choice", "x", says="named")
        ),
        row(f"{name}.names", lambda: own().names),
        row(f"{name}.providers", lambda: own().providers),
    ]


NEW_NAMES = ("unknown", "line break", "zero byte", "very long")  # are names as well as any
REGISTRIES = [
    *registry("densities", "mog", True),
    *registry("solvers", "scipy", True),
    *registry("decoders", "iwae", True),
    row(
        "densities.load",
        lambda: gk.densities.load,
        path=arg("path", lambda: things.saved("mog"), says="file folder name"),
    ),
    row(
        "decoders.load",
        lambda: gk.decoders.load,
        path=arg("path", lambda: things.saved("iwae"), says="file folder name"),
    ),
]

PLUGINS: list[Row] = [*DENSITIES, *DECODERS, *SOLVERS, *REGISTRIES]
