"""Turns action chunks into motion, before the guard.

Cartesian and raw worlds execute a chunk themselves, so it is handed to the guard as it is. For an arm of joints a chunk
becomes one motion first, see `arm_motions`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapt_core.errors import PeerLostError, PlanRejectedError
from adapt_core.graph_options import MotionBackend
from adapt_core.safety import Rejection, refuse
from std_srvs.srv import Trigger

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import ActionChunk
from adapt_ros import interfaces
from adapt_ros.chunk_call import ChunkCall
from adapt_ros.clients.peer import Peer
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.managed_node import ManagedNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal

if TYPE_CHECKING:
    from adapt_ros.arm_motions import ArmMotions


@dataclass(frozen=True)
class ExecutorSettings(GraphSettings):
    """Parameters of the node."""

    executor: MotionBackend = param(  # noqa: RUF009 - a field
        MotionBackend.KINEMATIC, "who finds the motions of an arm: kinematic or moveit"
    )
    guard_check_s: float = param(0.2, "how often to see whether the guard is alive while a chunk is executed")


class ExecutorNode(ManagedNode):
    """Serves `execute_chunk`, one goal at a time."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("executor", **node_arguments)
        self._settings = read_parameters(self, ExecutorSettings)
        self._call: ChunkCall | None = None
        self._lost: PeerLostError | None = None
        self._cancelled = False

    def configure(self) -> None:
        """Read the robot, create all ends."""
        self._robot = self._settings.load_robot()
        self._motions = self._arm_motions()
        self._guard = Peer(self, "guard")
        self._client = interfaces.GUARD_EXECUTE_CHUNK.client(self)
        self._one_goal = OneGoal(lambda: self.active)
        self._server = interfaces.EXECUTE_CHUNK.server(
            self, self._execute, one_goal=self._one_goal, cancel=lambda _: self._cancel()
        )
        self._home = interfaces.GO_HOME.server(self, self._go_home)
        self._timer = self.steady_timer(self._settings.guard_check_s, self._check_guard)

    def deactivate(self) -> None:
        """Cancel what is being executed."""
        self._cancel()

    def cleanup(self) -> None:
        """Destroy all ends."""
        self._server.destroy()
        self._client.destroy()
        self.destroy_service(self._home)
        self.destroy_timer(self._timer)
        if self._motions is not None:
            self._motions.destroy()

    def _arm_motions(self) -> ArmMotions | None:
        """None for a robot without joints."""
        if self._robot.arm is None:
            return None
        from adapt_ros.arm_motions import ArmMotions  # imports Pinocchio, which other robots do without

        return ArmMotions(self, self._robot, self._settings.drivers, self._settings.executor)

    def _cancel(self) -> None:
        self._cancelled = True
        if self._call is not None:
            self._call.cancel()

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        def report(sequences: Sequence[int]) -> None:
            goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=sequences))

        self._cancelled = goal_handle.is_cancel_requested
        result = await self._forward(self._goal(goal_handle.request.chunk), report)
        if not result.code and goal_handle.is_cancel_requested:
            goal_handle.canceled()
        elif result.code:
            goal_handle.abort()
        else:
            goal_handle.succeed()
        return result

    async def _go_home(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._motions is None:
            response.message = f"{self._robot.name} has no arm whose home is known"
        elif not self._one_goal.take():
            response.message = "the executor is not active or executes a chunk: wait or cancel it, then go home"
        else:
            try:
                self._cancelled = False
                result = await self._forward(self._motions.home(), lambda _: None)
            finally:
                self._one_goal.release()
            response.success, response.message = not result.code and not self._cancelled, result.message
        return response

    async def _goal(self, chunk: ActionChunk) -> ExecuteChunk.Goal:
        """What the guard is asked. Raises PlanRejectedError."""
        wanted = self._robot.action_space
        if chunk.space != wanted:
            refuse(
                Rejection.WRONG_SPACE,
                f"{self._robot.name} executes {wanted} actions, these are {chunk.space or 'of no space'}: "
                "choose a preset whose inverse dynamics gives the robot's action_space",
            )
        return ExecuteChunk.Goal(chunk=chunk) if self._motions is None else await self._motions.goal(chunk)

    async def _forward(
        self, making: Awaitable[ExecuteChunk.Goal], report: Callable[[Sequence[int]], None]
    ) -> ExecuteChunk.Result:
        """Hand the goal that is in the `making` to the guard; its result."""
        try:
            goal = await making
        except PlanRejectedError as error:
            return refusal(error.code, str(error))
        if self._cancelled:
            return ExecuteChunk.Result()
        if not self._client.server_is_ready():
            return refusal(Rejection.PEER_LOST, "the guard does not serve yet: wait, or see its log")
        self._lost = None
        self._guard.expect_from_now()
        self._call = call = ChunkCall(self._client, goal, report)
        try:
            answer = await call.result()
        finally:
            self._call = None
        if answer is not None:
            return answer
        if self._lost is None:
            return refusal(Rejection.BUSY, "the guard is busy or not active and took no chunk: try again")
        return ExecuteChunk.Result(code=Rejection.PEER_LOST, message=str(self._lost), sequences=call.sequences)

    def _check_guard(self) -> None:
        if self._call is None:
            return
        try:
            self._guard.check()
        except PeerLostError as error:
            self._lost = error
            self._call.give_up()


def refusal(code: str, message: str) -> ExecuteChunk.Result:
    """The result of a chunk that was not begun."""
    return ExecuteChunk.Result(code=str(code), message=message, rejected=True)


def main() -> None:
    """Entry point."""
    run_node(ExecutorNode)


if __name__ == "__main__":
    main()
