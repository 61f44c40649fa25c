"""Joint angles that put the hand where a plan wants it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.libraries import require
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import Vector

pin = require("pinocchio", "pin")
eigenpy = require("eigenpy", "pin")

POSITION_TOLERANCE_M, ROTATION_TOLERANCE_RAD = 1e-4, 1e-3
ENOUGH = 0.1  # of the tolerances: nearer need not be searched for
ITERATIONS = 15  # of one start; the median is 5
STARTS = 96  # postures of the table that are tried; the first does for nine poses in ten
DAMPING, LEAST_DAMPING = 0.02, 1e-6  # times the squared error, and added to it
POSTURE_PULL = 0.1  # at most this share of the way home, and less for small motions of the hand


@dataclass(frozen=True)
class Pose:
    """Where the hand should be: `position` (3,) [m], `rotation` (3, 3)."""

    position: Vector
    rotation: NDArray[np.float64]

    @classmethod
    def of(cls, pose: Vector) -> Pose:
        """From x y z qx qy qz qw; the quaternion's length does not matter."""
        return cls(np.array(pose[:3]), pin.Quaternion(np.array(pose[3:7])).normalized().matrix())


@dataclass(frozen=True)
class Attempt:
    """Where a search ended: joints `q` (j,) [rad], and how far the hand is off there."""

    q: Vector
    off_m: float
    off_rad: float

    def within(self, share: float) -> bool:
        """Is the hand where it should be, within this share of the tolerances?"""
        return self.off_m < share * POSITION_TOLERANCE_M and self.off_rad < share * ROTATION_TOLERANCE_RAD


def solve(arm: ArmModel, pose: Vector, start: Vector | None = None, within_rad: float = math.inf) -> Vector:
    """Joints (j,) [rad] within their limits that put the TCP of `arm` at `pose` (7,) x y z qx qy qz qw.

    With a `start` (j,) the posture follows from there, and one in which every joint is `within_rad` of it is preferred.
    Raises PlanRejectedError (OUT_OF_REACH) that says how far off the nearest posture is.
    """
    target = Pose.of(pose)
    nearest: Attempt | None = None
    best: Attempt | None = None
    for attempt in _attempts(arm, target, start):
        if best is None or _miss(attempt) < _miss(best):
            best = attempt
        if attempt.within(1):
            if start is None or _turn(attempt, start) <= within_rad:
                return attempt.q
            nearest = attempt if nearest is None or _turn(attempt, start) < _turn(nearest, start) else nearest
    if nearest is not None:
        return nearest.q
    assert best is not None
    off = f"the nearest posture is off by {1000 * best.off_m:.1f} mm and {math.degrees(best.off_rad):.1f} degrees"
    raise PlanRejectedError(Rejection.OUT_OF_REACH, f"out of reach: {off}")


def solve_path(arm: ArmModel, poses: NDArray[np.float64], start: Vector, jump_rad: float) -> NDArray[np.float64]:
    """Joints (n, j) [rad] for `poses` (n, 7), each found from the one before, the first from `start` (j,).

    Raises PlanRejectedError: OUT_OF_REACH, or JOINT_JUMP when a joint must turn by more than `jump_rad` from one pose to
    the next; both name the pose.
    """
    path = np.empty((len(poses), len(start)))
    before = start
    for number, pose in enumerate(poses):
        try:
            path[number] = solve(arm, pose, before, jump_rad)
        except PlanRejectedError as error:
            raise PlanRejectedError(error.code, f"refused ({error.code}): pose {number} is {error}") from error
        _check_jump(arm, number, path[number] - before, jump_rad)
        before = path[number]
    return path


def _attempts(arm: ArmModel, target: Pose, start: Vector | None) -> Iterator[Attempt]:
    if start is not None:
        yield _descend(arm, target, np.clip(start, arm.soft_low, arm.soft_high), POSTURE_PULL)
    postures: Iterable[Vector] = arm.starts.nearest(target.position, target.rotation, STARTS)
    if start is not None:
        postures = sorted(postures, key=lambda posture: float(np.abs(posture - start).max()))
    for posture in postures:
        yield _descend(arm, target, posture, 0.0)


def _descend(arm: ArmModel, target: Pose, q: Vector, pull: float) -> Attempt:
    """Levenberg-Marquardt from `q`, damped by the squared error (Sugihara 2011, eq. 17), joints kept within limits."""
    error = np.empty(6)
    for _ in range(ITERATIONS):
        position, rotation, jacobian = arm.place(q)
        error[:3] = target.position - position
        error[3:] = pin.log3(target.rotation @ rotation.T)
        off_m, off_rad = math.sqrt(error[:3] @ error[:3]), math.sqrt(error[3:] @ error[3:])
        attempt = Attempt(q, off_m, off_rad)
        if attempt.within(ENOUGH):
            break
        square = off_m**2 + off_rad**2
        wish = min(pull, math.sqrt(square)) * (arm.home - q) if pull else None
        q = _limited(arm, q, jacobian, error, DAMPING * square + LEAST_DAMPING, wish)
        pull = 0.0
    return attempt


def _limited(
    arm: ArmModel, q: Vector, jacobian: NDArray[np.float64], error: Vector, damping: float, wish: Vector | None
) -> Vector:
    """The next posture; joints that would pass their limit stop there, and the others do their work."""
    wanted = q + _step(jacobian, error, damping, wish)
    allowed = np.minimum(np.maximum(wanted, arm.soft_low), arm.soft_high)
    stopped = allowed != wanted
    if not stopped.any():
        return wanted
    turned = np.where(stopped, allowed - q, 0.0)
    others = q + turned + _step(np.where(stopped, 0.0, jacobian), error - jacobian @ turned, damping, None)
    return np.minimum(np.maximum(others, arm.soft_low), arm.soft_high)


def _step(jacobian: NDArray[np.float64], error: Vector, damping: float, wish: Vector | None) -> Vector:
    """The damped least-squares step for `error` (6,) that is nearest to `wish` (j,), or the shortest."""
    normal = jacobian @ jacobian.T  # (6, 6)
    normal.flat[::7] += damping
    rest = error if wish is None else error - jacobian @ wish
    step: Vector = jacobian.T @ eigenpy.LLT(normal).solve(rest)
    return step if wish is None else wish + step


def _miss(attempt: Attempt) -> float:
    return attempt.off_m + attempt.off_rad


def _turn(attempt: Attempt, start: Vector) -> float:
    return float(np.abs(attempt.q - start).max())


def _check_jump(arm: ArmModel, number: int, turn: Vector, jump_rad: float) -> None:
    joint = int(np.argmax(np.abs(turn)))
    if abs(turn[joint]) > jump_rad:
        way = f"{arm.joint_names[joint]} would have to turn by {turn[joint]:.2f} rad to pose {number}"
        refuse(Rejection.JOINT_JUMP, f"{way}; allowed between two poses are {jump_rad:.2f} rad")
