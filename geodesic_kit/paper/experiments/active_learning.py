"""Which pose an arm is shown next: utilities of places on latent transitions, and what each learns a label.
Chen et al. 2018 (IROS), arXiv:1808.02026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...datasets import arm
from ...latent.pullback import PullbackMetric
from ...registry import decoders
from ...types import Points, Values

__all__ = [
    "ANYWHERE",
    "UTILITIES",
    "Lesson",
    "Task",
    "bands",
    "blends",
    "courses",
    "hands_of",
    "jumps",
    "poses_at",
]

_RADIUS = 0.6  # of the disc that the hand is to reach, as in the data set's widest circle
_SKILL, _SKILLS, _APART = 0.1, 5, 0.35  # what is known: radius, number, least distance of centres
_NOISE = 0.03  # of a pose's six numbers, the data set's
_SHOWN, _AROUND = 12, 0.04  # poses of a demonstration, and how far around the place that is asked for
_FRAMES = 64  # of a transition
_PLACES = 24  # of a transition that are looked at
_ASKED = 0.1  # of the hand: how near to what was shown before a place is of little use

_MIDDLE = arm.hand(arm.joints(0.0, np.zeros(1)))[0]

ANYWHERE = "random pose"
# Of places on transitions: log magnification factor and log latent distance to the nearest code, (n,) each.
UTILITIES: dict[str, Callable[[Values, Values, np.random.Generator], Values]] = {
    "magnification × distance": lambda magnified, away, _: magnified + away,
    "magnification": lambda magnified, _away, _: magnified,
    "distance": lambda _magnified, away, _: away,
    "random place": lambda magnified, _away, rng: np.log(rng.random(len(magnified))),
}


@dataclass(frozen=True, eq=False)
class Task:
    """Poses of the arm whose hand lies in a disc, of which a few skills, small discs, are known.

    `known` (n, 2) are hands of poses shown at first, `skills` (s, 2) the centres; `grid` (m, 2) hands all
    over the disc, on which errors are taken, `new` (m,) whether in no skill; `across` (t, 2, 2) the centres
    of each two skills, between which the arm is to move.
    """

    known: Points
    skills: Points
    grid: Points
    new: NDArray[np.bool_]
    across: NDArray[np.float64]

    @classmethod
    def of(cls, n: int, *, seed: int) -> Task:
        """The task of a seed, with n poses known, as many of each skill."""
        rng = np.random.default_rng([seed, 0])
        skills = np.empty((0, 2))
        while len(skills) < _SKILLS:  # by rejection: apart from each other, and within the rim
            centre = _in_disc(rng, 1, _RADIUS - _SKILL)
            if (np.linalg.norm(skills - centre, axis=1) > _APART).all():
                skills = np.concatenate([skills, centre])
        known = skills[np.arange(n) % _SKILLS] + _in_disc(rng, n, _SKILL)
        side = np.linspace(-_RADIUS, _RADIUS, 41)
        grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        grid = grid[np.linalg.norm(grid, axis=1) <= _RADIUS]
        across = np.stack([skills[pair] for pair in np.triu_indices(_SKILLS, 1)], axis=1)
        return cls(known, skills, grid, cKDTree(skills).query(grid)[0] > _SKILL, across)


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is known after so many labels: root mean square errors of poses in the disc and outside of the
    skills, and the largest jump of the hand on each transition between skills, (t,).
    """

    labels: int
    rmse: float
    rmse_new: float
    jumps: Values


def poses_at(place: Points) -> Points:
    """Poses (n, 6) with the hand at places (n, 2) around the middle of the disc."""
    radius, turn = np.linalg.norm(place, axis=1), np.arctan2(place[:, 1], place[:, 0])
    return arm.poses(arm.joints(radius, turn))


def hands_of(poses: Points) -> Points:
    """Where the hand is in poses (n, 6), around the middle of the disc, (n, 2)."""
    return arm.hand(np.arctan2(poses[:, :3], poses[:, 3:])) - _MIDDLE


def courses(
    seeds: Sequence[int], *, n_known: int, n_queries: int, transitions: int = 60, **training: Any
) -> dict[str, list[list[Lesson]]]:
    """By utility, what is learned with each label: a course a seed, of lessons for 0 ... n_queries labels. A
    label is a demonstration of a dozen poses; `training` are options of the autoencoder's `fit`, which sees
    all poses anew each time.

    A learner looks at places on straight transitions between codes of known poses. What it asks for is
    answered with poses half-way, by hand, between the known ones on both sides of the place, since what it
    decodes there is a blend that nobody could show; places whose decoded hand is near one shown before count
    for less. "random pose" is shown a place anywhere in the disc instead.
    """
    found: dict[str, list[list[Lesson]]] = {name: [] for name in (*UTILITIES, ANYWHERE)}
    for seed in seeds:
        task, fit = Task.of(n_known, seed=seed), partial(decoders["iwae"].fit, seed=seed, **training)
        x = _seen(task.known, np.random.default_rng([seed, 2]))
        first = fit(x)
        for name, lessons in found.items():
            lessons.append(_course(task, x, first, fit, name, n_queries, transitions, seed))
    return found


def bands(
    found: Mapping[str, Sequence[Sequence[Lesson]]], of: Callable[[Lesson], float]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """By utility, of a number of each lesson: labels and the mean over seeds, (2, k), and the mean less and
    more its standard error, (2, k).
    """
    lines, ends = {}, {}
    for name, lessons in found.items():
        values = np.array([[of(lesson) for lesson in course] for course in lessons])
        mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
        lines[name] = np.stack([[lesson.labels for lesson in lessons[0]], mean])
        ends[name] = np.stack([mean - error, mean + error])
    return lines, ends


def blends(task: Task, *, seed: int, **training: Any) -> Values:
    """How far the hand that is decoded half-way between the codes of each two skills is from the nearest
    known one, over half the way between the skills, (t,): 1 where what is decoded is half-way, too.
    """
    x = _seen(task.known, np.random.default_rng([seed, 2]))
    model = decoders["iwae"].fit(x, seed=seed, **training)
    middle = model.encode(poses_at(task.across.reshape(-1, 2))).reshape(-1, 2, model.latent_dim).mean(axis=1)
    near = cKDTree(task.known).query(hands_of(model.decode(middle)))[0]
    whole = np.linalg.norm(task.across[:, 1] - task.across[:, 0], axis=1)
    return np.asarray(2 * near / whole)


def _course(
    task: Task,
    x: Points,
    model: Any,
    fit: Callable[[Points], Any],
    name: str,
    n_queries: int,
    transitions: int,
    seed: int,
) -> list[Lesson]:
    known, shown = task.known, np.empty((0, 2))
    rng, noise = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 3])
    lessons = [_measured(task, model, 0)]
    for labels in range(1, n_queries + 1):
        place = (
            _in_disc(rng, 1, _RADIUS)[0]
            if name == ANYWHERE
            else _asked(model, x, known, shown, UTILITIES[name], transitions, rng)
        )
        shown = np.concatenate([shown, place[None]])
        poses = place + _in_disc(rng, _SHOWN, _AROUND)
        known, x = np.concatenate([known, poses]), np.concatenate([x, _seen(poses, noise)])
        model = fit(x)
        lessons.append(_measured(task, model, labels))
    return lessons


def _asked(
    model: Any,
    x: Points,
    known: Points,
    shown: Points,
    utility: Callable[[Values, Values, np.random.Generator], Values],
    transitions: int,
    rng: np.random.Generator,
) -> Values:
    """The hand, (2,), of the poses that the oracle shows: half-way between the two known ones whose codes are
    nearest to the place of highest utility, one towards the transition's start and one towards its end.
    """
    codes = model.encode(x)
    ends = codes[rng.integers(len(codes), size=(transitions, 2))]
    t = (np.arange(_PLACES) + 0.5)[:, None] / _PLACES
    places = ((1 - t) * ends[:, None, 0] + t * ends[:, None, 1]).reshape(-1, 2)
    away = cKDTree(codes).query(places)[0]
    with np.errstate(divide="ignore"):  # a place on a code is nothing new
        value = utility(PullbackMetric(model).log_volume(places), np.log(away), rng)
        if len(shown):
            near = cKDTree(shown).query(hands_of(model.decode(places)))[0]
            value = value + np.log(-np.expm1(-np.square(near / _ASKED) / 2))
    best = int(np.argmax(value))
    ahead = (codes - places[best]) @ (ends[best // _PLACES, 1] - ends[best // _PLACES, 0]) > 0
    apart = np.linalg.norm(codes - places[best], axis=1)
    both = [known[np.argmin(np.where(side, apart, np.inf))] for side in (ahead, ~ahead)]
    return np.asarray(np.mean(both, axis=0))


def _measured(task: Task, model: Any, labels: int) -> Lesson:
    poses = poses_at(task.grid)
    squares = np.square(model.decode(model.encode(poses)) - poses)
    rmse, new = (float(np.sqrt(of.mean())) for of in (squares, squares[task.new]))
    return Lesson(labels, rmse, new, jumps(model, task.across))


def jumps(model: Any, across: NDArray[np.float64]) -> Values:
    """The largest step of the decoded hand on the straight latent transition between the codes of poses with
    hands (t, 2, 2), in 64 frames, (t,).
    """
    ends = model.encode(poses_at(across.reshape(-1, 2))).reshape(-1, 2, 2)
    t = np.linspace(0, 1, _FRAMES)[:, None]
    frames = (1 - t) * ends[:, None, 0] + t * ends[:, None, 1]
    hands = hands_of(model.decode(frames.reshape(-1, 2))).reshape(len(across), _FRAMES, 2)
    return np.asarray(np.linalg.norm(np.diff(hands, axis=1), axis=2).max(axis=1))


def _seen(hands: Points, rng: np.random.Generator) -> Points:
    return poses_at(hands) + _NOISE * rng.standard_normal((len(hands), 6))


def _in_disc(rng: np.random.Generator, n: int, radius: float) -> Points:
    """Uniform places in a disc around the origin, (n, 2)."""
    turn, share = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.random(n))
    return radius * share[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
