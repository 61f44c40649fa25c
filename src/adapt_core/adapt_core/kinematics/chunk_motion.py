"""From a chunk of poses to the arm's motion at the pace that the chunk means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.motion import check_contacts, plan_motion
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.pace import at_pace
from adapt_core.kinematics.retiming import retime
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.types import ActionChunk, Vector


def plan_chunk(arm: ArmModel, chunk: ActionChunk, q_now: Vector, control_period_s: float) -> JointTrajectory:
    """One motion from rest at `q_now` (j,) [rad] through the poses of `chunk` to rest at the last.

    A pose is reached every `frame_skip` control periods, or as soon after as the arm's limits allow. Raises
    PlanRejectedError as `plan_motion` does, and TOO_FAST.
    """
    return paced(arm, plan_motion(arm, poses_of(chunk), q_now), chunk.frame_skip, control_period_s)


def paced(arm: ArmModel, motion: JointTrajectory, frame_skip: int, control_period_s: float) -> JointTrajectory:
    """`motion` slowed to the pace of a chunk's actions, see `at_pace`. Raises PlanRejectedError (TOO_FAST)."""
    limits = MotionLimits.of(arm.settings, arm.settings.motion.scale)
    return at_pace(motion, frame_skip * control_period_s, control_period_s, limits)


def plan_home(arm: ArmModel, q_now: Vector) -> JointTrajectory:
    """The straight way of the joints from `q_now` (j,) [rad] home, as fast as the limits of motion allow.

    Its waypoints are so near to each other that no joint jumps. Raises PlanRejectedError: JOINT_LIMIT, SELF_COLLISION,
    KEEP_OUT.
    """
    settings = arm.settings.motion
    limits = MotionLimits.of(arm.settings, settings.scale)
    limits.check_positions(q_now[None])
    count = max(1, int(np.ceil(np.abs(arm.home - q_now).max() / settings.joint_jump_rad)))
    motion = retime(np.linspace(q_now, arm.home, count + 1), limits, settings.rate_hz)
    check_contacts(arm, motion, settings.check_step_rad)
    return motion


def poses_of(chunk: ActionChunk) -> NDArray[np.float64]:
    """Poses (n, 7) of END_EFFECTOR actions, their quaternions of length 1."""
    poses = chunk.actions[:, :7].copy()
    poses[:, 3:] /= np.linalg.norm(poses[:, 3:], axis=1, keepdims=True)
    return poses
