"""The camera that MetaWorld is observed with: at its corner2, upright, and closer to where hand and things are."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from adapt_core.types import Vector

CAMERA = "corner2"
POSITION_M = np.array([0.75, 0.075, 0.7])
LOOKS_AT_M = np.array([-0.13, 0.74, 0.1])
FIELD_OF_VIEW_DEG = 37.0  # of MetaWorld's 60: hands and things of all tasks stay in the picture, 1.7 times as large


def place_observation_camera(model: Any) -> None:
    """Put corner2 of `model` (mujoco.MjModel) where MetaWorld is observed from."""
    camera = model.camera(CAMERA)
    camera.pos, camera.quat, camera.fovy = POSITION_M, looking(along=LOOKS_AT_M - POSITION_M), FIELD_OF_VIEW_DEG


def looking(along: Vector) -> Vector:
    """The quaternion (w, x, y, z) of an upright MuJoCo camera looking `along` a direction (3,) that is not vertical."""
    backward = -along / np.linalg.norm(along)  # a camera looks along its -z, its y is up
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(backward, right), backward], axis=1)  # (3, 3), columns x y z
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.reshape(9))
    return quaternion
