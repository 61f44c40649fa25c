"""Work for the thread that spins a node: rclpy's clients and timers want to be used there."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node


def post(node: Node, function: Callable[[], object]) -> bool:
    """Have `function` called by the node's executor; False when nobody spins the node any more."""
    executor = node.executor
    if executor is None or not executor.context.ok():
        return False
    executor.create_task(function)
    return True


def retire(node: Node, destroy: Callable[[], object]) -> None:
    """Have ends of the node destroyed where they are used; here, when nobody spins it any more."""
    if not post(node, destroy):
        destroy()
