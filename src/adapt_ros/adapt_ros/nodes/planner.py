"""Imagines videos: the PlanVideo action, goals that wait sampled together; LoadWeights between plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapt_core.errors import AdaptError
from adapt_core.ports import VideoPlanner
from adapt_core.types import VideoPlan

from adapt_interfaces.action import PlanVideo
from adapt_interfaces.msg import WeightsVersion
from adapt_interfaces.srv import LoadWeights
from adapt_ros.batching import Batcher, Job
from adapt_ros.convert import from_plan_goal, to_video_plan, wall_time
from adapt_ros.coroutines import Arrival
from adapt_ros.goals import conclude
from adapt_ros.interfaces import LOAD_WEIGHTS, PLAN_VIDEO, WEIGHTS_VERSION
from adapt_ros.managed_node import ManagedNode
from adapt_ros.models import ModelSettings, make_planner
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node


@dataclass(frozen=True)
class PlannerSettings(ModelSettings):
    """Parameters of the node."""

    max_batch: int = param(8, "plans sampled together at most")
    gather_s: float = param(0.002, "how long a first goal waits for others to be sampled with")


class PlannerNode(ManagedNode):
    """Sampling and loading both happen in the one worker thread, so weights never change within a plan."""

    def __init__(self, planner: VideoPlanner | None = None, **node_arguments: Any) -> None:
        """`planner` in place of the one that the parameters describe."""
        super().__init__("planner", **node_arguments)
        self._settings = read_parameters(self, PlannerSettings)
        self._given = planner
        self._version = WEIGHTS_VERSION.publisher(self)

    def configure(self) -> None:
        """Load the models."""
        self._planner = self._given or make_planner(self._settings)
        self._batcher = Batcher(self._planner, self._settings.max_batch, self._settings.gather_s)
        self._plan_server = PLAN_VIDEO.server(self, self._plan, accept=lambda _: self.active)
        self._load_server = LOAD_WEIGHTS.server(self, self._load)

    def activate(self) -> None:
        """Say which weights serve."""
        self._announce()
        self.get_logger().info(f"imagining with the weights {self._planner.weights_version}")

    def cleanup(self) -> None:
        """Free the models."""
        self._plan_server.destroy()
        self.destroy_service(self._load_server)
        del self._planner, self._batcher

    async def _plan(self, goal: Any) -> PlanVideo.Result:
        result = PlanVideo.Result()
        return await conclude(self, goal, result, self._fill(result, goal))

    async def _fill(self, result: PlanVideo.Result, goal: Any) -> None:
        done: Arrival[VideoPlan] = Arrival()

        def end(outcome: VideoPlan | Exception) -> None:
            if isinstance(outcome, Exception):
                done.fail(outcome)
            else:
                done.set(outcome)

        def report(step: int, steps: int) -> None:
            goal.publish_feedback(PlanVideo.Feedback(step=step, steps=steps))

        self._batcher.add(Job(from_plan_goal(goal.request), report, lambda: goal.is_cancel_requested, end))
        self.submit(lambda: self._batcher.run_next(lambda: not self.active))
        result.plan = to_video_plan(await done)

    async def _load(self, request: LoadWeights.Request, response: LoadWeights.Response) -> LoadWeights.Response:
        try:
            await self.in_worker(self._planner.load_weights, request.version)
            response.success = True
        except AdaptError as error:
            response.message = f"{error} ({self._planner.weights_version} serves on)"
            self.get_logger().error(response.message)
        except Exception as error:
            response.message = f"{request.version} does not load: {error!r} ({self._planner.weights_version} serves on)"
            self.get_logger().error(response.message)
        response.version = self._planner.weights_version
        self._announce()
        return response

    def _announce(self) -> None:
        self._version.publish(WeightsVersion(stamp=wall_time(), version=self._planner.weights_version))


def main() -> None:
    """Entry point of the executable."""
    run_node(PlannerNode)


if __name__ == "__main__":
    main()
