"""Pursues the openings that actions want with a gripper that blocks, stalls and does not like to be asked twice."""

from __future__ import annotations

import time
from typing import Any

from adapt_core.arm_settings import Arm
from adapt_core.gripping import GripperCommand, GripperIntent
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future

from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.drivers.gripper_messages import goal_of


class GripperClient:
    """One command at a time, the newest wanted one next. What fails is said in the log and not asked again.

    A command that takes longer than `timeout_s` is cancelled; a gripper that does not answer a cancel within `cancel_s` is
    waited for no longer. All in the thread that spins.
    """

    def __init__(self, node: Node, arm: Arm, names: ArmNames, timeout_s: float, cancel_s: float = 1.0) -> None:
        self._node, self._names = node, names
        self._timeout_s, self._cancel_s = timeout_s, cancel_s
        self._open_width_m = arm.gripper.open_width_m
        self._intent = GripperIntent(self._open_width_m)
        self._move, self._grasp = names.move.client(node), names.grasp.client(node)
        self._next: GripperCommand | None = None
        self._call: _Call | None = None

    @property
    def busy(self) -> bool:
        """A command is under way."""
        return self._call is not None

    def stands_at(self, width_m: float) -> None:
        """Forget what was wanted: the fingers are so far apart and nobody wants anything else."""
        self._next = None
        self._intent.stands_at(width_m)

    def want(self, opening: float) -> None:
        """An action wants the gripper so far open: 0 closed, 1 open."""
        if command := self._intent.want(opening):
            self._next = command
            if self._call is not None:
                self._call.cancel()
        self.check()

    def give_up(self) -> None:
        """Stop the fingers where they are; what they hold they hold."""
        self._next = None
        if self._call is not None:
            self._call.cancel()

    def check(self) -> None:
        """Go on; called again and again."""
        if self._call is not None:
            self._look_at(self._call)
        if self._call is None and self._next is not None:
            command, self._next = self._next, None
            self._send(command)

    def _look_at(self, call: _Call) -> None:
        if call.failure is not None:
            self._call = None
            if call.failure and not call.cancelled:
                self._say(call, call.failure)
        elif call.cancelled_s is not None and time.monotonic() - call.cancelled_s > self._cancel_s:
            self._call = None
        elif call.cancelled_s is None and time.monotonic() - call.started_s > self._timeout_s:
            self._say(call, f"it did not end within {self._timeout_s:g} s: is something in its way?")
            call.cancel()

    def _send(self, command: GripperCommand) -> None:
        client = self._grasp if command.force_n else self._move
        if not client.server_is_ready():
            self._node.get_logger().error(f"nobody serves {client._action_name}: start the gripper's driver")
            return
        self._call = _Call(client, goal_of(self._names, command, self._open_width_m), command)

    def _say(self, call: _Call, failure: str) -> None:
        what = "grasp" if call.command.force_n else f"go to {1000 * call.command.width_m:.0f} mm"
        self._node.get_logger().warning(f"the gripper did not {what}: {failure}")


class _Call:
    """One command under way. `failure` is None until it has ended, then empty or a sentence."""

    def __init__(self, client: ActionClient, goal: Any, command: GripperCommand) -> None:
        self.command = command
        self.started_s = time.monotonic()
        self.cancelled_s: float | None = None
        self.failure: str | None = None
        self._handle: Any = None
        client.send_goal_async(goal).add_done_callback(self._on_sent)

    @property
    def cancelled(self) -> bool:
        """Nobody waits for it any more."""
        return self.cancelled_s is not None

    def cancel(self) -> None:
        """Ask for its end; once is enough."""
        if self.cancelled_s is None:
            self.cancelled_s = time.monotonic()
            self._send_cancel()

    def _on_sent(self, sent: Future) -> None:
        self._handle = sent.result()
        if self._handle is None or not self._handle.accepted:
            self.failure = "its driver rejected the command: see its log"
            return
        self._handle.get_result_async().add_done_callback(self._on_result)
        if self.cancelled:
            self._send_cancel()

    def _on_result(self, answer: Future) -> None:
        result = answer.result().result
        self.failure = "" if result.success else result.error or "its driver says no more"

    def _send_cancel(self) -> None:
        if self._handle is not None and self._handle.accepted:
            self._handle.cancel_goal_async()
