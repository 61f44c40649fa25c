"""How far, fast and jerkily the joints may move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt_core.arm_settings import Arm
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector

TOLERANCE = 0.01  # of a limit: what differences between samples may add
POSITION_TOLERANCE_RAD = 1e-6


@dataclass(frozen=True)
class MotionLimits:
    """Limits (j,) of each joint: positions in rad, the others in rad/s, rad/s², rad/s³."""

    names: tuple[str, ...]
    low: Vector
    high: Vector
    velocity: Vector
    acceleration: Vector
    jerk: Vector

    @classmethod
    def of(cls, arm: Arm, scale: float = 1.0) -> MotionLimits:
        """Those of `arm`, all but the positions times `scale`."""
        rates = (scale * np.array(row) for row in (arm.limits.velocity, arm.limits.acceleration, arm.limits.jerk))
        return cls(arm.joints, np.array(arm.limits.position_low), np.array(arm.limits.position_high), *rates)

    def holds(self, q: NDArray[np.float64]) -> bool:
        """Are all rows of `q` (n, j) [rad] within the limits?"""
        low, high = self.low - POSITION_TOLERANCE_RAD, self.high + POSITION_TOLERANCE_RAD
        return bool(((q >= low) & (q <= high)).all())

    def check_positions(self, q: NDArray[np.float64]) -> None:
        """Raise PlanRejectedError, naming the joint, unless all rows of `q` (n, j) [rad] are finite and within limits."""
        if q.ndim != 2 or q.shape[1] != len(self.names):
            refuse(Rejection.WRONG_SHAPE, f"this arm has {len(self.names)} joints; positions have the shape {q.shape}")
        if not np.isfinite(q).all():
            refuse(Rejection.NON_FINITE, "a joint position is NaN or infinite")
        beyond = np.maximum(self.low - q, q - self.high)  # (n, j), positive where outside
        row, joint = _largest(beyond)
        if beyond[row, joint] > POSITION_TOLERANCE_RAD:
            allowed = f"{self.low[joint]:.4f} to {self.high[joint]:.4f} rad"
            stands = f"{self.names[joint]} would stand at {q[row, joint]:.4f} rad"
            refuse(Rejection.JOINT_LIMIT, f"{stands}; allowed are {allowed}")

    def check(self, trajectory: JointTrajectory) -> None:
        """Raise PlanRejectedError unless `trajectory` keeps to all limits, by what it says and by its own differences."""
        self.check_positions(trajectory.positions)
        for rate in self._rates(trajectory):
            row, joint = _largest(rate.shares)
            if rate.shares[row, joint] > 1 + TOLERANCE:
                found = f"{rate.shares[row, joint] * rate.limit[joint]:.4g} {rate.unit}"
                allowed = f"allowed are {rate.limit[joint]:.4g}"
                refuse(Rejection.TOO_FAST, f"the {rate.name} of {self.names[joint]} would be {found}; {allowed}")

    def too_fast_at(self, trajectory: JointTrajectory) -> Vector:
        """Times (k,) [s], in no order, at which `check` would find a joint too fast."""
        return np.concatenate(
            [rate.times_s[(rate.shares > 1 + TOLERANCE).any(axis=1)] for rate in self._rates(trajectory)]
        )

    def _rates(self, trajectory: JointTrajectory) -> Iterator[_Rate]:
        times_s = trajectory.times_s
        steps_s, between_s = np.diff(times_s)[:, None], (times_s[1:] + times_s[:-1]) / 2
        untold = np.empty((0, len(self.names)))
        rows = (
            ("velocity", "rad/s", trajectory.velocities, trajectory.positions, self.velocity),
            ("acceleration", "rad/s²", trajectory.accelerations, trajectory.velocities, self.acceleration),
            ("jerk", "rad/s³", untold, trajectory.accelerations, self.jerk),
        )
        for name, unit, told, integral, limit in rows:
            values = np.concatenate([told, np.diff(integral, axis=0) / steps_s])  # (m, j)
            if len(values):
                shares = np.abs(values) / limit
                yield _Rate(name, unit, limit, shares, np.concatenate([times_s[: len(told)], between_s]))


@dataclass(frozen=True)
class _Rate:
    """How much of its `limit` (j,) each joint uses: `shares` (m, j) at `times_s` (m,)."""

    name: str
    unit: str
    limit: Vector
    shares: NDArray[np.float64]
    times_s: Vector


def _largest(values: NDArray[np.float64]) -> tuple[int, int]:
    row, column = np.unravel_index(np.argmax(values), values.shape)
    return int(row), int(column)
