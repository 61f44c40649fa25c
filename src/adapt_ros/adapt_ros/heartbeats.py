"""The heartbeats of a namespace, heard once for all who want to know."""

from __future__ import annotations

import time

from rclpy.node import Node

from adapt_interfaces.msg import Heartbeat
from adapt_ros.interfaces import HEARTBEAT


class Heartbeats:
    """When each node of `namespace` (the node's own when empty) was last heard."""

    def __init__(self, node: Node, namespace: str = "") -> None:
        self._last_s: dict[str, float] = {}
        self._subscription = HEARTBEAT.subscription(node, self._hear, namespace)

    def last_s(self, full_name: str) -> float | None:
        """Time of its last heartbeat by `time.monotonic()`; None when it was never heard."""
        return self._last_s.get(full_name)

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._last_s[heartbeat.node] = time.monotonic()
