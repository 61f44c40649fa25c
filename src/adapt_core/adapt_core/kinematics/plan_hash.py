"""The name of what a person approves."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.types import ActionChunk


def plan_hash(chunk: ActionChunk, motion: JointTrajectory, frames: NDArray[np.uint8]) -> str:
    """SHA-256, in hexadecimal, of all that moves and of the imagined `frames` (f, h, w, 3) that a person looks at."""
    digest = hashlib.sha256(f"{chunk.space} {chunk.frame_id} {chunk.frame_skip} {chunk.stamp_s!r}".encode())
    points = (motion.times_s, motion.positions, motion.velocities, motion.accelerations, motion.waypoint_times_s)
    for array in (chunk.actions, *points, frames):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
