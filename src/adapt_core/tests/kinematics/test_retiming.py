"""One motion through all waypoints: what holds for every one."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.safety import Rejection
from hypothesis import given, settings
from hypothesis import strategies as st

RATE_HZ = 100.0
LIMITS = MotionLimits(
    ("shoulder", "elbow", "wrist"),
    *(np.array(row) for row in ([-2, -1, -3], [2, 1, 3], [0.4, 0.5, 0.6], [3, 1.5, 2], [1500, 750, 20])),
)
SHARES = st.floats(0.05, 0.95)
WAYPOINTS = st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=2, max_size=9).map(
    lambda shares: LIMITS.low + np.array(shares) * (LIMITS.high - LIMITS.low)
)


@settings(max_examples=60)
@given(WAYPOINTS, st.sampled_from([1.0, 0.05, 0.002]))
def test_every_motion_holds_its_limits_passes_its_waypoints_and_rests_at_both_ends(
    waypoints: np.ndarray, spread: float
) -> None:
    waypoints = waypoints[0] + spread * (waypoints - waypoints[0])
    motion = retime(waypoints, LIMITS, RATE_HZ)
    LIMITS.check(motion)
    np.testing.assert_allclose(np.diff(motion.times_s), 1 / RATE_HZ)
    np.testing.assert_allclose(motion.positions[[0, -1]], waypoints[[0, -1]], atol=2e-4)
    for end in (0, -1):
        np.testing.assert_allclose(motion.velocities[end], 0, atol=1e-9)
    for waypoint, time_s in zip(waypoints[1:], motion.waypoint_times_s, strict=True):
        np.testing.assert_allclose(motion.at(time_s)[0], waypoint, atol=1e-3)
    assert (np.diff(motion.waypoint_times_s) >= 0).all()


@settings(max_examples=20)
@given(WAYPOINTS)
def test_between_its_points_it_is_as_smooth(waypoints: np.ndarray) -> None:
    """Sampled ten times as finely, the same motion says the same."""
    coarse = retime(waypoints, LIMITS, RATE_HZ)
    fine = retime(waypoints, LIMITS, 10 * RATE_HZ)
    LIMITS.check(fine)
    assert 0 <= coarse.duration_s - fine.duration_s <= 1 / RATE_HZ + 1e-9


def tightest(motion: JointTrajectory) -> float:
    jerks = np.diff(motion.accelerations, axis=0) / np.diff(motion.times_s)[:, None]
    pairs = ((motion.velocities, LIMITS.velocity), (motion.accelerations, LIMITS.acceleration), (jerks, LIMITS.jerk))
    return float(max((np.abs(values) / limit).max() for values, limit in pairs))


def test_the_tightest_limit_is_used_up() -> None:
    motion = retime(np.array([[0.0, 0, 0], [0.5, 0.3, 0.8], [1.0, 0.5, 1.6]]), LIMITS, 1000.0)
    assert 0.9 < tightest(motion) < 1.01


def test_it_does_not_stop_on_the_way_and_is_quicker_for_it() -> None:
    waypoints = np.outer(np.linspace(0, 1, 9), [0.8, 0.4, 1.0])
    motion = retime(waypoints, LIMITS, RATE_HZ)
    inner = (motion.times_s > 0.3) & (motion.times_s < motion.duration_s - 0.3)
    assert np.abs(motion.velocities[inner]).max(axis=1).min() > 0.2
    stopping = sum(retime(waypoints[n : n + 2], LIMITS, RATE_HZ).duration_s for n in range(8))
    assert motion.duration_s < 0.75 * stopping


def test_a_slow_corner_does_not_slow_the_whole_way() -> None:
    straight = retime(np.array([[-1.8, 0, 0], [1.5, 0, 0]]), LIMITS, RATE_HZ)
    corner = np.array([[-1.8, 0, 0], [1.5, 0, 0], [1.55, 0.05, 0], [1.5, 0.1, 0], [1.55, 0.15, 0]])
    assert retime(corner, LIMITS, RATE_HZ).duration_s < straight.duration_s + 4


def test_waypoints_that_are_one_are_passed_once() -> None:
    point = np.array([[0.1, 0.2, 0.3]])
    still = retime(np.repeat(point, 3, axis=0), LIMITS, RATE_HZ)
    np.testing.assert_array_equal(still.positions, np.repeat(point, 2, axis=0))
    assert len(still.waypoint_times_s) == 2
    doubled = retime(np.array([[0.0, 0, 0], [0.0, 0, 0], [0.5, 0, 0], [0.5, 0, 0]]), LIMITS, RATE_HZ)
    np.testing.assert_allclose(doubled.waypoint_times_s, [0.0, doubled.duration_s, doubled.duration_s])


def test_a_path_along_a_limit_does_not_swing_past_it() -> None:
    waypoints = np.array([[0.0, 0.0, 0], [0.3, 0.98, 0], [0.6, 0.98, 0], [0.9, 0.1, 0]])
    motion = retime(waypoints, LIMITS, RATE_HZ)
    assert motion.positions[:, 1].max() <= 1.0
    for waypoint, time_s in zip(waypoints[1:], motion.waypoint_times_s, strict=True):
        np.testing.assert_allclose(motion.at(time_s)[0], waypoint, atol=1e-3)


@settings(max_examples=30)
@given(WAYPOINTS)
def test_waypoints_close_to_the_limits_are_no_reason_to_refuse(waypoints: np.ndarray) -> None:
    """As far from them, and from one another, as inverse kinematics puts them."""
    waypoints = np.clip(LIMITS.high + 0.4 * waypoints, LIMITS.low + 0.005, LIMITS.high - 0.005)
    LIMITS.check(retime(waypoints, LIMITS, RATE_HZ))


def test_waypoints_beyond_a_limit_are_refused() -> None:
    with pytest.raises(PlanRejectedError, match="elbow would stand at") as caught:
        retime(np.array([[0.0, 0, 0], [0, 1.2, 0]]), LIMITS, RATE_HZ)
    assert caught.value.code == Rejection.JOINT_LIMIT
