"""How the shipped autoencoders are trained: the recipe of each data set."""

from __future__ import annotations

from geodesic_kit.base.recipes import Recipe

__all__ = ["RECIPES"]

RECIPES: dict[str, Recipe] = {
    "pendulum": Recipe(
        n=4000,
        fit={"steps": 2500, "trials": 4, "trial_steps": 250, "batch": 64},
        why="in the plane, so that the ring of angles is seen whole",
    ),
    "arm": Recipe(
        n=4000,
        fit={"hidden": (64, 64), "steps": 4000, "trials": 4, "trial_steps": 250},
        why="two joints are free, so are two codes",
    ),
    "mnist": Recipe(
        n=20_000,
        fit={"hidden": (200, 200), "steps": 5000, "trials": 2, "trial_steps": 400},
        why="in the plane, as [C18] shows it; 20,000 pictures are seen often enough",
    ),
    "fashion_mnist": Recipe(
        n=20_000,
        fit={"hidden": (200, 200), "steps": 5000, "trials": 2, "trial_steps": 400},
        why="in the plane, as for mnist",
    ),
    "chairs": Recipe(
        data={"split": "train"},
        fit={"n_samples": 3, "steps": 2500, "trials": 4, "trial_steps": 250, "batch": 64},
        why="in the plane, to be seen; in 8 codes the ten rings of angles lie apart",
    ),
    "motion": Recipe(
        fit={"n_samples": 3, "steps": 2000, "trials": 4, "trial_steps": 250},
        why="in the plane; frames between those held out are known, so new movements are not asked for",
    ),
}
