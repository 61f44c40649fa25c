"""Which nodes are there: seen in the ROS graph, and alive by their heartbeats; for programs that are no node."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

import rclpy
from rclpy.context import Context

from adapt_interfaces.msg import Heartbeat
from adapt_ros.interfaces import heartbeat
from adapt_ros.spinning import SpinningThread


class Presence:
    """Sees nodes, and hears those `watched`, by their full names; from `with` to the end of its block.

    It has a ROS context of its own.
    """

    def __init__(self, watched: Iterable[str] = ()) -> None:
        self._context = Context()
        rclpy.init(args=[], context=self._context, signal_handler_options=rclpy.SignalHandlerOptions.NO)
        # "_" hides it from the lists that people look at
        self._node = rclpy.create_node("_presence", context=self._context, start_parameter_services=False)
        self._alive: set[str] = set()
        self._subscriptions = [heartbeat(name).subscription(self._node, self._hear) for name in watched]
        self._spinning = SpinningThread(self._context, "presence")

    def __enter__(self) -> Presence:
        self._spinning.start(self._node)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._spinning.stop()
        self._node.destroy_node()
        self._context.try_shutdown()

    def nodes_in(self, namespace: str) -> list[str]:
        """Names of the nodes discovered so far in `namespace`."""
        return sorted(
            name
            for name, where in self._node.get_node_names_and_namespaces()
            if where.rstrip("/") == namespace.rstrip("/") and not name.startswith("_")
        )

    def alive(self) -> set[str]:
        """Fully qualified names of the nodes whose heartbeat was heard."""
        return set(self._alive)

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._alive.add(heartbeat.node)
