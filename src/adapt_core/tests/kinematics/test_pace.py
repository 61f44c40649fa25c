"""Motions that take their time."""

from __future__ import annotations

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.pace import at_pace

FREE = np.full(2, 1e9)
NO_LIMITS = MotionLimits(("one", "two"), -FREE, FREE, FREE, FREE, FREE)


def test_a_motion_at_a_pace_is_the_same_way_and_never_faster() -> None:
    u = np.linspace(0, 1, 101)[:, None]
    times_s, way = u[:, 0], np.array([[0.4, -0.2]])
    positions, velocities = (3 * u**2 - 2 * u**3) * way, (6 * u - 6 * u**2) * way
    reached_s = np.array([0.3, 0.3, 0.5, 1.0])  # the second pose is the first again: a wait
    quick = JointTrajectory(times_s, positions, velocities, (6 - 12 * u) * way, reached_s)
    slow = at_pace(quick, period_s=0.5, quantum_s=1 / 30, limits=NO_LIMITS)
    taken_s = np.diff(slow.waypoint_times_s, prepend=0)
    np.testing.assert_allclose(taken_s[:3], 0.5, atol=1e-6)
    assert 0.5 < taken_s[3] < 0.75  # as fast as before, but for getting there from a slow stretch
    for at_s, was_s in zip(slow.waypoint_times_s, reached_s, strict=True):
        np.testing.assert_allclose(slow.at(at_s)[0], quick.at(was_s)[0], atol=1e-6)
    np.testing.assert_allclose(slow.at(0.6)[0], slow.at(0.9)[0], atol=1e-6)
    assert np.abs(slow.velocities).max() <= np.abs(velocities).max() + 1e-9
    np.testing.assert_allclose(
        np.gradient(slow.positions, slow.times_s, axis=0)[5:-5], slow.velocities[5:-5], atol=0.02
    )
    np.testing.assert_allclose(slow.velocities[[0, -1]], 0.0, atol=1e-9)
