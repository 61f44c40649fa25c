"""Motions of an arm's joints, and where its joints are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector
from builtin_interfaces.msg import Duration
from sensor_msgs.msg import JointState
from trajectory_msgs import msg as trajectory_msgs

from adapt_interfaces import msg
from adapt_ros.convert.stamps import from_time, to_time

_NS = 1_000_000_000


@dataclass(frozen=True)
class Joints:
    """Where joints are and how fast they move: `positions` and `velocities` (j,), in rad or m, at `stamp_s`."""

    stamp_s: float
    positions: Vector
    velocities: Vector


def to_duration(seconds: float) -> Duration:
    """Seconds, to the nanosecond."""
    whole, nanoseconds = divmod(round(seconds * _NS), _NS)
    return Duration(sec=whole, nanosec=nanoseconds)


def from_duration(duration: Duration) -> float:
    """A duration as seconds."""
    return float(duration.sec) + duration.nanosec / _NS


def to_trajectory(trajectory: JointTrajectory, joints: Sequence[str]) -> trajectory_msgs.JointTrajectory:
    """`joints` name the columns. No stamp: it begins when it arrives."""
    rows = zip(trajectory.times_s, trajectory.positions, trajectory.velocities, trajectory.accelerations, strict=True)
    points = [
        trajectory_msgs.JointTrajectoryPoint(
            time_from_start=to_duration(float(time_s)),
            positions=array("d", positions.tobytes()),
            velocities=array("d", velocities.tobytes()),
            accelerations=array("d", accelerations.tobytes()),
        )
        for time_s, positions, velocities, accelerations in rows
    ]
    return trajectory_msgs.JointTrajectory(joint_names=list(joints), points=points)


def from_trajectory(message: trajectory_msgs.JointTrajectory, joints: Sequence[str]) -> JointTrajectory:
    """Columns in the order of `joints`; velocities and accelerations that are left out are 0.

    Raises PlanRejectedError for other joints (WRONG_SHAPE) and for what is no trajectory, see JointTrajectory.
    """
    order = _order(message.joint_names, joints, "the trajectory")
    times_s = np.array([from_duration(point.time_from_start) for point in message.points])
    return JointTrajectory(
        times_s,
        _rows([point.positions for point in message.points], order, False),
        _rows([point.velocities for point in message.points], order, True),
        _rows([point.accelerations for point in message.points], order, True),
    )


def to_motion(trajectory: JointTrajectory, joints: Sequence[str]) -> msg.JointMotion:
    """A motion that knows when it reaches each pose."""
    return msg.JointMotion(
        trajectory=to_trajectory(trajectory, joints), reached_s=array("d", trajectory.waypoint_times_s.tobytes())
    )


def from_motion(message: msg.JointMotion, joints: Sequence[str]) -> JointTrajectory:
    """With `waypoint_times_s`. Raises PlanRejectedError as `from_trajectory` does."""
    plain = from_trajectory(message.trajectory, joints)
    return JointTrajectory(
        plain.times_s, plain.positions, plain.velocities, plain.accelerations, np.array(message.reached_s)
    )


def from_joint_state(message: JointState, joints: Sequence[str]) -> Joints:
    """The joints called `joints`, in that order; there may be others. Raises PlanRejectedError when one is missing."""
    order = _order(message.name, joints, "joint_states")
    velocities = message.velocity or [0.0] * len(message.name)
    if not len(message.name) == len(message.position) == len(velocities):
        refuse(
            Rejection.WRONG_SHAPE, f"joint_states has {len(message.name)} names but {len(message.position)} positions"
        )
    return Joints(from_time(message.header.stamp), np.array(message.position)[order], np.array(velocities)[order])


def to_joint_state(joints: Joints, names: Sequence[str], efforts: Vector) -> JointState:
    """`names` and `efforts` (j,) [N m, N] of the same joints."""
    message = JointState(name=list(names))
    message.header.stamp = to_time(joints.stamp_s)
    message.position, message.velocity, message.effort = (
        array("d", np.ascontiguousarray(column, np.float64).tobytes())
        for column in (joints.positions, joints.velocities, efforts)
    )
    return message


def _order(there: Sequence[str], wanted: Sequence[str], what: str) -> list[int]:
    names = list(there)
    if missing := [name for name in wanted if name not in names]:
        refuse(
            Rejection.WRONG_SHAPE,
            f"{what} has no joint {', '.join(missing)}, only {', '.join(names) or 'none'}: "
            "correct arm.joints or arm.gripper.joints in the robot's YAML",
        )
    return [names.index(name) for name in wanted]


def _rows(rows: Sequence[Sequence[float]], order: list[int], may_miss: bool) -> np.ndarray:
    """(n, j); rows that are empty are 0 where they `may_miss`."""
    if may_miss and not any(len(row) for row in rows):
        return np.zeros((len(rows), len(order)))
    if any(len(row) != len(order) for row in rows):
        refuse(Rejection.WRONG_SHAPE, f"each point of the trajectory must have {len(order)} numbers")
    return np.array(rows, np.float64).reshape(len(rows), -1)[:, order]
