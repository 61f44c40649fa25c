"""Serves a simulated world to the graph: resets, chunks, observations, images and the simulated clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from adapt_core.errors import AdaptError, MotionStoppedError, PlanRejectedError
from adapt_core.ports import World
from adapt_core.safety import HeartbeatMonitor, Rejection
from adapt_core.types import ActionChunk

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Heartbeat
from adapt_interfaces.srv import ResetWorld
from adapt_ros import convert, interfaces
from adapt_ros.fakes.point_world import PointWorld
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.motion_gate import STOPPING_S
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal
from adapt_ros.world_topics import WorldTopics

FEEDBACK_S = 0.05  # a simulator is faster than anybody wants to be told


@dataclass(frozen=True)
class SimBridgeSettings(GraphSettings):
    """Parameters of the node."""

    mock: bool = param(False, "a point that goes where it is told, instead of the robot's simulator")
    pace: float = param(0.0, "only with mock: speed, 1 is that of a real robot, 0 as fast as can be")
    watch: tuple[str, ...] = param((), "fully qualified names of the nodes without which nothing moves: the guard")
    republish_s: float = param(0.5, "how often the newest image and the clock are said again while nothing moves")


class SimBridge(AdaptNode):
    """All calls of the world are made in the one worker thread: an OpenGL context belongs to one thread."""

    def __init__(self, world: World | None = None, **node_arguments: Any) -> None:
        """`world` in place of the robot's."""
        super().__init__("sim_bridge", **node_arguments)
        self._given = world
        self._settings = read_parameters(self, SimBridgeSettings)
        self._robot = self._settings.load_robot()
        self._monitor = HeartbeatMonitor(self._settings.watch, self._robot.heartbeat_timeout_s - STOPPING_S)
        self._heartbeats_held = [
            interfaces.heartbeat(name).subscription(self, self._hear) for name in self._settings.watch
        ]
        self._goal = OneGoal(lambda: not self.should_stop())
        self._cancelled = False
        self._topics = WorldTopics(self, self._robot)

    def begin(self) -> None:
        """Make the world, then serve it."""
        self._world = self.first_in_worker(self._make_world)
        self._reset_server = interfaces.RESET_WORLD.server(self, self._reset)
        self._chunk_server = interfaces.WORLD_EXECUTE_CHUNK.server(
            self, self._execute, one_goal=self._goal, cancel=self._cancel
        )
        self.steady_timer(self._settings.republish_s, self._repeat)
        self.get_logger().info(f"serving the world {self._world.spec.name}")

    def stop(self) -> None:
        """Release the renderer in its own thread."""
        super().stop()
        self._worker.submit(self._world.close)

    def _make_world(self) -> World:
        camera = self._robot.camera
        if self._given is not None:
            return self._given
        if self._settings.mock:
            return PointWorld(camera.height, self._settings.pace)
        from adapt_sim import make_world  # imports MuJoCo, which a mock does without

        return make_world(self._robot.world, **{"image_size": camera.height, **self._robot.world_settings})

    async def _reset(self, request: ResetWorld.Request, response: ResetWorld.Response) -> ResetWorld.Response:
        if self._goal.active:
            response.message = "a chunk is being executed: cancel it, then reset"
            return response
        try:
            response.observation = await self.in_worker(self._reset_and_publish, request.task_id, request.seed)
        except AdaptError as error:
            response.message = str(error)
        except Exception as error:
            self.get_logger().error(f"the world failed in a reset: {error!r}")
            response.message = f"the world failed in a reset: {error!r}; start the graph again with the same command"
        else:
            response.success = True
        return response

    def _cancel(self, _goal_handle: Any) -> None:
        self._cancelled = True

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        result = ExecuteChunk.Result()
        self._cancelled = goal_handle.is_cancel_requested
        count = 0
        try:
            chunk = convert.from_chunk(goal_handle.request.chunk)
            count = len(chunk.actions)
            self._monitor.expect_from_now()
            await self.in_worker(self._execute_and_publish, chunk, goal_handle, result)
            if self._monitor.lost() and len(result.sequences) < count:
                lost = ", ".join(self._monitor.lost())
                raise MotionStoppedError(Rejection.PEER_LOST, f"no heartbeat of {lost}: see its log")
        except (PlanRejectedError, MotionStoppedError) as error:
            result.code, result.message = str(error.code), str(error)
            result.rejected = isinstance(error, PlanRejectedError)
        except AdaptError as error:
            result.code, result.message = Rejection.PEER_LOST.value, str(error)
        except Exception as error:
            self.get_logger().error(f"the world failed: {error!r}")
            result.code, result.message = (
                Rejection.PEER_LOST.value,
                f"the world failed: {error!r}; reset it or start the graph again",
            )
        if not result.code and goal_handle.is_cancel_requested:
            goal_handle.canceled()
        elif result.code or len(result.sequences) < count:
            goal_handle.abort()
        else:
            goal_handle.succeed()
        return result

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._monitor.beat(heartbeat.node)

    def _repeat(self) -> None:
        if not self.busy:
            self._topics.repeat()

    # From here on in the worker's thread.

    def _reset_and_publish(self, task_id: str, seed: int) -> Any:
        return self._topics.publish(self._world.reset(task_id, seed))

    def _execute_and_publish(self, chunk: ActionChunk, goal_handle: Any, result: ExecuteChunk.Result) -> None:
        self._world.execute(chunk, lambda: True)  # checks the whole chunk, moves nothing
        told_s = 0.0
        for index in range(len(chunk.actions)):
            action = ActionChunk(
                chunk.space, chunk.actions[index : index + 1], chunk.frame_skip, chunk.frame_id, chunk.stamp_s
            )
            for observation in self._world.execute(action, self._must_stop):
                self._topics.publish(observation)
                result.sequences.append(self._topics.sequence)
            if time.monotonic() - told_s > FEEDBACK_S:
                told_s = time.monotonic()
                goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=result.sequences))
            if self._must_stop():
                return

    def _must_stop(self) -> bool:
        return self._cancelled or self.should_stop() or bool(self._monitor.lost())


def main() -> None:
    """Entry point."""
    run_node(SimBridge)


if __name__ == "__main__":
    main()
