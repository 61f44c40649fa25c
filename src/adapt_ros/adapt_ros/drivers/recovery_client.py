"""Recovers an arm after a reflex, whatever its driver calls that."""

from __future__ import annotations

from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.node import Node

from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.coroutines import Arrival, arrival_of
from adapt_ros.endpoints import ActionName


class RecoveryClient:
    """In the thread that spins."""

    def __init__(self, node: Node, names: ArmNames) -> None:
        self._name = names.recovery
        self._client: Any = names.recovery.client(node)

    async def recover(self) -> str:
        """Why it could not be done; empty when it was."""
        by_action = isinstance(self._name, ActionName)
        ready = self._client.server_is_ready() if by_action else self._client.service_is_ready()
        if not ready:
            return f"nobody serves {self._name.name}: start the arm's driver"
        return await (self._by_action() if by_action else self._by_service())

    async def _by_action(self) -> str:
        handle = await arrival_of(self._client.send_goal_async(self._name.type.Goal()))
        if not handle.accepted:
            return "the arm's driver rejected the recovery: see its log"
        answer = await arrival_of(handle.get_result_async())
        done = answer.status == GoalStatus.STATUS_SUCCEEDED
        return "" if done else "the arm's driver could not recover it: see its log"

    async def _by_service(self) -> str:
        sent: Arrival[Any] = arrival_of(self._client.call_async(self._name.type.Request()))
        response = await sent
        said = getattr(response, "error", None) or getattr(response, "message", None)
        return "" if response.success else said or "the arm's driver could not recover it: see its log"
