"""From the poses of a plan to one motion of the arm, or one reason why not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt_core.arm_settings import MotionSettings
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve_path
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector

POSE_DIM = 7  # x y z [m], qx qy qz qw


def plan_motion(
    arm: ArmModel, poses: NDArray[np.float64], q_now: Vector, settings: MotionSettings | None = None
) -> JointTrajectory:
    """One smooth motion from rest at `q_now` (j,) [rad] through all `poses` (n, 7) of the TCP to rest at the last.

    `settings` are by default those of the robot's YAML. Raises PlanRejectedError, before anything moves, with the code of
    the reason: WRONG_SHAPE, NON_FINITE, NON_UNIT_QUATERNION, OUT_OF_REACH, JOINT_JUMP, JOINT_LIMIT, SELF_COLLISION, KEEP_OUT.
    """
    settings = settings or arm.settings.motion
    limits = MotionLimits.of(arm.settings, settings.scale)
    _check_poses(poses)
    limits.check_positions(q_now[None])
    path = solve_path(arm, poses, q_now, settings.joint_jump_rad)
    trajectory = retime(np.vstack([q_now, path]), limits, settings.rate_hz)
    check_contacts(arm, trajectory, settings.check_step_rad)
    return trajectory


def check_contacts(arm: ArmModel, trajectory: JointTrajectory, step_rad: float) -> None:
    """Raise PlanRejectedError that names two links, or a link and a box, that meet on the way, when and where.

    Looked at are postures between which the joints together turn by `step_rad`.
    """
    turned = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(trajectory.positions, axis=0)).sum(axis=1))])
    looks = np.linspace(0, turned[-1], int(np.ceil(turned[-1] / step_rad)) + 1)
    times_s = np.interp(looks, turned, trajectory.times_s)
    postures = np.column_stack([np.interp(times_s, trajectory.times_s, joint) for joint in trajectory.positions.T])
    for time_s, posture in zip(times_s, postures, strict=True):
        if contact := arm.collisions.contact(posture):
            when = f"{time_s:.2f} s after its start"
            refuse(contact.code, f"{contact}, {when}")


def _check_poses(poses: NDArray[np.float64]) -> None:
    if poses.ndim != 2 or poses.shape[1] != POSE_DIM or not len(poses):
        refuse(Rejection.WRONG_SHAPE, f"poses must be (n, {POSE_DIM}), not {poses.shape}")
    if not np.isfinite(poses).all():
        refuse(Rejection.NON_FINITE, "a pose is NaN or infinite: imagine again")
    norms = np.linalg.norm(poses[:, 3:], axis=1)
    if (np.abs(norms - 1) > 0.01).any():
        worst = int(np.argmax(np.abs(norms - 1)))
        refuse(Rejection.NON_UNIT_QUATERNION, f"the quaternion of pose {worst} has length {norms[worst]:.3g}")
