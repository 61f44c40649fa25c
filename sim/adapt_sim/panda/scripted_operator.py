"""What a person would do with the hand in a scene: the via points of a demonstration."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Vector

from adapt_sim.panda.cups import RADIUS_M, CupScene
from adapt_sim.panda.drawers import HANDLE_HEIGHT_M, STEM_LENGTH_M, WALL_M, DrawerScene
from adapt_sim.panda.teleoperation import Via

PUSHING = 0.5  # opening: a cup leans against both fingers
PUSH_HEIGHT_M = (0.07, 0.08)
PUSH_M, PULL_M = (0.125, 0.15), (0.12, 0.145)  # measured at cup and drawer
BEHIND_M = (0.06, 0.075)  # between cup and hand before the push
ABOVE_M = (0.12, 0.16)
GRASP_WAIT_S = 1.1  # the gripper takes that long
ROAM_M = (np.array([0.33, -0.25, 0.2]), np.array([0.55, 0.25, 0.45]))  # above all things
AMONG_THINGS_M = (np.array([0.35, -0.25, 0.05]), np.array([0.65, 0.25, 0.25]))


def via_points(scene: CupScene | DrawerScene, rng: np.random.Generator) -> list[Via]:
    """The way to do the task of `scene`, each time a little different."""
    if isinstance(scene, CupScene):
        return _push(scene.positions[scene.named], rng)
    return _open(scene.fronts[scene.named], rng)


def random_via_points(rng: np.random.Generator, region_m: tuple[Vector, Vector] = ROAM_M, count: int = 12) -> list[Via]:
    """Wandering in a box ((3,) low, (3,) high) without a goal, opening and closing the gripper."""
    return [Via(rng.uniform(*region_m), float(rng.integers(2)), wait_s=0.3) for _ in range(count)]


def _push(cup: Vector, rng: np.random.Generator) -> list[Via]:
    """Down behind the cup at `cup` (2,), then forward, then back and up."""
    side, height = rng.uniform(-0.006, 0.006), rng.uniform(*PUSH_HEIGHT_M)
    behind = np.array([cup[0] - RADIUS_M - rng.uniform(*BEHIND_M), cup[1] + side, height])
    pushed = np.array([cup[0] - RADIUS_M + rng.uniform(*PUSH_M), cup[1] + side + rng.uniform(-0.006, 0.006), height])
    return [
        Via(_above(behind, rng), PUSHING),
        Via(behind, PUSHING, careful=True),
        Via(pushed, PUSHING, careful=True),
        Via(np.add(pushed, [-0.06, 0.0, 0.05]), PUSHING),
        Via(np.add(pushed, [-0.1, 0.0, 0.2]), PUSHING),
    ]


def _open(front: Vector, rng: np.random.Generator) -> list[Via]:
    """Down over the handle of the drawer with this `front` (3,), grasp its stem, pull, let go, and up."""
    stem = np.add(front, [-WALL_M - STEM_LENGTH_M / 2, 0.0, HANDLE_HEIGHT_M])
    at = stem + rng.uniform(-0.003, 0.003, 3)
    pulled = at - [rng.uniform(*PULL_M), rng.uniform(-0.005, 0.005), 0.0]
    return [
        Via(_above(at, rng), 1.0),
        Via(at, 1.0, wait_s=0.6, careful=True),
        Via(at, 0.0, wait_s=GRASP_WAIT_S, careful=True),
        Via(pulled, 0.0, wait_s=0.6, careful=True),
        Via(pulled, 1.0, wait_s=0.8, careful=True),
        Via(np.add(pulled, [0.0, 0.0, 0.15]), 1.0),
    ]


def _above(position: Vector, rng: np.random.Generator) -> Vector:
    return np.asarray(position + np.array([*rng.uniform(-0.02, 0.02, 2), rng.uniform(*ABOVE_M)]))
