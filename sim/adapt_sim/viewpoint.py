"""Which way a camera is turned."""

from __future__ import annotations

import mujoco
import numpy as np
from adapt_core.types import Vector


def looking(along: Vector) -> Vector:
    """The quaternion (w, x, y, z) of an upright MuJoCo camera looking `along` a direction (3,) that is not vertical."""
    backward = -along / np.linalg.norm(along)  # a camera looks along its -z, its y is up
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(backward, right), backward], axis=1)  # (3, 3), columns x y z
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.reshape(9))
    return quaternion
