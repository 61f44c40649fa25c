"""How far along a path to be at which time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adapt_core.kinematics.libraries import require
from adapt_core.types import Vector

ruckig = require("ruckig", "ruckig")
Array = NDArray[np.float64]
BISECTIONS = 25
CAUTION = 0.999  # of the change of speed that a section allows, so that rounding cannot make it impossible


@dataclass(frozen=True)
class Bounds:
    """The most of the path's speed ṡ, its derivative and its second derivative within one section of the path."""

    speed: float
    acceleration: float
    jerk: float


@dataclass(frozen=True)
class TimeLaw:
    """s(t) in pieces of constant jerk: `starts_s` (m,), and `states` (m, 4) of s, ṡ, s̈, s⃛ there; `sections` (m,).

    `duration_s` is when the last piece ends; `knot_times_s` when each section ends.
    """

    starts_s: Vector
    states: Array
    sections: NDArray[np.int64]
    duration_s: float
    knot_times_s: Vector

    def at(self, times_s: Array) -> Array:
        """s, ṡ, s̈, s⃛ (k, 4) at `times_s` (k,)."""
        pieces = np.clip(np.searchsorted(self.starts_s, times_s, side="right") - 1, 0, len(self.starts_s) - 1)
        return self._moved(pieces, times_s - self.starts_s[pieces])

    def samples(self, count: int) -> tuple[Array, NDArray[np.int64]]:
        """`count` states of each piece, both its ends among them (m * count, 4), and the section of each."""
        ends_s = np.append(self.starts_s[1:], self.duration_s)
        pieces = np.repeat(np.arange(len(self.starts_s)), count)
        shares = np.tile(np.linspace(0, 1, count), len(self.starts_s))
        return self._moved(pieces, shares * (ends_s - self.starts_s)[pieces]), self.sections[pieces]

    def _moved(self, pieces: NDArray[np.int64], t: Array) -> Array:
        s, v, a, j = self.states[pieces].T
        return np.stack([s + t * (v + t * (a / 2 + t * j / 6)), v + t * (a + t * j / 2), a + t * j, j], axis=1)


def time_law(knots: Vector, bounds: Sequence[Bounds]) -> TimeLaw:
    """From rest at the first of `knots` (n,) to rest at the last, within the `bounds` of each of the n - 1 sections.

    Ruckig (Berscheid and Kröger 2021) moves through each section as fast as its bounds allow; at the knots the speed is
    the highest from which the motion can go on and end at rest, and s̈ is 0.
    """
    speeds = _knot_speeds(np.diff(knots), bounds)
    rows, sections, knot_times_s, now_s = [], [], [], 0.0
    for number, bound in enumerate(bounds):
        for duration_s, state in _section(knots[number], knots[number + 1], speeds[number : number + 2], bound):
            rows.append((now_s, *state))
            sections.append(number)
            now_s += duration_s
        knot_times_s.append(now_s)
    table = np.array(rows)
    return TimeLaw(table[:, 0], table[:, 1:], np.array(sections), now_s, np.array(knot_times_s))


def _knot_speeds(lengths: Vector, bounds: Sequence[Bounds]) -> list[float]:
    """Speeds (n,) at the knots: what both neighbours allow, and what acceleration from and to rest can reach."""
    speeds = [0.0, *(min(one.speed, other.speed) for one, other in pairwise(bounds)), 0.0]
    for number, bound in enumerate(bounds):
        speeds[number + 1] = _reachable(speeds[number], speeds[number + 1], lengths[number], bound)
    for number, bound in reversed(list(enumerate(bounds))):
        speeds[number] = _reachable(speeds[number + 1], speeds[number], lengths[number], bound)
    return speeds


def _reachable(speed: float, wanted: float, length: float, bounds: Bounds) -> float:
    """The highest speed, at most `wanted`, after `length` from `speed`, with no acceleration at either end."""
    low, high = 0.0, wanted - speed
    if high <= 0 or (speed + high / 2) * _duration_s(high / CAUTION, bounds) <= length:
        return wanted
    for _ in range(BISECTIONS):
        change = (low + high) / 2
        if (speed + change / 2) * _duration_s(change, bounds) <= length:
            low = change
        else:
            high = change
    return speed + CAUTION * low


def _duration_s(change: float, bounds: Bounds) -> float:
    """How long a change of speed takes from no acceleration to none."""
    if change >= bounds.acceleration**2 / bounds.jerk:
        return change / bounds.acceleration + bounds.acceleration / bounds.jerk
    return 2 * math.sqrt(change / bounds.jerk)


def _section(start: float, end: float, speeds: Sequence[float], bounds: Bounds) -> list[tuple[float, list[float]]]:
    """Pieces of one section: how long each lasts, and s, ṡ, s̈, s⃛ where it begins."""
    request = ruckig.InputParameter(1)
    request.current_position, request.target_position = [start], [end]
    request.current_velocity, request.target_velocity = [speeds[0]], [speeds[1]]
    request.max_velocity, request.max_acceleration = [bounds.speed], [bounds.acceleration]
    request.max_jerk = [bounds.jerk]
    found = ruckig.Trajectory(1)
    result = ruckig.Ruckig(1).calculate(request, found)
    assert result == ruckig.Result.Working, f"Ruckig cannot time a section: {result}"
    profile = found.profiles[0][0]
    states = zip(profile.p, profile.v, profile.a, profile.j, strict=False)  # the last state has no jerk of its own
    return [(t, list(state)) for t, state in zip(profile.t, states, strict=True) if t > 0]
