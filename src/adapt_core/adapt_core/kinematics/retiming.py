"""One smooth motion through all waypoints, with no stop at any of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.spline import NaturalSpline
from adapt_core.kinematics.time_law import Bounds, TimeLaw, time_law
from adapt_core.kinematics.trajectory import JointTrajectory
from adapt_core.types import Vector

Array = NDArray[np.float64]
SAME_RAD = 1e-4  # waypoints nearer to each other are one
SAMPLES = 9  # of each section's derivatives, and of each piece of the time law
REFINEMENTS = 5  # how often points between the waypoints hold the path within the limits of the joints
SECTION_S = 0.2  # at full speed; a longer way between waypoints is cut, so that a bend at one end slows that end alone
MOST_CUTS = 12


def retime(waypoints: Array, limits: MotionLimits, rate_hz: float) -> JointTrajectory:
    """The trajectory from rest at the first of `waypoints` (n, j) [rad] through all to rest at the last, n >= 2.

    A cubic spline leads through them; its time law keeps every joint's velocity, acceleration and jerk within `limits`,
    of which the tightest is met. Points lie evenly, `rate_hz` of them a second. Raises PlanRejectedError where the path
    would pass a joint's limit.
    """
    limits.check_positions(waypoints)
    kept, index = _distinct(waypoints)
    if len(kept) == 1:
        return _at_rest(waypoints, 1 / rate_hz)
    path, ends = _within_limits(kept, limits)
    cuts = _cuts(path)
    law = time_law(*_sections(path, cuts, limits))
    stretch = _peak(path, law, np.repeat(np.arange(len(cuts)), cuts), limits)
    count = math.ceil(law.duration_s * stretch * rate_hz)
    stretch = count / (rate_hz * law.duration_s)  # a little slower, so that the points lie evenly
    times_s = np.arange(count + 1) / rate_hz
    s, v, a, _ = law.at(times_s / stretch).T[:, :, None]
    q, first, second, _ = path.derivatives(s[:, 0])
    velocities, accelerations = first * v / stretch, (first * a + second * v**2) / stretch**2
    velocities[-1] = 0.0
    reached_s = np.concatenate([[0.0], law.knot_times_s[np.cumsum(cuts) - 1]])[ends][index[1:]] * stretch
    return JointTrajectory(times_s, q, velocities, accelerations, reached_s)


def _distinct(waypoints: Array) -> tuple[Array, NDArray[np.int64]]:
    """The waypoints that differ from the one before (k, j), and which of these each of all (n,) is."""
    kept, index = [waypoints[0]], np.zeros(len(waypoints), np.int64)
    for number, waypoint in enumerate(waypoints[1:], start=1):
        if np.abs(waypoint - kept[-1]).max() > SAME_RAD:
            kept.append(waypoint)
        index[number] = len(kept) - 1
    return np.array(kept), index


def _at_rest(waypoints: Array, step_s: float) -> JointTrajectory:
    still = np.repeat(waypoints[:1], 2, axis=0)
    return JointTrajectory(np.array([0.0, step_s]), still, 0 * still, 0 * still, np.full(len(waypoints) - 1, step_s))


def _within_limits(waypoints: Array, limits: MotionLimits) -> tuple[NaturalSpline, NDArray[np.int64]]:
    """The path, and the knots (k,) that are waypoints. Where it would swing past a limit, points between draw it in."""
    path, ends = _path(waypoints, limits), np.arange(len(waypoints))
    points = waypoints
    for _ in range(REFINEMENTS):
        if limits.holds(path.extremes()):
            return path, ends
        points, ends = _with_midpoints(points), 2 * ends
        path = _path(points, limits)
    limits.check_positions(path.extremes())
    return path, ends


def _path(points: Array, limits: MotionLimits) -> NaturalSpline:
    """Knots lie as far apart as the way takes at full speed, so that one speed suits all of the path."""
    widths = (np.abs(np.diff(points, axis=0)) / limits.velocity).max(axis=1)
    return NaturalSpline(np.concatenate([[0.0], np.cumsum(widths)]), points)


def _with_midpoints(points: Array) -> Array:
    both = np.empty((2 * len(points) - 1, points.shape[1]))
    both[::2], both[1::2] = points, (points[:-1] + points[1:]) / 2
    return both


def _fine(knots: Vector) -> Vector:
    """`SAMPLES` values of s between each two of `knots`, both ends among them."""
    shares = np.linspace(0, 1, SAMPLES)
    return np.ravel(knots[:-1, None] + shares * np.diff(knots)[:, None])


def _cuts(path: NaturalSpline) -> NDArray[np.int64]:
    """Into how many sections each segment of `path` is cut."""
    return np.clip(np.ceil(np.diff(path.knots) / SECTION_S), 1, MOST_CUTS).astype(np.int64)


def _sections(path: NaturalSpline, cuts: NDArray[np.int64], limits: MotionLimits) -> tuple[Vector, list[Bounds]]:
    """Where the sections of `path` begin and end, and bounds of ṡ and its derivatives that keep all joints in `limits`.

    q̈ = q' s̈ + q'' ṡ² and q⃛ = q' s⃛ + 3 q'' ṡ s̈ + q‴ ṡ³: a half of each limit is for the first term.
    """
    spans = zip(path.knots[:-1], path.knots[1:], cuts, strict=True)
    knots = np.concatenate([*(np.linspace(a, b, n, endpoint=False) for a, b, n in spans), path.knots[-1:]])
    segments = np.repeat(np.arange(len(cuts)), cuts * SAMPLES)
    _, first, second, third = (np.abs(row) + 1e-12 for row in path.derivatives(_fine(knots), segments))
    speed = _least(limits.velocity / first, np.sqrt(limits.acceleration / 2 / second), np.cbrt(limits.jerk / 4 / third))
    fastest = np.repeat(speed, SAMPLES)[:, None]
    acceleration = _least(limits.acceleration / 2 / first, limits.jerk / 12 / (second * fastest))
    jerk = _least(limits.jerk / 2 / first)
    return knots, [Bounds(*map(float, row)) for row in zip(speed, acceleration, jerk, strict=True)]


def _least(*bounds: Array) -> Vector:
    """The smallest in each section (m,) of all `bounds` (samples of all sections, j)."""
    smallest: Vector = np.min(bounds, axis=0).reshape(-1, SAMPLES * bounds[0].shape[1]).min(axis=1)
    return smallest


def _peak(path: NaturalSpline, law: TimeLaw, segments: NDArray[np.int64], limits: MotionLimits) -> float:
    """By how much to stretch the time so that the tightest limit is just met; below 1 the motion can be faster.

    `segments` (m,) of the path are those that the sections of `law` lie in.
    """
    states, sections = law.samples(SAMPLES)
    s, v, a, j = states.T[:, :, None]
    _, first, second, third = path.derivatives(s[:, 0], segments[sections])
    velocity = np.abs(first * v) / limits.velocity
    acceleration = np.abs(first * a + second * v**2) / limits.acceleration
    jerk = np.abs(first * j + 3 * second * v * a + third * v**3) / limits.jerk
    return float(max(velocity.max(), math.sqrt(acceleration.max()), math.cbrt(jerk.max())))
