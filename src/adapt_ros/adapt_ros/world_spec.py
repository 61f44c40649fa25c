"""What a robot's world offers, as far as its YAML says."""

from __future__ import annotations

import numpy as np
from adapt_core.robots import Robot
from adapt_core.types import WorldSpec


def world_spec(robot: Robot, raw_dim: int = 0) -> WorldSpec:
    """`raw_dim` is the length of the raw action, bounded by -1 and 1 in every simulated world; 0 where unknown."""
    box = robot.workspace
    return WorldSpec(
        name=robot.world,
        image_shape=(robot.camera.height, robot.camera.width),
        spaces=(robot.action_space,),
        raw_low=-np.ones(raw_dim),
        raw_high=np.ones(raw_dim),
        control_dt_s=robot.control_period_s,
        frame_id=robot.frame_id,
        workspace=(np.array(box.low), np.array(box.high)) if box else None,
    )
