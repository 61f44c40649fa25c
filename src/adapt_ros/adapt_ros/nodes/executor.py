"""Turns action chunks into motion, behind the guard.

Cartesian and raw worlds execute a chunk themselves, so it is handed to the guard as it is. A joint robot's inverse
kinematics and trajectory belong here, before the guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapt_core.errors import PeerLostError
from adapt_core.safety import Rejection

from adapt_interfaces.action import ExecuteChunk
from adapt_ros import interfaces
from adapt_ros.chunk_call import ChunkCall
from adapt_ros.clients.peer import Peer
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.managed_node import ManagedNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal


@dataclass(frozen=True)
class ExecutorSettings(GraphSettings):
    """Parameters of the node."""

    guard_check_s: float = param(0.2, "how often to see whether the guard is alive while a chunk is executed")


class ExecutorNode(ManagedNode):
    """Serves `execute_chunk`, one goal at a time."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("executor", **node_arguments)
        self._settings = read_parameters(self, ExecutorSettings)
        self._call: ChunkCall | None = None
        self._lost: PeerLostError | None = None

    def configure(self) -> None:
        """Read the robot, create both ends."""
        self._robot = self._settings.load_robot()
        self._guard = Peer(self, "guard")
        self._client = interfaces.GUARD_EXECUTE_CHUNK.client(self)
        self._server = interfaces.EXECUTE_CHUNK.server(
            self, self._execute, one_goal=OneGoal(lambda: self.active), cancel=lambda _: self._cancel()
        )
        self._timer = self.steady_timer(self._settings.guard_check_s, self._check_guard)

    def deactivate(self) -> None:
        """Cancel what is being executed."""
        self._cancel()

    def cleanup(self) -> None:
        """Destroy both ends."""
        self._server.destroy()
        self._client.destroy()
        self.destroy_timer(self._timer)

    def _cancel(self) -> None:
        if self._call is not None:
            self._call.cancel()

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        try:
            result = await self._forward(goal_handle)
        finally:
            self._call = None
        if not result.code and goal_handle.is_cancel_requested:
            goal_handle.canceled()
        elif result.code:
            goal_handle.abort()
        else:
            goal_handle.succeed()
        return result

    async def _forward(self, goal_handle: Any) -> ExecuteChunk.Result:
        chunk, wanted = goal_handle.request.chunk, self._robot.action_space
        if chunk.space != wanted:
            return refusal(
                Rejection.WRONG_SPACE,
                f"{self._robot.name} executes {wanted} actions, these are {chunk.space or 'of no space'}: "
                "choose a preset whose inverse dynamics gives the robot's action_space",
            )
        if not self._client.server_is_ready():
            return refusal(Rejection.PEER_LOST, "the guard does not serve yet: wait, or see its log")
        self._lost = None
        self._guard.expect_from_now()
        self._call = ChunkCall(
            self._client,
            goal_handle.request,
            lambda sequences: goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=sequences)),
        )
        if goal_handle.is_cancel_requested:
            self._call.cancel()
        answer = await self._call.result()
        if answer is not None:
            return answer
        if self._lost is None:
            return refusal(Rejection.BUSY, "the guard is busy or not active and took no chunk: try again")
        return ExecuteChunk.Result(code=Rejection.PEER_LOST, message=str(self._lost), sequences=self._call.sequences)

    def _check_guard(self) -> None:
        if self._call is None:
            return
        try:
            self._guard.check()
        except PeerLostError as error:
            self._lost = error
            self._call.give_up()


def refusal(code: Rejection, message: str) -> ExecuteChunk.Result:
    """The result of a chunk that was not begun."""
    return ExecuteChunk.Result(code=code.value, message=message, rejected=True)


def main() -> None:
    """Entry point."""
    run_node(ExecutorNode)


if __name__ == "__main__":
    main()
