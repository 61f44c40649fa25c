"""Observations, and the poses and truths in them."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Observation, Vector
from geometry_msgs.msg import Pose

from adapt_interfaces import msg
from adapt_ros.convert.images import from_image, to_image
from adapt_ros.convert.stamps import from_time, to_time

_SUCCESS = {None: msg.Observation.UNKNOWN, False: msg.Observation.NOT_SOLVED, True: msg.Observation.SOLVED}


def to_pose(end_effector: Vector) -> tuple[Pose, float]:
    """(8,) as a pose and the gripper's opening."""
    pose = Pose()
    pose.position.x, pose.position.y, pose.position.z = map(float, end_effector[:3])
    orientation = pose.orientation
    orientation.x, orientation.y, orientation.z, orientation.w = map(float, end_effector[3:7])
    return pose, float(end_effector[7])


def from_pose(pose: Pose, gripper_opening: float) -> Vector:
    """A pose and the gripper's opening as (8,)."""
    p, q = pose.position, pose.orientation
    return np.array([p.x, p.y, p.z, q.x, q.y, q.z, q.w, gripper_opening])


def to_success(success: bool | None) -> int:
    """The simulator's truth as a constant of Observation."""
    return int(_SUCCESS[success])


def from_success(value: int) -> bool | None:
    """A constant of Observation as the simulator's truth."""
    return None if value == msg.Observation.UNKNOWN else bool(value == msg.Observation.SOLVED)


def to_observation(observation: Observation, sequence: int, frame_id: str) -> msg.Observation:
    """`sequence` numbers the observations of a world, `frame_id` is that of the end effector's pose."""
    message = msg.Observation(step=observation.step, sequence=sequence, success=to_success(observation.success))
    message.header.stamp = to_time(observation.stamp_s)
    message.header.frame_id = frame_id
    message.image = to_image(observation.image, observation.stamp_s)
    if observation.end_effector is not None:
        message.has_end_effector = True
        message.end_effector, message.gripper_opening = to_pose(observation.end_effector)
    return message


def from_observation(message: msg.Observation) -> Observation:
    """Raises ImageError."""
    return Observation(
        image=from_image(message.image),
        end_effector=from_pose(message.end_effector, message.gripper_opening) if message.has_end_effector else None,
        stamp_s=from_time(message.header.stamp),
        step=message.step,
        success=from_success(message.success),
    )
