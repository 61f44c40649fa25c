"""The camera that MetaWorld is observed with: its corner2, moved closer and turned upright."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

CAMERA = "corner2"
POSITION_M = (0.75, 0.075, 0.7)
HALF_ROLL = np.array([0.0, 0.0, 0.0, 1.0])  # (w, x, y, z): 180 degrees about the line of sight; corner2 is upside down


def place_observation_camera(model: Any) -> None:
    """Move corner2 of `model` (mujoco.MjModel with its default cameras) and turn its image upright."""
    camera = model.camera(CAMERA)
    upright = np.empty(4)
    mujoco.mju_mulQuat(upright, camera.quat, HALF_ROLL)
    camera.pos = POSITION_M
    camera.quat = upright
