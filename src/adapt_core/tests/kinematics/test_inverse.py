"""Inverse kinematics: exact, continuous, and honest about what cannot be reached."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve, solve_path
from adapt_core.robots import Robot
from adapt_core.safety import Rejection
from hypothesis import given, settings
from hypothesis import strategies as st

JUMP_RAD = 0.8


def assert_there(arm: ArmModel, q: np.ndarray, pose: np.ndarray) -> None:
    """The hand is at `pose`, within 0.1 mm and 1 mrad, and the joints within their limits."""
    found = arm.forward(q)
    assert np.linalg.norm(found[:3] - pose[:3]) < 1e-4
    assert 2 * np.arccos(min(1.0, abs(found[3:] @ pose[3:]) / np.linalg.norm(pose[3:]))) < 1e-3
    assert (q >= arm.low).all()
    assert (q <= arm.high).all()


def test_random_reachable_poses_are_solved(arm: ArmModel, reachable: np.ndarray) -> None:
    for pose in reachable:
        assert_there(arm, solve(arm, pose), pose)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_ten_thousand_reachable_poses_all_but_ten_are_solved(arm: ArmModel, robot: Robot) -> None:
    assert robot.workspace is not None
    rng, solved, tried = np.random.default_rng(3), 0, 0
    while tried < 10_000:
        pose = arm.forward(rng.uniform(arm.low, arm.high))
        if (pose[:3] < robot.workspace.low).any() or (pose[:3] > robot.workspace.high).any():
            continue
        tried += 1
        try:
            assert_there(arm, solve(arm, pose), pose)
            solved += 1
        except PlanRejectedError:
            pass
    assert solved >= 9_990


@settings(max_examples=25)
@given(
    st.lists(st.floats(-0.3, 0.3), min_size=7, max_size=7),
    st.lists(st.floats(-0.012, 0.012), min_size=3, max_size=3),
)
def test_a_short_way_of_the_hand_is_a_short_way_of_the_joints(
    arm: ArmModel, turns: list[float], step: list[float]
) -> None:
    start = arm.home + turns
    poses = np.tile(arm.forward(start), (8, 1))
    poses[:, :3] += np.outer(np.arange(1, 9), step)
    try:
        path = solve_path(arm, poses, start, JUMP_RAD)
    except PlanRejectedError as error:
        assert error.code == Rejection.OUT_OF_REACH
        return
    for q, pose in zip(path, poses, strict=True):
        assert_there(arm, q, pose)
    assert np.abs(np.diff(np.vstack([start, path]), axis=0)).max() < JUMP_RAD


def test_a_hand_that_stays_leaves_the_joints_alone(arm: ArmModel) -> None:
    start = arm.home + 0.2
    path = solve_path(arm, np.tile(arm.forward(start), (5, 1)), start, JUMP_RAD)
    np.testing.assert_array_equal(path, np.tile(start, (5, 1)))


def test_the_spare_joint_goes_towards_home(arm: ArmModel) -> None:
    start = solve(arm, arm.forward(arm.home), arm.home + np.array([0.5, 0, -0.5, 0, 0.3, 0, 0]))
    there = arm.forward(start)
    way = np.tile(there, (40, 1))
    way[:, 0] += 0.05 * np.sin(np.linspace(0, 4 * np.pi, 40))
    end = solve_path(arm, way, start, JUMP_RAD)[-1]
    assert np.abs(end - arm.home).max() < 0.8 * np.abs(start - arm.home).max()


def test_the_same_poses_give_the_same_joints(arm: ArmModel, robot: Robot, reachable: np.ndarray) -> None:
    again = ArmModel.of(robot)
    for pose in reachable[:10]:
        np.testing.assert_array_equal(solve(arm, pose), solve(again, pose))


def test_what_is_out_of_reach_is_named_with_its_distance(arm: ArmModel) -> None:
    poses = np.tile(arm.forward(arm.home), (3, 1))
    poses[2, :3] = [1.355, 0.0, 0.333]  # the arm is 0.855 m long, and 0.210 m of hand hang down
    with pytest.raises(PlanRejectedError, match=r"pose 2 is out of reach: .* off by \d{3}\.\d mm") as caught:
        solve_path(arm, poses, arm.home, JUMP_RAD)
    assert caught.value.code == Rejection.OUT_OF_REACH


def test_a_jump_of_a_joint_is_named(arm: ArmModel) -> None:
    turned = arm.home.copy()
    turned[0] = 2.8  # the same posture, seen from the side
    poses = np.stack([arm.forward(arm.home), arm.forward(turned)])
    with pytest.raises(PlanRejectedError, match=r"panda_joint\d would have to turn by .* to pose 1") as caught:
        solve_path(arm, poses, arm.home, JUMP_RAD)
    assert caught.value.code == Rejection.JOINT_JUMP
