"""An arm without physics, which goes exactly where it is told."""

from __future__ import annotations

import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.joint_state import JointState
from adapt_core.robots import Robot
from adapt_core.safety import Rejection
from adapt_core.safety.rejection import refuse
from adapt_core.tasks import load_suite
from adapt_core.types import Image, Vector

from adapt_ros.drivers.arm_hardware import ArmHardware

START_RAD = 0.05  # between the arm and a trajectory's first point
SOLVED_X_M = 0.6  # a task is done once the hand is beyond
DOT = 4  # pixels from the middle of the dot to its edge


class MockGripper:
    """See GripperHardware. It goes where it is told at the speed it is told, and grasps the air."""

    def __init__(self, open_width_m: float) -> None:
        self._open_width_m = self.width_m = self._target_m = open_width_m
        self._speed_m_s = 0.0
        self.busy, self.succeeded = False, True

    def move(self, width_m: float, speed_m_s: float) -> None:
        """Raises PlanRejectedError."""
        self._command(width_m, speed_m_s)

    def grasp(self, width_m: float, speed_m_s: float, force_n: float, inner_m: float, outer_m: float) -> None:
        """Raises PlanRejectedError."""
        self._command(width_m, speed_m_s)

    def stop(self) -> None:
        """Stay."""
        self.busy = False

    def step(self, duration_s: float) -> None:
        """Go on for so long."""
        most_m = self._speed_m_s * duration_s
        self.width_m += float(np.clip(self._target_m - self.width_m, -most_m, most_m))
        if self.busy and self.width_m == self._target_m:
            self.busy, self.succeeded = False, True

    def _command(self, width_m: float, speed_m_s: float) -> None:
        if not 0.0 <= width_m <= self._open_width_m:
            allowed = f"0 to {self._open_width_m:g} m"
            refuse(Rejection.OUTSIDE_LIMITS, f"the gripper takes a width of {allowed}, not {width_m:g}")
        if not speed_m_s > 0:
            refuse(Rejection.OUTSIDE_LIMITS, f"the gripper takes a speed above 0 m/s, not {speed_m_s:g}")
        self._target_m, self._speed_m_s = width_m, speed_m_s
        self.busy, self.succeeded = True, False


class MockArm:
    """See ArmHardware. It has no errors but those that somebody sets."""

    def __init__(self, home: Vector, open_width_m: float) -> None:
        self.gripper = MockGripper(open_width_m)
        self.errors: tuple[str, ...] = ()
        self._positions, self._velocities = home, np.zeros_like(home)
        self._trajectory: JointTrajectory | None = None
        self._elapsed_s = 0.0

    @property
    def joint_state(self) -> JointState:
        """Exactly on the trajectory."""
        fingers = np.full(2, self.gripper.width_m / 2)
        positions = np.append(self._positions, fingers)
        return JointState(positions, np.append(self._velocities, np.zeros(2)), np.zeros_like(positions))

    @property
    def positions(self) -> Vector:
        """The arm's joints (j,) [rad]."""
        return self._positions

    @property
    def moving(self) -> bool:
        """On a trajectory."""
        return self._trajectory is not None

    def start(self, trajectory: JointTrajectory) -> None:
        """Raises PlanRejectedError when it begins elsewhere."""
        off_rad = float(np.abs(trajectory.positions[0] - self._positions).max())
        if off_rad > START_RAD:
            refuse(Rejection.JOINT_JUMP, f"its first point is {off_rad:.3f} rad away from the arm")
        self._trajectory, self._elapsed_s = trajectory, 0.0

    def halt(self) -> None:
        """At once."""
        self._trajectory, self._velocities = None, np.zeros_like(self._velocities)

    def recover(self) -> None:
        """Forget the errors."""
        self.errors = ()

    def step(self, duration_s: float) -> None:
        """Go on for so long."""
        self.gripper.step(duration_s)
        if self._trajectory is None:
            return
        self._elapsed_s += duration_s
        self._positions, self._velocities = self._trajectory.at(self._elapsed_s)
        if self._elapsed_s >= self._trajectory.duration_s - 1e-9:
            self.halt()


class MockScene:
    """See ArmScene: the arm, and a picture of where its hand is. Knows every task of the robot's suite."""

    def __init__(self, robot: Robot) -> None:
        """Raises ConfigError for a robot without an arm."""
        self._model = ArmModel.of(robot)
        self._robot = robot
        self._tasks = load_suite(robot.suite)
        self._arm = self._arm_at_home()

    @property
    def arm(self) -> ArmHardware:
        """The arm; another one after another `lay`."""
        return self._arm

    @property
    def success(self) -> bool:
        """The hand is beyond SOLVED_X_M."""
        return bool(self._hand[0] > SOLVED_X_M)

    def lay(self, task_id: str, seed: int) -> None:
        """Raises UnknownTaskError."""
        if task_id not in self._tasks:
            raise UnknownTaskError(f"no task '{task_id}'; there are: {', '.join(self._tasks)}")
        self._arm = self._arm_at_home()

    def advance(self, duration_s: float) -> None:
        """Time passes."""
        self._arm.step(duration_s)

    def image(self) -> Image:
        """A dot, seen from above: x of the hand to the right, y up."""
        camera = self._robot.camera
        image = np.full((camera.height, camera.width, 3), 40, np.uint8)  # (h, w, 3)
        x, y = self._hand[:2]
        column, row = int(x * (camera.width - 1)), int((0.5 - y) * (camera.height - 1))
        image[max(row - DOT, 0) : max(row + DOT, 0), max(column - DOT, 0) : max(column + DOT, 0)] = (230, 120, 30)
        return image

    def close(self) -> None:
        """Nothing to release."""

    @property
    def _hand(self) -> Vector:
        return self._model.forward(self._arm.positions)

    def _arm_at_home(self) -> MockArm:
        return MockArm(self._model.home, self._model.settings.gripper.open_width_m)
