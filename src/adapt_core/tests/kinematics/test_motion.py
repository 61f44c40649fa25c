"""From poses to a motion, and one named reason for each refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.motion import check_contacts, plan_motion
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.robots import KeepOut, Robot
from adapt_core.safety import Rejection
from hypothesis import given, settings
from hypothesis import strategies as st


def forward_way(arm: ArmModel, *steps: tuple[float, float, float]) -> np.ndarray:
    """Poses (n, 7) whose positions follow `steps` [m] one after another from the hand at home."""
    poses = np.tile(arm.forward(arm.home), (len(steps), 1))
    poses[:, :3] += np.cumsum(steps, axis=0)
    return poses


PUSH = ((0.05, 0.0, -0.05), (0.03, 0.0, -0.1), (0.0, 0.02, -0.1), (0.04, 0.0, 0.0), (0.04, 0.0, 0.0))


def test_the_hand_is_at_each_pose_in_turn(arm: ArmModel) -> None:
    poses = forward_way(arm, *PUSH)
    motion = plan_motion(arm, poses, arm.home)
    np.testing.assert_array_equal(motion.positions[0], arm.home)
    for pose, time_s in zip(poses, motion.waypoint_times_s, strict=True):
        np.testing.assert_allclose(arm.forward(motion.at(time_s)[0])[:3], pose[:3], atol=5e-4)
    assert motion.waypoint_times_s[-1] == pytest.approx(motion.duration_s)
    MotionLimits.of(arm.settings, 0.2).check(motion)


def test_settings_change_the_motion(arm: ArmModel) -> None:
    poses = forward_way(arm, *PUSH)
    slow = plan_motion(arm, poses, arm.home)
    fast = plan_motion(arm, poses, arm.home, replace(arm.settings.motion, scale=0.8, rate_hz=50.0))
    assert fast.duration_s < 0.6 * slow.duration_s
    assert np.diff(fast.times_s).max() == pytest.approx(0.02)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(*[st.floats(-0.06, 0.06)] * 3), min_size=1, max_size=8),
    st.lists(st.floats(-0.2, 0.2), min_size=7, max_size=7),
)
def test_any_plan_is_a_safe_motion_or_refused_by_name(
    arm: ArmModel, steps: list[tuple[float, float, float]], turns: list[float]
) -> None:
    start = arm.home + turns
    try:
        motion = plan_motion(arm, forward_way(arm, *steps), start)
    except PlanRejectedError as error:
        known = (Rejection.OUT_OF_REACH, Rejection.JOINT_JUMP, Rejection.SELF_COLLISION, Rejection.KEEP_OUT)
        assert error.code in known
        return
    MotionLimits.of(arm.settings, 0.2).check(motion)
    np.testing.assert_allclose(motion.positions[0], start)
    np.testing.assert_allclose(motion.velocities[[0, -1]], 0, atol=1e-9)


def refused(arm: ArmModel, poses: np.ndarray, q_now: np.ndarray, match: str) -> str:
    with pytest.raises(PlanRejectedError, match=match) as caught:
        plan_motion(arm, poses, q_now)
    return caught.value.code


def test_each_refusal_has_its_name(arm: ArmModel) -> None:
    good = forward_way(arm, *PUSH)
    nan, long, far, low, turned = (good.copy() for _ in range(5))
    nan[1, 2] = np.nan
    long[2, 3:] *= 1.5
    far[3, 0] = 2.0
    low[:, 2] = np.linspace(0.4, 0.0, 5)
    turned[4, 3:] = [0.0, 0.0, 0.0, 1.0]  # fingers up
    beyond = arm.home + 3.0 * np.eye(7)[0]
    assert refused(arm, good[:, :6], arm.home, r"poses must be \(n, 7\)") == Rejection.WRONG_SHAPE
    assert refused(arm, good[:0], arm.home, r"poses must be \(n, 7\)") == Rejection.WRONG_SHAPE
    assert refused(arm, nan, arm.home, "NaN or infinite") == Rejection.NON_FINITE
    assert refused(arm, long, arm.home, "quaternion of pose 2 has length 1.5") == Rejection.NON_UNIT_QUATERNION
    assert refused(arm, far, arm.home, "pose 3 is out of reach") == Rejection.OUT_OF_REACH
    assert refused(arm, turned, arm.home, "to pose 4|pose 4 is out of reach") in ("joint_jump", "out_of_reach")
    assert refused(arm, good, beyond, "panda_joint1 would stand at 3.0000 rad") == Rejection.JOINT_LIMIT
    assert refused(arm, good, arm.home * np.nan, "joint position is NaN") == Rejection.NON_FINITE
    assert refused(arm, low, arm.home, "finger and table meet at .* after its start") == Rejection.KEEP_OUT


def test_a_box_between_two_poses_is_seen(robot: Robot, arm: ArmModel) -> None:
    poses = forward_way(arm, (0.0, -0.2, -0.2), (0.0, 0.2, 0.0), (0.0, 0.2, 0.0))
    x, _, z = poses[0, :3]
    wall = KeepOut("wall", (x - 0.05, -0.11, z - 0.1), (x + 0.05, -0.10, z + 0.02))
    assert robot.arm is not None
    walled = ArmModel(robot.arm, [wall])
    plan_motion(arm, poses, arm.home)
    assert refused(walled, poses, arm.home, "wall meet at") == Rejection.KEEP_OUT


def test_a_motion_into_the_arm_itself_is_seen(arm: ArmModel) -> None:
    folded = np.array([0, -1.7, 0, -3.05, 0, 0.0, 0])
    motion = retime(np.stack([arm.home, folded]), MotionLimits.of(arm.settings, 0.2), 100.0)
    with pytest.raises(PlanRejectedError, match=r"panda_link.*meet at .* s after its start") as caught:
        check_contacts(arm, motion, 0.01)
    assert caught.value.code == Rejection.SELF_COLLISION
