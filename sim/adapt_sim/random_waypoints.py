"""Random play: the hand wanders smoothly between random waypoints, whatever the task."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Vector

REGION_M = (np.array([-0.35, 0.45, 0.06]), np.array([0.35, 0.9, 0.4]))  # where MetaWorld's objects are and above them
ARRIVED_M = 0.03
PATIENCE = 80  # calls after which an unreachable waypoint is given up
STRIDE_M = (0.01, 0.04)  # with a gain of 25 per metre, a quarter of full speed to full speed


class RandomWaypoints:
    """A policy without a goal, seeded: each waypoint has its own speed and its own gripper opening."""

    def __init__(self, seed: int, region: tuple[Vector, Vector] = REGION_M) -> None:
        """Waypoints are drawn from `region` ((3,) low, (3,) high) in metres."""
        self._rng = np.random.default_rng(seed)
        self._region = region
        self._draw()

    def target(self, pose: Vector) -> Vector:
        """The next end-effector target (8,) from the `pose` (8,) now; the orientation is kept."""
        offset = self._waypoint - pose[:3]
        distance = float(np.linalg.norm(offset))
        self._patience -= 1
        step = offset * min(1.0, self._stride / max(distance, 1e-9))
        target = np.concatenate([pose[:3] + step, pose[3:7], [self._opening]])
        if distance < ARRIVED_M or self._patience == 0:
            self._draw()
        return target

    def _draw(self) -> None:
        self._waypoint = self._rng.uniform(*self._region)
        self._stride = self._rng.uniform(*STRIDE_M)
        self._opening = float(self._rng.integers(2))
        self._patience = PATIENCE
