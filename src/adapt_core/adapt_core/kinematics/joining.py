"""Ways of the joints that somebody else found become one smooth motion of ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector

Way = NDArray[np.float64]  # (n, j) [rad], n >= 1 postures one after the other
STEP_RAD = 0.05  # as far apart, in the joint that turns most, are the postures that a motion is led through
SEAM_RAD = 0.01  # between the end of a way and the beginning of the next
REACHED_M, REACHED_RAD = 0.001, 0.01  # between a pose and the hand that is said to be there


def join_ways(arm: ArmModel, ways: Sequence[Way], poses: NDArray[np.float64], q_now: Vector) -> JointTrajectory:
    """One smooth motion from rest at `q_now` (j,) [rad] along `ways`, one to each of `poses` (n, 7), to rest at the last.

    It does not stop at the poses and keeps to the limits of the arm's motion; its waypoints are the poses. Raises
    PlanRejectedError: WRONG_SHAPE, NON_FINITE, JOINT_LIMIT, JOINT_JUMP between two ways or postures, OUT_OF_REACH where a
    way ends elsewhere than at its pose.
    """
    settings = arm.settings.motion
    limits = MotionLimits.of(arm.settings, settings.scale)
    points, ends, at = [q_now[None]], [], q_now
    for number, (way, pose) in enumerate(zip(ways, poses, strict=True)):
        limits.check_positions(way)
        _check_way(np.vstack([at, way]), number, settings.joint_jump_rad)
        _check_reached(arm.forward(way[-1]), pose, number)
        points.append(_thinned(way))
        ends.append(sum(map(len, points)) - 2)  # of the waypoints, among which q_now is not
        at = way[-1]
    motion = retime(np.vstack(points), limits, settings.rate_hz)
    times_s, rows = motion.times_s, (motion.positions, motion.velocities, motion.accelerations)
    return JointTrajectory(times_s, *rows, waypoint_times_s=motion.waypoint_times_s[ends])


def split_way(arm: ArmModel, way: Way, poses: NDArray[np.float64]) -> list[Way]:
    """The parts of one `way` that leads through all `poses` (n, 7) in order, each up to its pose.

    Raises PlanRejectedError (OUT_OF_REACH) when it misses one.
    """
    places = np.array([arm.forward(posture) for posture in way])  # (n, 7)
    parts, begin = [], 0
    for number, pose in enumerate(poses):
        off = _off(places[begin:], pose)
        near = np.flatnonzero(off < 1.0)
        if not len(near):
            refuse(Rejection.OUT_OF_REACH, f"the way that was found misses pose {number}")
        last = int(near[0])
        while last + 1 < len(off) and off[last + 1] < off[last]:
            last += 1
        parts.append(way[begin : begin + last + 1])
        begin += last
    return parts


def is_at(place: Vector, pose: Vector, tolerance: float = 1.0) -> bool:
    """Is a hand at `place` (7,) where `pose` (7,) wants it? `tolerance` is a share of what is usually allowed."""
    return bool(_off(place[None], pose)[0] < tolerance)


def _check_way(way: Way, number: int, jump_rad: float) -> None:
    turns = np.abs(np.diff(way, axis=0)).max(axis=1)
    if turns[0] > SEAM_RAD:
        refuse(
            Rejection.JOINT_JUMP, f"the way to pose {number} begins {turns[0]:.3f} rad away from the arm: plan again"
        )
    if turns.max() > jump_rad:
        refuse(Rejection.JOINT_JUMP, f"on the way to pose {number} a joint jumps by {turns.max():.2f} rad")


def _check_reached(place: Vector, pose: Vector, number: int) -> None:
    if not is_at(place, pose):
        off_m = np.linalg.norm(place[:3] - pose[:3])
        refuse(
            Rejection.OUT_OF_REACH,
            f"the way to pose {number} ends {1000 * off_m:.1f} mm beside it or turned: does whoever planned it mean the "
            "same link by the end effector, and the same robot?",
        )


def _off(places: NDArray[np.float64], pose: Vector) -> Vector:
    """How far `places` (n, 7) are from `pose`, (n,): below 1 they are there."""
    off_m = np.linalg.norm(places[:, :3] - pose[:3], axis=1)
    cosine = np.clip(np.abs(places[:, 3:] @ pose[3:]), 0.0, 1.0)
    return np.asarray(np.maximum(off_m / REACHED_M, 2 * np.arccos(cosine) / REACHED_RAD))


def _thinned(way: Way) -> Way:
    """Postures about STEP_RAD apart, the last among them."""
    turned = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(way, axis=0)).max(axis=1))])
    count = max(1, round(float(turned[-1]) / STEP_RAD))
    wanted = np.linspace(0.0, turned[-1], count + 1)[1:]
    return np.column_stack([np.interp(wanted, turned, joint) for joint in way.T])
