"""Postures to start a search from, by the pose that they put the hand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt_core.types import Vector

POSTURES, SEED = 8_000, 0
LENGTH_M = 0.3  # a turn by one radian counts as a way of this length


class StartTable:
    """`POSTURES` random postures within the limits, drawn by `SEED`, and the poses that go with them."""

    def __init__(self, place: Callable[[Vector], tuple[Vector, NDArray[np.float64], Any]], low: Vector, high: Vector):
        """Draw them; `place` gives position (3,) and rotation (3, 3) of the hand at joints (j,) [rad]."""
        self._postures = np.random.default_rng(SEED).uniform(low, high, (POSTURES, len(low)))  # (p, j)
        self._poses = np.empty((POSTURES, 12), np.float32)
        for row, posture in zip(self._poses, self._postures, strict=True):
            row[:] = _features(*place(posture)[:2])
        self._half_squares = (self._poses**2).sum(1) / 2

    def nearest(self, position: Vector, rotation: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        """The `count` postures (count, j) [rad] whose poses are nearest to this one, the nearest first."""
        distances = self._half_squares - self._poses @ _features(position, rotation)  # half squares, less a constant
        found = np.argpartition(distances, count)[:count]
        chosen: NDArray[np.float64] = self._postures[found[np.argsort(distances[found])]]
        return chosen


def _features(position: Vector, rotation: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.concatenate([position, LENGTH_M * rotation.ravel()]).astype(np.float32)
