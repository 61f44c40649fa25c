"""Drives MetaWorld's hand towards an end-effector target by a proportional controller."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Vector

GAIN = 25.0  # raw action per metre of position error, as in MetaWorld's scripted experts


def track(position: Vector, target: Vector) -> Vector:
    """The raw action (4,) in [-1, 1] that drives the hand from `position` (3,) to the end-effector `target` (8,).

    Its orientation is ignored: MetaWorld holds the hand's fixed.
    """
    displacement = np.clip(GAIN * (target[:3] - position), -1.0, 1.0)
    return np.append(displacement, 1.0 - 2.0 * target[7])  # gripper effort: -1 opens, 1 closes


def opening(effort: Vector) -> Vector:
    """Gripper openings (n,), 0 (closed) to 1, that gripper efforts (n,), -1 (open) to 1 (close), command."""
    return (1.0 - effort) / 2.0
