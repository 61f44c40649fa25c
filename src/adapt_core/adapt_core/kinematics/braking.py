"""How an arm that moves comes to rest."""

from __future__ import annotations

import numpy as np

from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.types import Vector

LEAST_S = 0.02  # a controller needs some time even where nothing moves


def brake(positions: Vector, velocities: Vector, limits: MotionLimits) -> JointTrajectory:
    """One point: where and when the joints, now at `positions` (j,) [rad] with `velocities` (j,) [rad/s], are at rest.

    Every joint brakes at a constant rate, none above its acceleration in `limits`, and within their positions.
    """
    duration_s = max(float((np.abs(velocities) / limits.acceleration).max()), LEAST_S)
    rest = np.clip(positions + velocities * duration_s / 2, limits.low, limits.high)
    still = np.zeros((1, len(rest)))
    return JointTrajectory(np.array([duration_s]), rest[None], still, still)
