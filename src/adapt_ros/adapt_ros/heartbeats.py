"""The heartbeats of a node, heard once for all who want to know."""

from __future__ import annotations

import time

from rclpy.node import Node

from adapt_interfaces.msg import Heartbeat
from adapt_ros.interfaces import heartbeat


class Heartbeats:
    """When the node `full_name` was last heard."""

    def __init__(self, node: Node, full_name: str) -> None:
        self.last_s: float | None = None  # by `time.monotonic()`; None when it was never heard
        self._subscription = heartbeat(full_name).subscription(node, self._hear)

    def _hear(self, _: Heartbeat) -> None:
        self.last_s = time.monotonic()
