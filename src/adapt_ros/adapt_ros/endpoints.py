"""What a name of the graph can be: a topic, a service or an action, each able to create its two ends on a node."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from rclpy.action import ActionClient, ActionServer
from rclpy.client import Client
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.service import Service
from rclpy.subscription import Subscription

from adapt_ros.serving import FEEDBACK, CoroutineNode, OneGoal, ServedGoal, serve, serve_action


def resolved(name: str, namespace: str) -> str:
    """`name` in `namespace`; relative to the node's own when `namespace` is empty."""
    return f"/{namespace.strip('/')}/{name}".replace("//", "/") if namespace else name


@dataclass(frozen=True)
class Topic:
    """A topic: its relative name, message type and the one QoS profile of both its ends."""

    name: str
    type: Any
    qos: QoSProfile

    def publisher(self, node: Node) -> Publisher:
        """A publisher in the node's namespace."""
        return node.create_publisher(self.type, self.name, self.qos)

    def subscription(self, node: Node, callback: Callable[[Any], Any], namespace: str = "") -> Subscription:
        """A subscription in `namespace`, or in the node's own. `callback(message)`."""
        return node.create_subscription(self.type, resolved(self.name, namespace), callback, self.qos)


@dataclass(frozen=True)
class ServiceName:
    """A service: its relative name and type."""

    name: str
    type: Any

    def server(self, node: CoroutineNode, callback: Callable[[Any, Any], Any]) -> Service:
        """A server in the node's namespace. `callback(request, response) -> response`, or a coroutine of that form."""
        return serve(node, self.type, self.name, callback)

    def client(self, node: Node, namespace: str = "") -> Client:
        """A client in `namespace`, or in the node's own."""
        return node.create_client(self.type, resolved(self.name, namespace))


@dataclass(frozen=True)
class ActionName:
    """An action: its relative name and type."""

    name: str
    type: Any

    def server(
        self,
        node: CoroutineNode,
        execute: Callable[[ServedGoal], Coroutine[Any, Any, Any]],
        *,
        accept: Callable[[Any], bool] = lambda _: True,
        cancel: Callable[[Any], None] = lambda _: None,
        one_goal: OneGoal | None = None,
    ) -> ActionServer:
        """A server in the node's namespace whose goals can always be cancelled.

        `execute(goal) -> result`, a coroutine; `accept(request)` False rejects a goal, and so does `one_goal` while
        another one is executed; `cancel(goal_handle)` hears of each cancel. They run in the executor's thread: none may block.
        """
        return serve_action(node, self.type, self.name, execute, accept, cancel, one_goal)

    def client(self, node: Node, namespace: str = "") -> ActionClient:
        """A client in `namespace`, or in the node's own."""
        return ActionClient(node, self.type, resolved(self.name, namespace), feedback_sub_qos_profile=FEEDBACK)
