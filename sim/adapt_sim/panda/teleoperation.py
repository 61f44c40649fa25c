"""Hand paths as a person with a teleoperation device makes them: unsteady, bowed, with pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from adapt_core.types import Vector
from numpy.typing import NDArray

DOWNWARD = np.array([1.0, 0.0, 0.0, 0.0])  # (x, y, z, w): the fingers point down and open sideways
SPEED_M_S = (0.135, 0.15)  # of somebody who has done it often: where the hand will be in 4 s can be imagined
PAUSE_S = (0.1, 0.2)
BOW = 0.06  # of a stretch's length, to either side
TREMOR_M, TREMOR_RAD = 0.002, 0.03
STEADY = 0.5  # of the tremor, where care is taken
TREMOR_HZ = (0.15, 0.9)
SMOOTHING_S = 0.12


@dataclass(frozen=True)
class Via:
    """Go to `position` (3,) [m] with the gripper at `opening`, 0 to 1, which changes on arrival; then wait.

    `wait_s` is waited in any case, a person's pause comes on top. `careful` stretches are slower, straight and steadier.
    """

    position: Vector
    opening: float
    wait_s: float = 0.0
    careful: bool = False


@dataclass(frozen=True)
class HandPath:
    """What the hand is told at each control step: `poses` (n, 7) of the TCP, and gripper `openings` (n,)."""

    poses: NDArray[np.float64]
    openings: Vector


def teleoperate(
    start: Vector, start_opening: float, vias: Sequence[Via], rng: np.random.Generator, dt_s: float
) -> HandPath:
    """The path from the pose `start` (7,) over all `vias`, a row every `dt_s`; it begins at rest there."""
    positions, openings, steadiness = [np.array(start[None, :3])], [np.array([start_opening])], [np.ones((1, 1))]
    for via in vias:
        here, opening = positions[-1][-1], openings[-1][-1]
        way = _stretch(here, via, rng, dt_s)
        wait = np.repeat(way[-1:], round((via.wait_s + rng.uniform(*PAUSE_S)) / dt_s) + 1, axis=0)
        positions += [way, wait]
        steadiness.append(np.full((len(way) + len(wait), 1), STEADY if via.careful else 1.0))
        openings += [np.full(len(way), opening), np.full(len(wait), via.opening)]
    path = _smoothed(np.concatenate(positions), SMOOTHING_S / dt_s)  # (n, 3)
    fade = np.minimum(1.0, np.arange(len(path)) * dt_s)[:, None]  # the tremor grows from nothing in the first second
    fade = fade * _smoothed(np.concatenate(steadiness), SMOOTHING_S / dt_s)
    path = path + fade * TREMOR_M * _tremor(len(path), 3, rng, dt_s)
    tilts = fade * TREMOR_RAD * _tremor(len(path), 3, rng, dt_s)
    settled = _blend(len(path), dt_s)
    quaternions = np.array([_tilted(start[3:7], tilt, share) for tilt, share in zip(tilts, settled, strict=True)])
    return HandPath(np.concatenate([path, quaternions], axis=1), np.concatenate(openings))


def _stretch(here: Vector, via: Via, rng: np.random.Generator, dt_s: float) -> NDArray[np.float64]:
    """Positions (n, 3) from `here` to the via point, with `SPEED_M_S` in the middle, bowed to a side."""
    way = via.position - here
    length_m = float(np.linalg.norm(way))
    speed_m_s = rng.uniform(*SPEED_M_S) * (0.75 if via.careful else 1.0)
    count = max(2, round(1.5 * length_m / speed_m_s / dt_s))
    u = (np.arange(1, count + 1) / count)[:, None]
    progress = u * u * (3 - 2 * u)  # at most 1.5 times the mean speed
    bow = rng.normal(size=3) * (0.0 if via.careful else BOW * length_m)
    bow -= (bow @ way) * way / max(length_m**2, 1e-9)
    bow[2] = abs(bow[2])  # a person lifts the hand rather than letting it sink
    return np.asarray(here + progress * way + np.sin(np.pi * progress) * bow)


def _smoothed(path: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """`path` (n, d) after a Gaussian filter of `deviation` rows."""
    reach = int(np.ceil(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    padded = np.concatenate([np.repeat(path[:1], reach, axis=0), path, np.repeat(path[-1:], reach, axis=0)])
    columns = [np.convolve(column, weights / weights.sum(), mode="valid") for column in padded.T]
    return np.stack(columns, axis=1)


def _tremor(count: int, columns: int, rng: np.random.Generator, dt_s: float) -> NDArray[np.float64]:
    """A wandering signal (count, columns) of about unit size: four slow sines a column."""
    waves = 4
    hz = rng.uniform(*TREMOR_HZ, (waves, 1, columns))
    phase = rng.uniform(0, 2 * np.pi, (waves, 1, columns))
    t = np.arange(count)[None, :, None] * dt_s
    signal: NDArray[np.float64] = np.sin(2 * np.pi * hz * t + phase).sum(axis=0) / np.sqrt(waves / 2)
    return signal


def _blend(count: int, dt_s: float) -> Vector:
    """How far the hand has turned to point down, (count,): all the way after the first second."""
    u = np.minimum(1.0, np.arange(count) * dt_s)
    return np.asarray(u * u * (3 - 2 * u))


def _tilted(start: Vector, tilt: Vector, share: float) -> Vector:
    """Between the quaternion `start` and pointing down, turned by the small rotation vector `tilt` (3,)."""
    aligned = start if start @ DOWNWARD >= 0 else -start
    x, y, z, w = (1 - share) * aligned + share * DOWNWARD
    a, b, c = tilt / 2
    turned = np.array(
        [w * a + x + c * y - b * z, w * b + y + a * z - c * x, w * c + z + b * x - a * y, w - a * x - b * y - c * z]
    )
    return np.asarray(turned / np.linalg.norm(turned))
