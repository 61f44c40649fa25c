"""Refuses a motion of the joints that is not safe, or not that of its chunk. Whoever planned it is not trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import poses_of
from adapt_core.kinematics.libraries import require
from adapt_core.kinematics.motion import check_contacts
from adapt_core.kinematics.motion_limits import TOLERANCE, MotionLimits
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety.limits import Bounds
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import ActionChunk, Vector

pin = require("pinocchio", "pin")
START_RAD = 0.01  # of a joint, between where the motion begins and where the arm stands
REST_RAD_S = 1e-3  # of a joint, at both ends
STEP_S = 0.05  # between two points; between points further apart a controller would make up a motion of its own
POSE_M, POSE_RAD = 2e-3, 0.02  # between a chunk's pose and where the motion puts the hand
END_S = 1e-3  # between the last pose and the end
BULGE_M = 0.05  # of the hand's way between two poses out of the workspace


def check_motion(
    arm: ArmModel, chunk: ActionChunk, motion: JointTrajectory, q_now: Vector, workspace: Bounds | None = None
) -> None:
    """Raise PlanRejectedError, with a code of Rejection, unless `motion` may be driven from `q_now` (j,) [rad].

    It must start there, reach the poses of `chunk` in turn and end, at rest, with the last; keep to the arm's limits at
    `motion.scale`; say positions, velocities and accelerations that agree; touch nothing; and lead the hand through the
    `workspace`, a little bulge between two poses and a start outside aside. The chunk has passed `check_chunk`.
    """
    settings = arm.settings.motion
    limits = MotionLimits.of(arm.settings, settings.scale)
    limits.check(motion)
    _check_points(motion, limits)
    check_start(motion, q_now, arm.joint_names)
    _check_poses(arm, chunk, motion)
    if workspace is not None:
        _check_way(arm, motion, workspace)
    check_contacts(arm, motion, settings.check_step_rad)


def _check_points(motion: JointTrajectory, limits: MotionLimits) -> None:
    """Each row is the integral of the next, as nearly as a motion within `limits` allows between two points."""
    if len(motion.times_s) < 2 or motion.times_s[0] > END_S:
        refuse(Rejection.WRONG_MOTION, "a motion has two points or more, the first at its start")
    if (np.abs(motion.velocities[[0, -1]]) > REST_RAD_S).any():
        refuse(Rejection.WRONG_MOTION, "the motion does not begin and end at rest")
    steps_s = np.diff(motion.times_s)[:, None]
    if (steps_s > STEP_S).any():
        refuse(Rejection.WRONG_MOTION, f"points lie {steps_s.max():.3g} s apart; allowed are {STEP_S} s")
    pairs = (
        ("positions", motion.positions, "velocities", motion.velocities, limits.acceleration),
        ("velocities", motion.velocities, "accelerations", motion.accelerations, limits.jerk),
    )
    for what, integral, by_what, rates, most in pairs:
        off = np.diff(integral, axis=0) - steps_s * (rates[1:] + rates[:-1]) / 2  # trapezoidal rule
        if (np.abs(off) > (1 + TOLERANCE) * most * steps_s**2 / 4).any():
            refuse(Rejection.WRONG_MOTION, f"the motion's {what} do not follow from its {by_what}")


def check_start(motion: JointTrajectory, q_now: Vector, joint_names: Sequence[str]) -> None:
    """Raise PlanRejectedError (WRONG_START) unless the arm, at `q_now` (j,) [rad], stands where `motion` begins."""
    off = np.abs(motion.positions[0] - q_now)
    joint = int(np.argmax(off))
    if not off[joint] <= START_RAD:
        away = f"{joint_names[joint]} stands {off[joint]:.3f} rad from where the motion begins"
        refuse(Rejection.WRONG_START, f"{away}; allowed are {START_RAD}: it moved meanwhile; imagine again")


def _check_poses(arm: ArmModel, chunk: ActionChunk, motion: JointTrajectory) -> None:
    reached_s, poses = motion.waypoint_times_s, poses_of(chunk)
    if len(reached_s) != len(poses):
        refuse(Rejection.WRONG_MOTION, f"the motion reaches {len(reached_s)} poses, the chunk has {len(poses)}")
    if not np.isfinite(reached_s).all() or (np.diff(reached_s, prepend=0.0) < 0).any():
        refuse(Rejection.WRONG_MOTION, "the times at which the motion reaches its poses must rise")
    if abs(reached_s[-1] - motion.duration_s) > END_S:
        refuse(Rejection.WRONG_MOTION, "the motion does not end when its last pose is reached")
    postures = np.array([motion.at(float(time_s))[0] for time_s in reached_s])
    for number, (pose, posture) in enumerate(zip(poses, postures, strict=True)):
        off_m, off_rad = _off(arm, pose, posture)
        if off_m > POSE_M or off_rad > POSE_RAD:
            where = f"{1000 * off_m:.1f} mm and {off_rad:.3f} rad off"
            refuse(Rejection.WRONG_MOTION, f"when the motion should be at pose {number} the hand is {where}")
    turns = np.abs(np.diff(postures, axis=0, prepend=motion.positions[:1]))
    number, joint = divmod(int(np.argmax(turns)), turns.shape[1])
    allowed = arm.settings.motion.joint_jump_rad
    if turns[number, joint] > allowed + START_RAD:
        turn = f"{arm.joint_names[joint]} turns by {turns[number, joint]:.2f} rad to pose {number}"
        refuse(Rejection.JOINT_JUMP, f"{turn}; allowed between two poses are {allowed:.2f} rad")


def _off(arm: ArmModel, pose: Vector, posture: Vector) -> tuple[float, float]:
    """How far the hand is from `pose` (7,) with the joints at `posture` (j,): metres and radians."""
    there = arm.forward(posture)
    turn = pin.Quaternion(pose[3:]).angularDistance(pin.Quaternion(there[3:]))
    return float(np.linalg.norm(there[:3] - pose[:3])), float(turn)


def _check_way(arm: ArmModel, motion: JointTrajectory, workspace: Bounds) -> None:
    way = hand_way(arm, motion.positions)[:, :3]
    low, high = np.minimum(workspace[0], way[0]) - BULGE_M, np.maximum(workspace[1], way[0]) + BULGE_M
    outside = ((way < low) | (way > high)).any(axis=1)
    if outside.any():
        row = int(np.argmax(outside))
        where = "x {:.3f}, y {:.3f}, z {:.3f} m".format(*way[row])
        refuse(Rejection.OUTSIDE_WORKSPACE, f"the hand would leave the workspace at {where}")


def hand_way(arm: ArmModel, postures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poses (m, 7) x y z qx qy qz qw of the TCP with the joints at `postures` (m, j) [rad]."""
    return np.array([arm.forward(posture) for posture in postures])
