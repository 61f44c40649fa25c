"""The camera that MetaWorld is observed with: at its corner2, upright, and closer to where hand and things are."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapt_sim.viewpoint import looking

CAMERA = "corner2"
POSITION_M = np.array([0.75, 0.075, 0.7])
LOOKS_AT_M = np.array([-0.13, 0.74, 0.1])
FIELD_OF_VIEW_DEG = 37.0  # of MetaWorld's 60: hands and things of all tasks stay in the picture, 1.7 times as large


def place_observation_camera(model: Any) -> None:
    """Put corner2 of `model` (mujoco.MjModel) where MetaWorld is observed from."""
    camera = model.camera(CAMERA)
    camera.pos, camera.quat, camera.fovy = POSITION_M, looking(along=LOOKS_AT_M - POSITION_M), FIELD_OF_VIEW_DEG
