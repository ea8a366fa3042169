"""Active learning of an arm's poses: the task, the oracle and the measures, against models that are exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geodesic_kit.paper.experiments import active_learning as room


class Exact:
    """Codes are the hands themselves."""

    latent_dim = 2

    def encode(self, x: Any) -> Any:
        return room.hands_of(np.asarray(x))

    def decode(self, z: Any) -> Any:
        return room.poses_at(np.asarray(z))


def test_a_pose_has_the_hand_where_it_was_put() -> None:
    places = np.random.default_rng(0).uniform(-0.4, 0.4, (50, 2))
    np.testing.assert_allclose(room.hands_of(room.poses_at(places)), places, atol=1e-12)


def test_the_task_shows_skills_only() -> None:
    task = room.Task.of(60, seed=3)
    near = np.linalg.norm(task.known[:, None] - task.skills, axis=2).min(axis=1)
    assert near.max() <= 0.1
    assert np.linalg.norm(task.grid, axis=1).max() <= 0.6 + 1e-12
    away = np.linalg.norm(task.grid[:, None] - task.skills, axis=2).min(axis=1)
    np.testing.assert_array_equal(task.new, away > 0.1)
    assert task.across.shape == (10, 2, 2)
    np.testing.assert_array_equal(room.Task.of(60, seed=3).known, task.known)


def test_an_exact_model_errs_nowhere_and_moves_evenly() -> None:
    task = room.Task.of(60, seed=0)
    lesson = room._measured(task, Exact(), 0)
    assert lesson.rmse < 1e-12
    assert lesson.rmse_new < 1e-12
    far = np.linalg.norm(task.across[:, 1] - task.across[:, 0], axis=1)
    np.testing.assert_allclose(lesson.jumps, far / 63, atol=1e-12)


def test_the_oracle_answers_half_way_between_what_is_known() -> None:
    known = np.array([[-0.3, 0.0], [0.3, 0.0]])

    class Sheet(Exact):
        def decoder(self, z: Any) -> Any:
            return z.repeat(1, 3)

    asked = room._asked(
        Sheet(),
        room.poses_at(known),
        known,
        np.empty((0, 2)),
        room.UTILITIES["distance"],
        40,
        np.random.default_rng(0),
    )
    np.testing.assert_allclose(asked, 0, atol=1e-12)


def test_bands_are_mean_and_standard_error() -> None:
    found = {"a": [[room.Lesson(0, value, 0.0, np.zeros(1))] for value in (1.0, 2.0, 3.0)]}
    lines, ends = room.bands(found, lambda lesson: lesson.rmse)
    np.testing.assert_allclose(lines["a"], [[0], [2]])
    np.testing.assert_allclose(ends["a"][:, 0], 2 + np.array([-1, 1]) / np.sqrt(3))


@pytest.mark.parametrize("utility", list(room.UTILITIES))
def test_a_course_has_a_lesson_a_label(utility: str) -> None:
    training = dict(steps=2, trials=1, trial_steps=1, hidden=(4,), batch=8)
    (course,) = room.courses([0], n_known=20, n_queries=1, transitions=3, **training)[utility]
    assert [lesson.labels for lesson in course] == [0, 1]
    assert all(np.isfinite([lesson.rmse, lesson.rmse_new, *lesson.jumps]).all() for lesson in course)
