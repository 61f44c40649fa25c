"""How the joints of an arm move in time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector

Rows = NDArray[np.float64]  # (n, j), one row an instant, one column a joint


@dataclass(frozen=True)
class JointTrajectory:
    """Samples of a smooth motion of `j` joints at `n` >= 1 instants.

    `times_s` (n,) from its start, strictly rising and not negative; `positions` (n, j) [rad], `velocities` (n, j) [rad/s]
    and `accelerations` (n, j) [rad/s²]; all float64 and finite, else PlanRejectedError. `waypoint_times_s` says when each
    pose that the motion was planned through is reached, empty where nobody knows.
    """

    times_s: Vector
    positions: Rows
    velocities: Rows
    accelerations: Rows
    waypoint_times_s: Vector = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        """Refuse what is no trajectory."""
        rows = (self.positions, self.velocities, self.accelerations)
        if self.times_s.ndim != 1 or self.positions.ndim != 2 or not self.positions.size:
            refuse(
                Rejection.WRONG_SHAPE,
                "no joint trajectory: times must be (n,) and positions (n, j), with at least one point",
            )
        if any(array.shape != (len(self.times_s), self.positions.shape[1]) for array in rows):
            shapes = ", ".join(str(array.shape) for array in rows)
            refuse(
                Rejection.WRONG_SHAPE,
                f"no joint trajectory: {len(self.times_s)} times, but the rest has shapes {shapes}",
            )
        if not all(np.isfinite(array).all() for array in (self.times_s, *rows)):
            refuse(
                Rejection.NON_FINITE,
                "no joint trajectory: a time, position, velocity or acceleration is NaN or infinite",
            )
        if self.times_s[0] < 0 or (np.diff(self.times_s) <= 0).any():
            refuse(
                Rejection.WRONG_SHAPE,
                "no joint trajectory: times must rise from one point to the next, from 0 or later",
            )

    @property
    def duration_s(self) -> float:
        """When the last point is reached, from the start."""
        return float(self.times_s[-1])

    def at(self, time_s: float) -> tuple[Vector, Vector]:
        """Positions (j,) [rad] and velocities (j,) [rad/s] at `time_s`: cubic between two points, held at both ends."""
        if time_s <= self.times_s[0]:
            return self.positions[0], self.velocities[0]
        if time_s >= self.times_s[-1]:
            return self.positions[-1], self.velocities[-1]
        after = int(np.searchsorted(self.times_s, time_s, side="right"))
        span_s = self.times_s[after] - self.times_s[after - 1]
        return _hermite((time_s - self.times_s[after - 1]) / span_s, span_s, *self._ends(after))

    def _ends(self, after: int) -> tuple[Rows, Rows]:
        pair = slice(after - 1, after + 1)
        return self.positions[pair], self.velocities[pair]


def _hermite(u: float, span_s: float, positions: Rows, velocities: Rows) -> tuple[Vector, Vector]:
    """Cubic Hermite interpolation at `u` in 0..1 between two rows `span_s` apart."""
    step = positions[1] - positions[0]
    curve = u * (1 - u) * ((1 - u) * (velocities[0] * span_s - step) - u * (velocities[1] * span_s - step))
    slope = 6 * u * (1 - u) * step + span_s * ((1 - u) * (1 - 3 * u) * velocities[0] + u * (3 * u - 2) * velocities[1])
    return positions[0] + u * step + curve, slope / span_s
