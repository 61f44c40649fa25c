"""Lets a motion take its time: demonstrations and plans mean their poses to be reached at a pace, waits included."""

from __future__ import annotations

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.types import Vector

STEEPEST = 1.5  # how much faster than on average between two poses the slowed motion goes, at most
RATE_HZ = 120.0


def at_pace(trajectory: JointTrajectory, period_s: float, quantum_s: float) -> JointTrajectory:
    """The same way, slowed so that a pose is reached every `period_s` seconds, and where that is too fast for the arm later.

    Each pose takes a whole number of `quantum_s`. `trajectory` says when it reaches its poses (`waypoint_times_s`) and is at
    rest at both ends; the new one is never faster anywhere.
    """
    before_s = np.concatenate([[0.0], trajectory.waypoint_times_s])
    needed_s = STEEPEST * np.diff(before_s)
    steps = np.maximum(np.ceil(needed_s / quantum_s - 1e-9), round(period_s / quantum_s))  # (n,)
    reached_s = np.concatenate([[0.0], np.cumsum(steps * quantum_s)])
    times_s = np.append(np.arange(0.0, reached_s[-1] - 0.5 / RATE_HZ, 1 / RATE_HZ), reached_s[-1])
    old_s, rate, change = _monotone(reached_s, before_s, times_s)  # each (m,)
    rows = [trajectory.at(float(old)) for old in old_s]
    q, first = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    second = np.stack([np.interp(old_s, trajectory.times_s, joint) for joint in trajectory.accelerations.T], axis=1)
    return JointTrajectory(
        times_s, q, first * rate[:, None], second * rate[:, None] ** 2 + first * change[:, None], reached_s[1:]
    )


def _monotone(knots: Vector, values: Vector, at: Vector) -> tuple[Vector, Vector, Vector]:
    """A rising smooth curve through `values` (k,) at rising `knots` (k,), flat at both ends, and its two derivatives.

    Cubic between knots, the slopes at them by Fritsch and Butland (1984): their harmonic mean, 0 beside a flat piece.
    """
    widths = np.diff(knots)
    slopes = np.diff(values) / widths
    ends = np.zeros(len(knots))
    total = slopes[:-1] + slopes[1:]
    ends[1:-1] = np.where(total > 0, 2 * slopes[:-1] * slopes[1:] / np.where(total > 0, total, 1.0), 0.0)
    piece = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(widths) - 1)
    u, h, m = (at - knots[piece]) / widths[piece], widths[piece], slopes[piece]
    bend_0, bend_1 = ends[piece] - m, ends[piece + 1] - m
    value = values[piece] + h * (u * m + u * (1 - u) * ((1 - u) * bend_0 - u * bend_1))
    rate = m + (1 - u) * (1 - 3 * u) * bend_0 + u * (3 * u - 2) * bend_1
    change = ((6 * u - 4) * bend_0 + (6 * u - 2) * bend_1) / h
    return value, rate, change
