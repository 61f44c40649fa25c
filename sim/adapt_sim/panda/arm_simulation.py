"""A simulated Panda as its drivers show it: joint trajectories, the gripper, joint states, errors and recovery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
from adapt_core.errors import MotionStoppedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.joint_state import JointState
from adapt_core.ports import StopCheck, never
from adapt_core.safety import Rejection, refuse
from adapt_core.types import Vector

from adapt_sim.panda.contact_force import ContactForce
from adapt_sim.panda.description import DAMPING, FINGERS, JOINTS, STIFFNESS, TCP
from adapt_sim.panda.gripper import MAX_WIDTH_M, Gripper

HOME = (0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4)  # [rad]
VELOCITY_LIMITS = np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61])  # [rad/s]
START_TOLERANCE_RAD = 0.05  # between the arm and a trajectory's first point
LIMIT_TOLERANCE = 1e-6  # [rad], [rad/s]: rounding
REFLEX_N = 40.0  # about the default collision threshold of the robot's own examples
SAMPLE_S = 0.02  # between two calls of `follow`'s callbacks


class ArmSimulation:
    """The arm in a scene, followed in simulated time; it knows joints, not poses.

    The joints are driven to a trajectory by position and velocity, within the URDF's torque limits and with gravity
    compensated. When the scene pushes the arm with more than `reflex_n`, a reflex stops it: it holds its position and
    refuses to move until `recover`.
    """

    def __init__(self, model: Any, reflex_n: float = REFLEX_N) -> None:
        """`model` (mujoco.MjModel) is a scene with the arm of `arm_spec` in it."""
        self.model, self.data = model, mujoco.MjData(model)
        self.gripper = Gripper(model, self.data)
        self._reflex_n = reflex_n
        self._force = ContactForce(model)
        names = (*JOINTS, *FINGERS)
        self._dofs = np.array([model.joint(name).id for name in names])
        self._actuators = np.array([model.actuator(name).id for name in JOINTS])
        self._positions_at = np.array([model.joint(name).qposadr[0] for name in names])
        self._velocities_at = np.array([model.joint(name).dofadr[0] for name in names])
        self.limits = model.jnt_range[self._dofs[: len(JOINTS)]].T  # (2, 7) low and high [rad]
        self._lead_s = np.array(DAMPING) / np.array(STIFFNESS)  # velocity feed-forward of a position actuator
        self.reset()

    @property
    def time_s(self) -> float:
        """Simulated time; it never jumps back, not at a reset either."""
        return float(self.data.time)

    @property
    def joint_state(self) -> JointState:
        """What the joints do now."""
        data, dofs = self.data, self._velocities_at
        return JointState(data.qpos[self._positions_at], data.qvel[dofs], data.qfrc_actuator[dofs])

    @property
    def positions(self) -> Vector:
        """The arm's joint positions (7,) [rad]."""
        return np.array(self.data.qpos[self._positions_at[: len(JOINTS)]])

    @property
    def tcp_pose(self) -> Vector:
        """Measured pose (7,) of the TCP in the base frame, x y z [m] qx qy qz qw."""
        mujoco.mj_kinematics(self.model, self.data)  # bodies are where they were before the last step's motion
        body = self.data.body(TCP)
        return np.concatenate([body.xpos, body.xquat[[1, 2, 3, 0]]])

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the arm refuses to move, one sentence each; empty when it does not."""
        return self._errors

    @property
    def contact_force_n(self) -> float:
        """How hard the scene pushes the arm now."""
        return self._force.newtons

    @property
    def moving(self) -> bool:
        """Whether a trajectory is being followed."""
        return self._trajectory is not None

    def reset(self, positions: Vector | None = None, width_m: float = MAX_WIDTH_M) -> None:
        """Put the whole scene into its first state, the arm at `positions` (7,) and at rest, without errors."""
        now_s = self.time_s
        mujoco.mj_resetData(self.model, self.data)
        self.data.time = now_s
        self.data.qpos[self._positions_at[: len(JOINTS)]] = HOME if positions is None else positions
        self.gripper.rest(width_m)
        self.recover()
        mujoco.mj_forward(self.model, self.data)

    def recover(self) -> None:
        """Clear the errors and hold the present position."""
        self._errors: tuple[str, ...] = ()
        self._force.forget()
        self.halt()

    def halt(self) -> None:
        """Give up the trajectory and hold the present position."""
        self._trajectory: JointTrajectory | None = None
        self.data.ctrl[self._actuators] = self.positions

    def start(self, trajectory: JointTrajectory) -> None:
        """Follow `trajectory` from now on, instead of the one before; `advance` moves along.

        Where its first point is not at once, the arm moves smoothly there as it moves now.

        Raises PlanRejectedError when it breaks the joints' limits or starts elsewhere, MotionStoppedError while there
        are errors.
        """
        if self._errors:
            raise MotionStoppedError(Rejection.REFLEX, f"the arm has to be recovered first: {self._errors[0]}")
        self._check(trajectory)
        self._trajectory, self._step = self._from_here(trajectory), 0

    def advance(self, duration_s: float) -> None:
        """Simulate `duration_s`. Raises MotionStoppedError when a reflex stopped a motion; time has passed all the same."""
        reflex_before = self._errors
        for _ in range(round(duration_s / self.model.opt.timestep)):
            self._physics_step()
        if self._errors and not reflex_before:
            raise MotionStoppedError(Rejection.REFLEX, self._errors[0])

    def follow(
        self,
        trajectory: JointTrajectory,
        on_sample: Callable[[JointState], None] = lambda state: None,
        should_stop: StopCheck = never,
    ) -> bool:
        """Follow all of `trajectory`; `on_sample` and `should_stop` are called every SAMPLE_S.

        False when `should_stop` halted it. Raises what `start` and `advance` raise.
        """
        self.start(trajectory)
        while self.moving:
            if should_stop():
                self.halt()
                return False
            self.advance(SAMPLE_S)
            on_sample(self.joint_state)
        return True

    def _physics_step(self) -> None:
        dt_s = self.model.opt.timestep
        if self._trajectory is not None:
            self._step += 1
            position, velocity = self._trajectory.at(self._step * dt_s)
            if self._step * dt_s >= self._trajectory.duration_s:
                position, velocity, self._trajectory = self._trajectory.positions[-1], 0.0 * velocity, None
            self.data.ctrl[self._actuators] = position + self._lead_s * velocity
        self.gripper.step(dt_s)
        mujoco.mj_step(self.model, self.data)
        self._force.update(self.data)
        if self.contact_force_n > self._reflex_n and not self._errors:
            self.halt()
            self._errors = (
                f"a contact pushed the arm with {self.contact_force_n:.0f} N: clear the way, then recover it",
            )

    def _from_here(self, trajectory: JointTrajectory) -> JointTrajectory:
        if trajectory.times_s[0] == 0.0:
            return trajectory
        state, arm = self.joint_state, slice(len(JOINTS))
        here = (state.positions[arm], state.velocities[arm], np.zeros(len(JOINTS)))
        rows = (trajectory.positions, trajectory.velocities, trajectory.accelerations)
        return JointTrajectory(
            np.append(0.0, trajectory.times_s), *(np.vstack(pair) for pair in zip(here, rows, strict=True))
        )

    def _check(self, trajectory: JointTrajectory) -> None:
        if trajectory.positions.shape[1] != len(JOINTS):
            refuse(Rejection.WRONG_SHAPE, f"the arm has {len(JOINTS)} joints, not {trajectory.positions.shape[1]}")
        low, high = self.limits - [[LIMIT_TOLERANCE], [-LIMIT_TOLERANCE]]
        beyond = (trajectory.positions < low) | (trajectory.positions > high)
        _check_columns(beyond, Rejection.JOINT_LIMIT, "leaves its range")
        too_fast = np.abs(trajectory.velocities) > VELOCITY_LIMITS + LIMIT_TOLERANCE
        _check_columns(too_fast, Rejection.TOO_FAST, "is too fast")
        off_rad = float(np.abs(trajectory.positions[0] - self.positions).max())
        if off_rad > START_TOLERANCE_RAD:
            refuse(Rejection.JOINT_JUMP, f"its first point is {off_rad:.3f} rad away from the arm")


def _check_columns(broken: np.ndarray, code: Rejection, what: str) -> None:
    """`broken` (n, 7) must be false everywhere."""
    if broken.any():
        row, column = (int(index) for index in np.argwhere(broken)[0])
        refuse(code, f"{JOINTS[column]} {what} at point {row}")
