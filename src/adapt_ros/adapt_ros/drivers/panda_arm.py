"""A real Panda, by panda-python: joint trajectories, errors and recovery."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapt_core.arm_settings import Arm
from adapt_core.errors import ConfigError, MotionStoppedError, PeerLostError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.joint_state import JointState
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.safety import Rejection, refuse

from adapt_ros.drivers.panda_gripper import PandaGripper
from adapt_ros.drivers.trajectory_follower import TrajectoryFollower, braking

START_RAD = 0.02  # between the arm and a trajectory's first point


class PandaArm:
    """See ArmHardware. A joint impedance controller runs while a trajectory is followed, and only then.

    The library recovers the robot whenever a controller starts; here nothing starts before `recover` was called.
    """

    def __init__(self, library: Any, host: str, arm: Arm) -> None:
        """Connect to the robot's control at `host`. Raises ConfigError when it cannot be reached or refuses."""
        self._library, self._arm = library, arm
        self._limits = MotionLimits.of(arm)
        try:
            self._panda = library.Panda(host)
            self.gripper = PandaGripper(library.libfranka.Gripper(host), arm.gripper.open_width_m)
        except RuntimeError as error:
            raise ConfigError(
                f"no connection to the robot at {host} ({error}): is it on, are the brakes open and FCI active in Desk, "
                "and is host under arm.hardware of its YAML right?"
            ) from error
        self._failure = ""  # why the last motion ended by itself, until recovered
        self._follower: TrajectoryFollower | None = None
        self._state: Any = None
        if not self.errors:
            self._panda.set_default_behavior()  # whatever thresholds the last program left

    @property
    def joint_state(self) -> JointState:
        """Measured. Raises PeerLostError when the robot does not answer."""
        state = self._read()
        if not self.moving:  # reading the hand would hold up the set points for some hundredths of a second
            self.gripper.measure()
        finger_m = self.gripper.width_m / 2
        positions = np.append(np.array(state.q), [finger_m, finger_m])
        return JointState(positions, np.append(state.dq, [0.0, 0.0]), np.append(state.tau_J, [0.0, 0.0]))

    @property
    def moving(self) -> bool:
        """A trajectory is followed, or braked; notices when the robot has ended it."""
        follower = self._follower
        if follower is None:
            return False
        self._notice_failure()
        if follower.is_alive() and not self._failure:
            return True
        follower.end()
        self._panda.stop_controller()
        self._follower = None
        return False

    @property
    def errors(self) -> tuple[str, ...]:
        """What the robot says, and what ended the last motion."""
        state = self._read()
        modes = self._library.libfranka.RobotMode
        told = (
            (state.robot_mode == modes.kUserStopped, "the stop button is pressed: release it, then recover the arm"),
            (state.robot_mode == modes.kGuiding, "the arm is being guided by hand: let it go"),
            (
                state.robot_mode == modes.kReflex,
                f"a reflex stopped it ({state.current_errors}): clear its way, recover",
            ),
            (bool(self._failure), f"its motion was ended: {self._failure}; clear its way, then recover it"),
        )
        return tuple(sentence for holds, sentence in told if holds)

    def start(self, trajectory: JointTrajectory) -> None:
        """Follow `trajectory`, or brake where it is a single point.

        Raises PlanRejectedError (WRONG_START, JOINT_LIMIT, TOO_FAST), MotionStoppedError while there are errors.
        """
        if errors := self.errors:
            raise MotionStoppedError(Rejection.REFLEX, errors[0])
        if len(trajectory.times_s) == 1:
            self.halt()
            return
        self._limits.check(trajectory)
        moving = self._follower if self.moving else None
        positions = moving.now()[0] if moving is not None else np.array(self._read().q)
        off = float(np.abs(trajectory.positions[0] - positions).max())
        if off > START_RAD:
            refuse(Rejection.WRONG_START, f"the motion begins {off:.3f} rad away from the arm: imagine again")
        self._follow(trajectory)

    def halt(self) -> None:
        """Brake at the full acceleration, then hold."""
        if self.moving and self._follower is not None:
            self._follower.replace(braking(*self._follower.now(), self._limits))

    def recover(self) -> None:
        """Raises MotionStoppedError when the errors stay."""
        self._halt_at_once()
        self._failure = ""
        try:
            self._panda.recover()
        except RuntimeError as error:
            raise MotionStoppedError(Rejection.REFLEX, f"the robot cannot recover: {error}") from error
        if errors := self.errors:
            raise MotionStoppedError(Rejection.REFLEX, errors[0])
        self._panda.set_default_behavior()

    def close(self) -> None:
        """End the control of the robot."""
        self._halt_at_once()
        self.gripper.close()

    def _halt_at_once(self) -> None:
        if self._follower is not None:
            self._follower.end()
            self._panda.stop_controller()
            self._follower = None

    def _follow(self, trajectory: JointTrajectory) -> None:
        if self._follower is not None:
            self._follower.replace(trajectory)
            return
        controller = self._library.controllers.JointPosition()
        try:
            self._panda.start_controller(controller)
        except RuntimeError as error:
            raise MotionStoppedError(Rejection.REFLEX, f"the robot does not take control: {error}") from error
        self._follower = TrajectoryFollower(controller, trajectory, self._limits)
        self._follower.start()

    def _read(self) -> Any:
        try:
            self._state = self._panda.get_state()
        except RuntimeError as error:
            raise PeerLostError(f"the robot does not answer ({error}): look at its cable, then start again") from error
        return self._state

    def _notice_failure(self) -> None:
        """The library keeps what ended its controller until it is asked, once."""
        try:
            self._panda.raise_error()
        except RuntimeError as error:
            self._failure = str(error)
