"""Executor, guard and world in one small node, for tests and for trying the nodes above it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapt_core.errors import AdaptError
from adapt_core.types import Observation

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.srv import ResetWorld
from adapt_ros.convert import from_chunk, to_observation
from adapt_ros.fakes.point_world import PointWorld
from adapt_ros.goals import conclude, stop_check
from adapt_ros.interfaces import EXECUTE_CHUNK, OBSERVATION, RESET_WORLD
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node


@dataclass(frozen=True)
class FakeRobotSettings:
    """Parameters of the node."""

    pace: float = param(0.0, "speed, 1 is that of a real robot, 0 as fast as can be")


class FakeRobotNode(AdaptNode):
    """A PointWorld served as `executor`. Chunks are refused while `refusal` is set to a code."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("executor", **node_arguments)
        self.refusal = ""
        self._world = PointWorld(pace=read_parameters(self, FakeRobotSettings).pace)
        self._sequence = 0
        self._publisher = OBSERVATION.publisher(self)
        self._reset_server = RESET_WORLD.server(self, self._reset)
        self._server = EXECUTE_CHUNK.server(self, self._execute)

    async def _reset(self, request: ResetWorld.Request, response: ResetWorld.Response) -> ResetWorld.Response:
        try:
            observation = await self.in_worker(self._world.reset, request.task_id, request.seed)
        except AdaptError as error:
            response.message = str(error)
            return response
        response.observation = self._publish(observation)
        response.success = True
        return response

    async def _execute(self, goal: Any) -> ExecuteChunk.Result:
        result = ExecuteChunk.Result()
        return await conclude(self, goal, result, self._fill(result, goal))

    async def _fill(self, result: ExecuteChunk.Result, goal: Any) -> None:
        if self.refusal:
            result.code, result.message, result.rejected = self.refusal, "refused by the test", True
            return
        chunk = from_chunk(goal.request.chunk)
        observations = await self.in_worker(self._world.execute, chunk, stop_check(self, goal))
        result.sequences = [self._publish(observation).sequence for observation in observations]

    def _publish(self, observation: Observation) -> Any:
        self._sequence += 1
        message = to_observation(observation, self._sequence, self._world.spec.frame_id)
        self._publisher.publish(message)
        return message


if __name__ == "__main__":
    run_node(FakeRobotNode)
