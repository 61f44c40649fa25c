"""How far, fast and jerkily the joints may move."""

from __future__ import annotations

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
        steps_s = np.diff(trajectory.times_s)[:, None]
        checks = (
            ("velocity", "rad/s", trajectory.velocities, trajectory.positions, self.velocity),
            ("acceleration", "rad/s²", trajectory.accelerations, trajectory.velocities, self.acceleration),
            ("jerk", "rad/s³", np.empty((0, len(self.names))), trajectory.accelerations, self.jerk),
        )
        for what, unit, told, integral, limit in checks:
            values = np.concatenate([told, np.diff(integral, axis=0) / steps_s])  # (m, j)
            if values.size:
                self._check_rate(what, unit, values, limit)

    def _check_rate(self, what: str, unit: str, values: NDArray[np.float64], limit: Vector) -> None:
        row, joint = _largest(np.abs(values) / limit)
        if abs(values[row, joint]) > (1 + TOLERANCE) * limit[joint]:
            found = f"the {what} of {self.names[joint]} would be {abs(values[row, joint]):.4g} {unit}"
            refuse(Rejection.TOO_FAST, f"{found}; allowed are {limit[joint]:.4g}")


def _largest(values: NDArray[np.float64]) -> tuple[int, int]:
    row, column = np.unravel_index(np.argmax(values), values.shape)
    return int(row), int(column)
