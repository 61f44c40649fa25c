"""What `drivers` use of panda-python, without a robot: hand it in where the library is wanted."""

from __future__ import annotations

import threading
from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np
from adapt_core.types import Vector

# As of libfranka.
RobotMode = Enum("RobotMode", {"kIdle": 1, "kMove": 2, "kGuiding": 3, "kReflex": 4, "kUserStopped": 5})


class FakeController:
    """Writes down the set points."""

    def __init__(self, robot: FakeRobot) -> None:
        self._robot = robot

    def set_control(self, position: Vector, velocity: Vector) -> None:
        self._robot.obey(self, np.array(position), np.array(velocity))


class FakeRobot:
    """Is where its controller was told last. Tests spoil it: `fail`, `mode`, `silent`, `stays`."""

    def __init__(self, home: Vector) -> None:
        self.q, self.dq = np.array(home), np.zeros(len(home))
        self.told: list[Vector] = []
        self.mode = RobotMode.kIdle
        self.silent = False
        self.stays = False  # the errors, when it is asked to recover
        self.controller: FakeController | None = None
        self.recovered = 0
        self._error = ""

    def fail(self, what: str, mode: RobotMode = RobotMode.kReflex) -> None:
        """End the control, as the robot does at a contact."""
        self._error, self.mode, self.dq = what, mode, 0 * self.dq

    def obey(self, controller: FakeController, position: Vector, velocity: Vector) -> None:
        if controller is self.controller and self.mode is RobotMode.kMove:
            self.q, self.dq = position, velocity
            self.told.append(position)

    def get_state(self) -> Any:
        if self.silent:
            raise RuntimeError("libfranka: UDP receive: Timeout")
        zeros = [0.0] * len(self.q)
        errors = "[]" if self.mode is not RobotMode.kReflex else '["joint_reflex"]'
        return SimpleNamespace(
            q=self.q.tolist(), dq=self.dq.tolist(), tau_J=zeros, robot_mode=self.mode, current_errors=errors
        )

    def start_controller(self, controller: FakeController) -> None:
        self.recover()
        self.controller, self.mode = controller, RobotMode.kMove

    def stop_controller(self) -> None:
        self.controller = None
        if self.mode is RobotMode.kMove:
            self.mode = RobotMode.kIdle

    def raise_error(self) -> None:
        error, self._error = self._error, ""
        if error:
            raise RuntimeError(error)

    def recover(self) -> None:
        self.recovered += self.mode is RobotMode.kReflex
        if self.mode is RobotMode.kReflex and not self.stays:
            self.mode = RobotMode.kIdle

    def set_default_behavior(self) -> None:
        self.recover()


class FakeGripper:
    """Its calls block until they are let go: `arrive`, or `stop`. `commands` are those that were begun."""

    def __init__(self) -> None:
        self.width, self.commands = 0.08, list[tuple[Any, ...]]()
        self.blocks = False
        self._end = threading.Event()
        self._stopped = False

    def read_once(self) -> Any:
        return SimpleNamespace(width=self.width)

    def move(self, width: float, speed: float) -> bool:
        return self._pursue(("move", width, speed), width)

    def grasp(self, width: float, speed: float, force: float, epsilon_inner: float, epsilon_outer: float) -> bool:
        return self._pursue(("grasp", width, speed, force), width)

    def stop(self) -> bool:
        self._stopped = True
        self._end.set()
        return True

    def arrive(self) -> None:
        """Let what blocks end as wanted."""
        self._end.set()

    def _pursue(self, command: tuple[Any, ...], width: float) -> bool:
        self._end.clear()
        self._stopped = False
        self.commands.append(command)
        if self.blocks and not self._end.wait(10.0):
            return False
        if self._stopped:
            raise RuntimeError("libfranka gripper: Command was aborted")
        self.width = width
        return True


def fake_panda_library(home: Vector) -> Any:
    """A stand-in for the package panda_py; `robot` and `hand` are what its Panda and Gripper are."""
    robot, hand = FakeRobot(home), FakeGripper()

    def connected(thing: Any) -> Any:
        def connect(host: str) -> Any:
            if host == "nowhere":
                raise RuntimeError("libfranka: Connection timeout")
            return thing

        return connect

    libfranka = SimpleNamespace(Gripper=connected(hand), RobotMode=RobotMode)
    controllers = SimpleNamespace(JointPosition=lambda: FakeController(robot))
    return SimpleNamespace(Panda=connected(robot), libfranka=libfranka, controllers=controllers, robot=robot, hand=hand)
