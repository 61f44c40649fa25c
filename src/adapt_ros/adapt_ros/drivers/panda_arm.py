"""A real Panda, by panda-python: joint trajectories, errors and recovery."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from adapt_core.arm_settings import Arm
from adapt_core.errors import ConfigError, MotionStoppedError, PeerLostError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.braking import brake
from adapt_core.kinematics.joint_state import JointState
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.safety import Rejection, refuse
from adapt_core.types import Vector
from numpy.typing import NDArray

from adapt_ros.drivers.panda_gripper import PandaGripper

PERIOD_S = 0.002  # between two set points; the library's controller makes torques of them every millisecond
START_RAD = 0.02  # between the arm and a trajectory's first point
LATE_S = 0.1  # a set point so late means that this computer stood still: brake rather than jump


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
        self._follower: _Follower | None = None
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
            (state.robot_mode == modes.kReflex, f"a reflex stopped it ({state.current_errors}): clear its way, recover"),
            (bool(self._failure), f"its motion was ended: {self._failure}; clear its way, then recover it"),
        )
        return tuple(sentence for holds, sentence in told if holds)

    def start(self, trajectory: JointTrajectory) -> None:
        """Raises PlanRejectedError (WRONG_START, JOINT_LIMIT, TOO_FAST), MotionStoppedError while there are errors."""
        if errors := self.errors:
            raise MotionStoppedError(Rejection.REFLEX, errors[0])
        if self.moving and self._follower is not None:
            positions, velocities = self._follower.now()
        else:
            positions, velocities = np.array(self._read().q), np.zeros(len(self._arm.joints))
        whole = _from_now(trajectory, positions, velocities)
        self._limits.check(whole)
        off = float(np.abs(whole.positions[0] - positions).max())
        if off > START_RAD:
            refuse(Rejection.WRONG_START, f"the motion begins {off:.3f} rad away from the arm: imagine again")
        self._follow(whole)

    def halt(self) -> None:
        """Brake at the full acceleration, then hold."""
        if self.moving and self._follower is not None:
            positions, velocities = self._follower.now()
            self._follow(_from_now(brake(positions, velocities, self._limits), positions, velocities))

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
        self._follower = _Follower(controller, trajectory, self._limits)
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


class _Follower(threading.Thread):
    """Tells a controller where the joints shall be, from when it is started to the end of the trajectory."""

    def __init__(self, controller: Any, trajectory: JointTrajectory, limits: MotionLimits) -> None:
        super().__init__(name="panda_follower", daemon=True)
        self._controller, self._limits = controller, limits
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.replace(trajectory)

    def replace(self, trajectory: JointTrajectory) -> None:
        """Follow this one from now on."""
        with self._lock:
            self._trajectory, self._began_s = trajectory, time.monotonic()
            self._told_s = self._began_s

    def now(self) -> tuple[Vector, Vector]:
        """Where the joints shall be now, and how fast."""
        with self._lock:
            return self._trajectory.at(time.monotonic() - self._began_s)

    def end(self) -> None:
        """Tell no more, and wait until that is so."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.is_set() and self._tell():
            time.sleep(PERIOD_S)

    def _tell(self) -> bool:
        """One set point; whether there are more."""
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._told_s > LATE_S:
                self._brake(now_s)
            self._told_s = now_s
            time_s = now_s - self._began_s
            positions, velocities = self._trajectory.at(time_s)
            last = time_s >= self._trajectory.duration_s
        self._controller.set_control(positions, np.zeros_like(velocities) if last else velocities)
        return not last

    def _brake(self, now_s: float) -> None:
        """Go on from the set point told last, and come to rest."""
        positions, velocities = self._trajectory.at(self._told_s - self._began_s)
        self._trajectory = _from_now(brake(positions, velocities, self._limits), positions, velocities)
        self._began_s = now_s


def _from_now(trajectory: JointTrajectory, positions: Vector, velocities: Vector) -> JointTrajectory:
    """A trajectory whose first point lies later begins with the arm as it is now."""
    if trajectory.times_s[0] == 0.0:
        return trajectory

    def after(row: Vector, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.vstack([row, rows])

    return JointTrajectory(
        np.append(0.0, trajectory.times_s),
        after(positions, trajectory.positions),
        after(velocities, trajectory.velocities),
        after(trajectory.accelerations[0], trajectory.accelerations),
    )
