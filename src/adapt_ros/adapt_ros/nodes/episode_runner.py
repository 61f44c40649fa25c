"""Runs one episode at a time: the RunEpisode action over planner, inverse dynamics, executor and the episode store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapt_core.code_version import code_version
from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.episode_store import EpisodeStore
from adapt_core.tasks import load_suite
from adapt_core.types import EpisodeRequest, Outcome

from adapt_interfaces.action import RunEpisode
from adapt_ros.clients import RosInverseDynamics, RosPlanner, RosWorld
from adapt_ros.convert import from_episode_goal, to_episode_status
from adapt_ros.goals import conclude, stop_check
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.interfaces import EPISODE_STATUS, RUN_EPISODE, VIDEO_PLAN
from adapt_ros.models import method_name
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal


@dataclass(frozen=True)
class EpisodeRunnerSettings(GraphSettings):
    """Parameters of the node."""

    start_timeout_s: float = param(60.0, "how long to wait for nodes that are still loading")
    go_home: bool = param(False, "the arm moves home before each episode: nobody can put it there")


class EpisodeRunnerNode(AdaptNode):
    """The episode runs in the worker thread; whatever ends it, also the end of this process, it is stored."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("episode_runner", **node_arguments)
        settings = read_parameters(self, EpisodeRunnerSettings)
        self._robot = settings.load_robot()
        self._suite = load_suite(self._robot.suite)
        self._store = EpisodeStore(settings.run_folder.episodes)
        self._runner = self._make_runner(settings)
        self._status = EPISODE_STATUS.publisher(self)
        # one episode at a time: there is one robot
        self._server = RUN_EPISODE.server(self, self._run, one_goal=OneGoal(lambda: not self.should_stop()))

    def _make_runner(self, settings: EpisodeRunnerSettings) -> PlanningEpisodeRunner:
        timeout_s = settings.start_timeout_s
        preview = VIDEO_PLAN.publisher(self)
        return PlanningEpisodeRunner(
            world=RosWorld(self, self._robot, settings.go_home, timeout_s),
            planner=RosPlanner(self, settings.learners, preview.publish, timeout_s),
            inverse_dynamics=RosInverseDynamics(self, self._robot.frame_id, settings.learners, timeout_s),
            store=self._store,
            robot=self._robot,
            method=method_name(settings),
            inverse_dynamics_version=settings.preset,
            code_version=code_version(),
        )

    async def _run(self, goal: Any) -> RunEpisode.Result:
        result = RunEpisode.Result()
        return await conclude(self, goal, result, self._fill(result, goal))

    async def _fill(self, result: RunEpisode.Result, goal: Any) -> None:
        def report(step: int, steps: int) -> None:
            goal.publish_feedback(RunEpisode.Feedback(step=step, steps=steps))

        request = self._request(goal.request)
        ended = await self.in_worker(self._runner.run, request, report, stop_check(self, goal))
        meta = await self.in_worker(self._store.meta, ended.episode_id)
        result.episode = to_episode_status(meta, str(self._store.root))
        self._status.publish(result.episode)
        if ended.outcome is Outcome.ABORTED:
            self.get_logger().warning(f"episode {ended.episode_id} aborted: {ended.reason}")
            if goal.is_cancel_requested:
                goal.canceled()

    def _request(self, goal: RunEpisode.Goal) -> EpisodeRequest:
        return from_episode_goal(goal, self._suite[goal.task_id], self._robot.max_steps, self._robot.control_loop)


def main() -> None:
    """Entry point of the executable."""
    run_node(EpisodeRunnerNode)


if __name__ == "__main__":
    main()
