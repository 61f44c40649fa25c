"""What the panel hears from a running graph about the robot, and asks of it: signals on one side, ROS on the other."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from adapt_core.errors import ImageError
from adapt_ros.convert import from_video_plan
from adapt_ros.endpoints import ServiceName
from adapt_ros.interfaces import (
    APPROVE_MOTION,
    CONFIRM_SCENE,
    GUARD_STATUS,
    MOTION_PREVIEW,
    RECOVER,
    RESET_STOP,
    SCENE_REQUEST,
    STOP,
    WEIGHTS_VERSION,
)
from python_qt_binding.QtCore import QObject, Signal
from rclpy.node import Node

from adapt_interfaces import msg
from adapt_rqt.calls import ServiceCall
from adapt_rqt.lease import PanelLease
from adapt_rqt.posting import retire
from adapt_rqt.values import GuardState, Preview, Scene

GUARD, ROBOT = "guard", "arm_driver"


class RobotLink(QObject):
    """Its node is spun by somebody else. Signals arrive in Qt's thread."""

    guard = Signal(object)  # GuardState
    weights = Signal(str)  # version that the planner serves
    preview = Signal(object)  # Preview, or None when nothing waits for approval
    scene = Signal(object)  # Scene
    said = Signal(str)  # one sentence for the operator

    def __init__(self, node: Node, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self.lease = PanelLease(node, self)
        self.lease.refused.connect(self.said)
        self._calls = {
            service.name: ServiceCall(node, service, server, self)
            for service, server in (
                (STOP, GUARD),
                (RESET_STOP, GUARD),
                (APPROVE_MOTION, GUARD),
                (RECOVER, ROBOT),
                (CONFIRM_SCENE, ROBOT),
            )
        }
        self._subscriptions = [
            GUARD_STATUS.subscription(node, self._on_guard),
            WEIGHTS_VERSION.subscription(node, lambda message: self.weights.emit(message.version)),
            MOTION_PREVIEW.subscription(node, self._on_preview),
            SCENE_REQUEST.subscription(node, self._on_scene),
        ]

    @property
    def ready(self) -> bool:
        """The guard serves."""
        return self._calls[STOP.name].ready

    def stop(self) -> None:
        """Stop, and hold still until `reset_stop`; the lease is given back as well, whether anybody answers or not."""
        self.lease.give_back()
        self._call(STOP)

    def reset_stop(self) -> None:
        """Undo the stop. Motion must then be enabled again."""
        self._call(RESET_STOP)

    def recover(self) -> None:
        """Have the arm clear its errors after a reflex."""
        self._call(RECOVER)

    def answer(self, plan_hash: str, approve: bool, operator: str) -> None:
        """Approve or reject the motion that waits."""
        done = "Approved: the robot moves." if approve else "Rejected: the robot does not do that."
        self._call(APPROVE_MOTION, done, plan_hash=plan_hash, approve=approve, operator_name=operator)

    def confirm_scene(self, number: int, operator: str) -> None:
        """The scene is ready: its episode may begin."""
        self._call(CONFIRM_SCENE, "The episode begins.", number=number, operator_name=operator)

    def close(self) -> None:
        """Give the lease back, destroy all ends; the node stays."""
        self.lease.close()
        for subscription in self._subscriptions:
            retire(self._node, partial(self._node.destroy_subscription, subscription))
        for call in self._calls.values():
            call.destroy()

    def _call(self, service: ServiceName, done: str = "", **request: Any) -> None:
        failed = partial(self._failed, service.name)
        self._calls[service.name].call(partial(self._done, service.name, done), failed, **request)

    def _done(self, name: str, done: str, response: Any) -> None:
        if response.success:
            self.said.emit(done or response.message)
        else:
            self._failed(name, response.message)

    def _failed(self, name: str, why: str) -> None:
        self.said.emit(f"{name} failed: {why}")

    def _on_guard(self, status: msg.GuardStatus) -> None:
        self.guard.emit(GuardState(status.enabled, status.stopped, status.moving, status.code, status.message))

    def _on_scene(self, request: msg.SceneRequest) -> None:
        self.scene.emit(Scene(request.number, request.task_id, request.waiting))

    def _on_preview(self, message: msg.MotionPreview) -> None:
        if not message.plan_hash:
            self.preview.emit(None)
            return
        try:
            frames = from_video_plan(message.plan).frames
        except ImageError:  # the guard did not hear of them
            frames = np.empty((0, 1, 1, 3), np.uint8)
        duration_s = message.reached_s[-1] if message.reached_s else 0.0
        prompt = message.plan.prior_prompt or message.plan.in_domain_prompt
        self.preview.emit(Preview(message.plan_hash, prompt, frames, len(message.reached_s), duration_s))
