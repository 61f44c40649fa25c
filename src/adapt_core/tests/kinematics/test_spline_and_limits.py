"""The path through the waypoints, and what breaks a limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.kinematics.spline import NaturalSpline
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety import Rejection
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.tuples(st.floats(0.1, 2), st.floats(-2, 2)), min_size=2, max_size=8))
def test_a_spline_passes_its_points_twice_differentiable(steps: list[tuple[float, float]]) -> None:
    knots = np.cumsum([width for width, _ in steps])
    points = np.array([[value, -value] for _, value in steps])
    spline = NaturalSpline(knots, points)
    before, after = np.arange(len(knots) - 1), np.arange(len(knots) - 1)
    right = spline.derivatives(knots[1:], before)
    left = spline.derivatives(knots[:-1], after)
    np.testing.assert_allclose(left[0], points[:-1], atol=1e-9)
    np.testing.assert_allclose(right[0], points[1:], atol=1e-9)
    for order in (1, 2):
        np.testing.assert_allclose(right[order][:-1], left[order][1:], atol=1e-7)
    np.testing.assert_allclose([left[2][0], right[2][-1]], 0, atol=1e-9)
    fine = spline.derivatives(np.linspace(knots[0], knots[-1], 2001))[0]
    low, high = spline.extremes()
    np.testing.assert_allclose(low, fine.min(axis=0), atol=1e-3)
    np.testing.assert_allclose(high, fine.max(axis=0), atol=1e-3)
    assert (low <= fine + 1e-9).all()
    assert (high >= fine - 1e-9).all()


@pytest.fixture
def limits(arm: ArmModel) -> MotionLimits:
    return MotionLimits.of(arm.settings, 0.2)


@pytest.fixture
def motion(arm: ArmModel, limits: MotionLimits) -> JointTrajectory:
    return retime(np.stack([arm.home, arm.home + 0.2, arm.home - 0.1]), limits, 100.0)


def test_a_motion_within_its_limits_passes(motion: JointTrajectory, limits: MotionLimits) -> None:
    limits.check(motion)


def test_each_broken_limit_is_named(motion: JointTrajectory, limits: MotionLimits) -> None:
    t, q, v, a = motion.times_s, motion.positions, motion.velocities, motion.accelerations
    half = np.arange(len(t))[:, None] < len(t) // 2
    for trajectory, code, what in (
        (JointTrajectory(t / 2, q, 2 * v, 4 * a), Rejection.TOO_FAST, "the velocity of panda_joint"),
        (JointTrajectory(t, q + 3, v, a), Rejection.JOINT_LIMIT, "panda_joint. would stand at"),
        (JointTrajectory(t, q, v, a + 3), Rejection.TOO_FAST, "the acceleration of panda_joint2"),
        (JointTrajectory(t, q, v + np.where(half, 0.0, 0.05), a), Rejection.TOO_FAST, "the acceleration of"),
        (JointTrajectory(t, q + np.where(half, 0.0, 0.1), v, a), Rejection.TOO_FAST, "the velocity of panda_joint"),
    ):
        with pytest.raises(PlanRejectedError, match=what) as caught:
            limits.check(trajectory)
        assert caught.value.code == code
    with pytest.raises(PlanRejectedError, match="the jerk of panda_joint"):
        replace(limits, jerk=np.full(7, 1.0)).check(motion)


def test_too_many_joints_are_refused(motion: JointTrajectory, limits: MotionLimits) -> None:
    with pytest.raises(PlanRejectedError, match="this arm has 7 joints") as caught:
        limits.check_positions(motion.positions[:, :6])
    assert caught.value.code == Rejection.WRONG_SHAPE
