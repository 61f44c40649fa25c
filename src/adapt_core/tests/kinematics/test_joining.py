"""Ways that somebody else found, as MoveIt's straight lines: here interpolated poses with our own inverse kinematics."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve_path
from adapt_core.kinematics.joining import join_ways, split_way
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.safety import Rejection
from numpy.typing import NDArray

Array = NDArray[np.float64]


@pytest.fixture
def poses(arm: ArmModel) -> Array:
    """Around a corner, at the height of the hand."""
    start = arm.forward(arm.home)
    moves = [(0.04, 0.0, -0.02), (0.08, 0.0, -0.04), (0.08, 0.05, -0.04), (0.08, 0.1, -0.04)]
    return np.array([start + np.append(move, np.zeros(4)) for move in moves])


@pytest.fixture
def ways(arm: ArmModel, poses: Array) -> list[Array]:
    """A straight line to each pose."""
    found, at, posture = [], arm.forward(arm.home), arm.home
    for pose in poses:
        line = np.array([at + share * (pose - at) for share in np.linspace(0, 1, 11)])
        found.append(solve_path(arm, line, posture, 0.5))
        at, posture = pose, found[-1][-1]
    return found


def test_poses_are_reached_when_it_says_and_without_a_stop(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    motion = join_ways(arm, ways, poses, arm.home)
    assert len(motion.waypoint_times_s) == len(poses)
    assert motion.waypoint_times_s[-1] == pytest.approx(motion.duration_s)
    for time_s, pose in zip(motion.waypoint_times_s, poses, strict=True):
        assert np.abs(arm.forward(motion.at(time_s)[0]) - pose).max() < 1e-3
    for time_s in motion.waypoint_times_s[:-1]:
        assert np.abs(motion.at(time_s)[1]).max() > 0.01
    assert not motion.velocities[[0, -1]].any()


def test_it_keeps_to_limits_and_to_the_way(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    motion = join_ways(arm, ways, poses, arm.home)
    MotionLimits.of(arm.settings, arm.settings.motion.scale).check(motion)
    way = np.array([arm.forward(posture)[:3] for posture in np.vstack(ways)])
    for posture in motion.positions[::10]:
        off_m = np.linalg.norm(way - arm.forward(posture)[:3], axis=1).min()
        assert off_m < 0.005


def test_one_way_through_all_poses_is_split_at_them(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    parts = split_way(arm, np.vstack(ways), poses)
    assert sum(map(len, parts)) >= len(np.vstack(ways))
    together = join_ways(arm, parts, poses, arm.home)
    assert together.waypoint_times_s == pytest.approx(join_ways(arm, ways, poses, arm.home).waypoint_times_s, rel=0.1)


def test_a_way_that_misses_a_pose_is_refused(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    beside = poses.copy()
    beside[2, 0] += 0.01
    with pytest.raises(PlanRejectedError, match="pose 2") as refused:
        join_ways(arm, ways, beside, arm.home)
    assert refused.value.code == Rejection.OUT_OF_REACH
    with pytest.raises(PlanRejectedError, match="misses pose 2"):
        split_way(arm, np.vstack(ways), beside)


def test_ways_that_do_not_meet_are_refused(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    for broken in ([ways[0], ways[2]], [ways[1], ways[2]]):
        with pytest.raises(PlanRejectedError, match="begins") as refused:
            join_ways(arm, broken, poses[:2], arm.home)
        assert refused.value.code == Rejection.JOINT_JUMP


def test_what_is_no_way_is_refused(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    ways[1] = np.where(np.arange(7) == 3, np.nan, ways[1])
    with pytest.raises(PlanRejectedError) as refused:
        join_ways(arm, ways, poses, arm.home)
    assert refused.value.code == Rejection.NON_FINITE


def test_a_pose_given_twice_is_no_obstacle(arm: ArmModel, poses: Array, ways: list[Array]) -> None:
    twice = [ways[0], ways[0][-1:], ways[1]]
    motion = join_ways(arm, twice, poses[[0, 0, 1]], arm.home)
    assert len(motion.waypoint_times_s) == 3
