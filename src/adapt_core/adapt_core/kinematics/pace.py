"""Lets a motion take its time: demonstrations and plans mean their poses to be reached at a pace, waits included."""

from __future__ import annotations

import numpy as np

from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.types import Vector

RATE_HZ = 120.0
KNOT_S = 1 / RATE_HZ  # what happens so near to a pose is the matter of both sides
ROUNDS = 20  # of giving more time to stretches that are still too fast


def at_pace(trajectory: JointTrajectory, period_s: float, quantum_s: float, limits: MotionLimits) -> JointTrajectory:
    """The same way, slowed so that a pose is reached every `period_s` seconds, and where that is too fast for the arm later.

    Each pose takes a whole number of `quantum_s`. `trajectory` says when it reaches its poses (`waypoint_times_s`) and is
    at rest at both ends; the new one is nowhere faster, and changes its pace nowhere faster than `limits` allow. Raises
    PlanRejectedError (TOO_FAST) where no pace is found that does.
    """
    before_s = np.concatenate([[0.0], trajectory.waypoint_times_s])
    steps = _enough_steps(np.diff(before_s) / quantum_s, round(period_s / quantum_s))
    for _ in range(ROUNDS):
        reached_s = np.concatenate([[0.0], np.cumsum(steps)]) * quantum_s
        slowed = _slowed(trajectory, before_s, reached_s)
        too_fast_s = limits.too_fast_at(slowed)[:, None]
        hasty = ((reached_s[:-1] - KNOT_S < too_fast_s) & (too_fast_s < reached_s[1:] + KNOT_S)).any(axis=0)
        if not hasty.any():
            return slowed
        steps = np.where(hasty, steps + np.ceil(steps / 10), steps)
    limits.check(slowed)
    return slowed


def _slowed(trajectory: JointTrajectory, before_s: Vector, reached_s: Vector) -> JointTrajectory:
    """Where `trajectory` was at `before_s` (k,) the new one is at `reached_s` (k,)."""
    times_s = np.append(np.arange(0.0, reached_s[-1] - 0.5 / RATE_HZ, 1 / RATE_HZ), reached_s[-1])
    old_s, rate, change = _monotone(reached_s, before_s, times_s)  # each (m,)
    rows = [trajectory.at(float(old)) for old in old_s]
    q, first = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    second = np.stack([np.interp(old_s, trajectory.times_s, joint) for joint in trajectory.accelerations.T], axis=1)
    return JointTrajectory(
        times_s, q, first * rate[:, None], second * rate[:, None] ** 2 + first * change[:, None], reached_s[1:]
    )


def _enough_steps(needed: Vector, least: int) -> Vector:
    """Steps (n,) for stretches that need so many at full speed, such that a smooth course through all is never faster."""
    steps = np.maximum(np.ceil(needed - 1e-9), least)
    for _ in range(ROUNDS):
        peaks = _peaks(needed / steps)
        if (peaks <= 1.0 + 1e-9).all():
            return steps
        steps = np.where(peaks > 1.0 + 1e-9, steps + 1.0, steps)
    return np.maximum(np.ceil(1.5 * needed), least)  # enough wherever the slopes are


def _monotone(knots: Vector, values: Vector, at: Vector) -> tuple[Vector, Vector, Vector]:
    """A rising smooth curve through `values` (k,) at rising `knots` (k,), and its first two derivatives; cubic between knots."""
    widths = np.diff(knots)
    slopes = np.diff(values) / widths
    ends = _end_slopes(slopes)
    piece = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(widths) - 1)
    u, h, m = (at - knots[piece]) / widths[piece], widths[piece], slopes[piece]
    bend_0, bend_1 = ends[piece] - m, ends[piece + 1] - m
    value = values[piece] + h * (u * m + u * (1 - u) * ((1 - u) * bend_0 - u * bend_1))
    rate = m + (1 - u) * (1 - 3 * u) * bend_0 + u * (3 * u - 2) * bend_1
    change = ((6 * u - 4) * bend_0 + (6 * u - 2) * bend_1) / h
    return value, rate, change


def _peaks(slopes: Vector) -> Vector:
    """The steepest slope (n,) of the smooth course within each stretch of these mean `slopes` (n,)."""
    ends = _end_slopes(slopes)
    start, end = ends[:-1], ends[1:]
    linear, square = 6 * slopes - 4 * start - 2 * end, 3 * (start + end) - 6 * slopes  # start + linear u + square u²
    bent = np.where(square < 0, square, -1.0)
    top = np.clip(-linear / (2 * bent), 0.0, 1.0)
    inner = np.where(square < 0, start + linear * top + square * top**2, 0.0)
    return np.asarray(np.maximum(inner, np.maximum(start, end)))


def _end_slopes(slopes: Vector) -> Vector:
    """Slopes (n + 1,) at the knots between stretches (n,): the harmonic mean of both sides (Fritsch and Butland 1984).

    0 beside a flat stretch; at both ends, where the motion rests anyway, that of the stretch.
    """
    ends = np.concatenate([slopes[:1], np.zeros(len(slopes) - 1), slopes[-1:]])
    total = slopes[:-1] + slopes[1:]
    ends[1:-1] = np.where(total > 0, 2 * slopes[:-1] * slopes[1:] / np.where(total > 0, total, 1.0), 0.0)
    return ends
