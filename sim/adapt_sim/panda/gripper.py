"""The Panda's gripper: `move` and `grasp` in metres between the fingers, as its driver takes them."""

from __future__ import annotations

import math
from typing import Any

from adapt_core.errors import PlanRejectedError
from adapt_core.gripping import GripperCommand
from adapt_core.safety import Rejection

from adapt_sim.panda.description import FINGERS

MAX_WIDTH_M = 0.08
SPEED_M_S = (0.005, 0.2)  # between the fingers
FORCE_N = (5.0, 70.0)  # of each finger
MOVE_FORCE_N = 70.0
AT_REST_M_S = 0.002
SETTLE_S = 0.15  # at rest that long: it has arrived, or something is between the fingers
TOLERANCE_M = 0.003
EPSILON_M = 0.005  # around the width asked for, where a grasp counts as holding something, unless it says otherwise
PRESS_ON_M = 0.04  # how far a grasp aims beyond its width, so that it presses with all of its force


class Gripper:
    """Two fingers that move together. A command replaces the one before; `step` pursues it.

    `busy` is true while a command is pursued; `succeeded` says whether the last one ended as asked: at its width after
    `move`, holding something after `grasp`.
    """

    def __init__(self, model: Any, data: Any) -> None:
        """Fingers of a scene with the arm in it (mujoco.MjModel and MjData)."""
        self._model, self._data = model, data
        self._joints = [data.joint(name) for name in FINGERS]
        self._actuators = [model.actuator(name).id for name in FINGERS]
        self._joint_ids = [model.joint(name).id for name in FINGERS]
        self.rest(MAX_WIDTH_M)

    @property
    def width_m(self) -> float:
        """The measured distance between the fingers."""
        return float(sum(joint.qpos[0] for joint in self._joints))

    @property
    def speed_m_s(self) -> float:
        """How fast that distance changes."""
        return float(sum(joint.qvel[0] for joint in self._joints))

    def move(self, width_m: float, speed_m_s: float = 0.1) -> None:
        """Open or close to `width_m`. Raises PlanRejectedError for a width or speed that the gripper does not have."""
        self._command(width_m, speed_m_s, MOVE_FORCE_N, None)

    def grasp(
        self,
        width_m: float,
        speed_m_s: float,
        force_n: float,
        inner_m: float = EPSILON_M,
        outer_m: float = EPSILON_M,
    ) -> None:
        """Close until `force_n` holds something from `inner_m` less to `outer_m` more than `width_m` wide.

        Raises PlanRejectedError.
        """
        _check("force", force_n, *FORCE_N, "N")
        self._command(width_m, speed_m_s, force_n, (inner_m, outer_m))

    def rest(self, width_m: float) -> None:
        """Put the fingers `width_m` apart at once, without a command: what a new scene starts with."""
        for joint in self._joints:
            joint.qpos, joint.qvel = width_m / 2, 0.0
        self._reference_m = self._target_m = width_m
        self._epsilon: tuple[float, float] | None = None
        self._speed_m_s, self._still_s = SPEED_M_S[1], math.inf
        self.busy, self.succeeded = False, True
        self._limit_force(MOVE_FORCE_N)
        self._drive()

    def stop(self) -> None:
        """Give up the command and stay; what is held stays held."""
        if self.busy:
            self.busy = False
            self._reference_m = self.width_m
            self._drive()

    def step(self, dt_s: float) -> None:
        """Pursue the command for one physics step; call it before the step."""
        if not self.busy:
            return
        goal_m = self._target_m - (PRESS_ON_M if self._epsilon else 0.0)
        change_m = max(-self._speed_m_s * dt_s, min(self._speed_m_s * dt_s, goal_m - self._reference_m))
        self._reference_m += change_m
        self._still_s = self._still_s + dt_s if abs(self.speed_m_s) < AT_REST_M_S else 0.0
        if self._still_s >= SETTLE_S:
            self.busy, self.succeeded = False, self._ended_as_asked()
        self._drive()

    def _command(self, width_m: float, speed_m_s: float, force_n: float, epsilon: tuple[float, float] | None) -> None:
        _check("width", width_m, 0.0, MAX_WIDTH_M, "m")
        _check("speed", speed_m_s, *SPEED_M_S, "m/s")
        self._target_m, self._speed_m_s, self._epsilon = width_m, speed_m_s, epsilon
        self._reference_m, self._still_s = self.width_m, 0.0
        self.busy, self.succeeded = True, False
        self._limit_force(force_n)

    def _limit_force(self, force_n: float) -> None:
        self._model.jnt_actfrcrange[self._joint_ids] = -force_n, force_n

    def _drive(self) -> None:
        self._data.ctrl[self._actuators] = self._reference_m / 2

    def _ended_as_asked(self) -> bool:
        error_m = self.width_m - self._target_m
        if self._epsilon is None:
            return abs(error_m) <= TOLERANCE_M
        inner_m, outer_m = self._epsilon
        return -inner_m <= error_m <= outer_m


def _check(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:  # also when it is NaN
        raise PlanRejectedError(
            Rejection.OUTSIDE_LIMITS, f"the gripper takes a {what} of {low:g} to {high:g} {unit}, not {value:g}"
        )


def pursue(gripper: Gripper, command: GripperCommand) -> None:
    """Have `gripper` do what `command` says."""
    if command.force_n:
        gripper.grasp(command.width_m, command.speed_m_s, command.force_n, MAX_WIDTH_M, MAX_WIDTH_M)
    else:
        gripper.move(command.width_m, command.speed_m_s)
