"""The guard's status, published whenever it is another one."""

from __future__ import annotations

from rclpy.node import Node

from adapt_interfaces.msg import GuardStatus
from adapt_ros.convert import wall_time
from adapt_ros.interfaces import GUARD_STATUS
from adapt_ros.motion_gate import MotionGate


class GuardStatusTopic:
    """Remembers why the last chunk was refused or stopped."""

    def __init__(self, node: Node, gate: MotionGate) -> None:
        self._node = node
        self._gate = gate
        self._publisher = GUARD_STATUS.publisher(node)
        self._said: tuple[bool, bool, bool, str, str] | None = None
        self._code, self._message = "", ""

    def blame(self, code: str, message: str) -> None:
        """Remember a refusal or a stop."""
        self._code, self._message = code, message

    def say(self, moving: bool) -> None:
        """Publish what changed, if anything."""
        now = (self._gate.enabled, self._gate.stopped, moving, self._code, self._message)
        if now == self._said:
            return
        self._said = now
        enabled, stopped, _, code, message = now
        self._publisher.publish(
            GuardStatus(stamp=wall_time(), enabled=enabled, stopped=stopped, moving=moving, code=code, message=message)
        )

    def destroy(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)
