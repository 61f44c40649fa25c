"""The node of an arm whose time passes in steps: simulated ones and mocks."""

from __future__ import annotations

import traceback
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapt_core.errors import AdaptError, MotionStoppedError
from adapt_core.tasks import load_suite

from adapt_interfaces.srv import ResetWorld
from adapt_ros import convert
from adapt_ros.arm_interfaces import RESET_SCENE
from adapt_ros.drivers.arm_scene import ArmScene
from adapt_ros.drivers.arm_server import ArmServer
from adapt_ros.drivers.scene_topics import SceneTopics
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters


@dataclass(frozen=True)
class SteppedArmSettings(GraphSettings):
    """Parameters of the node."""

    pace: float = param(
        0.0, "1: real time, always; 0: time passes while something is commanded only, as fast as can be"
    )
    image_every: int = param(0, "control steps from one image to the next; 0: a quarter of the time of an action")
    republish_s: float = param(0.5, "how often everything is said again while time stands still")


class SteppedArmNode(AdaptNode):
    """All that concerns the scene happens in the one worker thread: an OpenGL context belongs to one thread."""

    def __init__(self, name: str, **node_arguments: Any) -> None:
        super().__init__(name, **node_arguments)
        self.settings = read_parameters(self, SteppedArmSettings)
        self.robot = self.settings.load_robot()
        self._image_every = self.settings.image_every or max(1, self.robot.frame_skip // 4)
        self._topics = SceneTopics(self, self.robot)
        self._now_s = 0.0
        self._steps = 0  # since a motion began
        self._moving = False
        self._stepping = False

    @abstractmethod
    def make_scene(self) -> ArmScene:
        """Called once, in the worker. Raises ConfigError."""

    def begin(self) -> None:
        """Lay the scene of the first task, then serve the arm in it."""
        self.scene = self.first_in_worker(self._make_scene)
        namespace = self.settings.drivers
        self._server = ArmServer(self, self.robot, self.scene.arm, namespace, on_command=self._go_on)
        self._reset_server = RESET_SCENE.server(self, self._reset)
        self.submit(self._say_all)
        if self.settings.pace > 0:
            self.steady_timer(self.robot.control_period_s / self.settings.pace, self._tick)
        else:
            self.steady_timer(self.settings.republish_s, self._tick_standing)
        self.get_logger().info(f"serving {self.robot.name} at pace {self.settings.pace:g}")

    def stop(self) -> None:
        """Release the renderer in its own thread."""
        super().stop()
        self.submit(self.scene.close)

    def _tick(self) -> None:
        if not self.busy:  # else it is late: time passes more slowly then
            self.submit(self._step)

    def _tick_standing(self) -> None:
        if not self.busy:
            self.submit(self._say_again)

    async def _reset(self, request: ResetWorld.Request, response: ResetWorld.Response) -> ResetWorld.Response:
        try:
            stamp_s = await self.in_worker(self._lay, request.task_id, request.seed)
        except AdaptError as error:
            response.message = str(error)
            return response
        response.observation.header.stamp = convert.to_time(stamp_s)
        response.success = True
        return response

    # From here on in the worker's thread.

    def _make_scene(self) -> ArmScene:
        scene = self.make_scene()
        scene.lay(next(iter(load_suite(self.robot.suite))), 0)
        return scene

    def _lay(self, task_id: str, seed: int) -> float:
        """The time of the new scene."""
        self.scene.lay(task_id, seed)
        self._server.hardware = self.scene.arm
        self._now_s += self.robot.control_period_s
        self._moving = False
        self._say_all()
        return self._now_s

    def _go_on(self) -> None:
        """Something was commanded."""
        self._server.report(self._now_s)
        if not self._stepping and self.settings.pace == 0 and self._commanded:
            self._stepping = True
            self.submit(self._run)

    @property
    def _commanded(self) -> bool:
        return self.scene.arm.moving or self.scene.arm.gripper.busy

    def _run(self) -> None:
        """One step, then another one after whatever waits."""
        self._step()
        self._stepping = self._commanded and not self.should_stop()
        if self._stepping:
            self.submit(self._run)

    def _step(self) -> None:
        try:
            self._advance()
        except Exception:  # who waits for joint states notices
            self.get_logger().error(traceback.format_exc())

    def _advance(self) -> None:
        began = self.scene.arm.moving and not self._moving
        self._steps = 1 if began else self._steps + 1
        with suppress(MotionStoppedError):  # `report` says it
            self.scene.advance(self.robot.control_period_s)
        self._now_s += self.robot.control_period_s
        ended = (began or self._moving) and not self.scene.arm.moving
        self._moving = self.scene.arm.moving
        self._say_joints()
        if ended or self._steps % self._image_every == 0:
            self._say_scene()

    def _say_joints(self) -> None:
        self._topics.say_time(self._now_s)
        self._server.report(self._now_s)

    def _say_scene(self) -> None:
        self._topics.say_scene(self._now_s, self.scene.success, self.scene.image)

    def _say_all(self) -> None:
        self._say_joints()
        self._say_scene()

    def _say_again(self) -> None:
        if not self._stepping:
            self._say_all()
