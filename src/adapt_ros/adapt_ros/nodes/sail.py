"""Runs the self-adapting improvement loop in the graph: the RunSail action."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adapt_core.episode_store import EpisodeStore
from adapt_core.experience import initial_episodes
from adapt_core.labelers import StoreLabeler
from adapt_core.ports import StopCheck
from adapt_core.sail import SailLoop, base_version
from adapt_core.sail_request import SailProgress, SailRequest
from adapt_core.settings import SailSettings, load_settings
from adapt_core.tasks import load_suite

from adapt_interfaces.action import RunSail
from adapt_ros.clients import RosEpisodeRunner, RosPlanner, RosTrainer
from adapt_ros.convert import control_loop_named
from adapt_ros.goals import conclude, stop_check
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.interfaces import RUN_SAIL
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal


@dataclass(frozen=True)
class SailNodeSettings(GraphSettings):
    """Parameters of the node."""

    start_timeout_s: float = param(60.0, "how long to wait for nodes that are still loading")


class SailNode(AdaptNode):
    """The loop runs in the worker thread; labels come from the store, whoever gives them."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("sail", **node_arguments)
        self._settings = read_parameters(self, SailNodeSettings)
        self._robot = self._settings.load_robot()
        self._suite = load_suite(self._robot.suite)
        self._folder = self._settings.run_folder
        self._store = EpisodeStore(self._folder.episodes)
        timeout_s, learners = self._settings.start_timeout_s, self._settings.learners
        self._planner = RosPlanner(self, learners, start_timeout_s=timeout_s)
        runner, trainer = RosEpisodeRunner(self, "", timeout_s), RosTrainer(self, learners, timeout_s)
        self._loop = SailLoop(runner, self._planner, trainer, StoreLabeler(self._store), self._store)
        self._server = RUN_SAIL.server(self, self._run, one_goal=OneGoal(lambda: not self.should_stop()))

    async def _run(self, goal: Any) -> RunSail.Result:
        result = RunSail.Result()
        return await conclude(self, goal, result, self.in_worker(self._loop_in_worker, goal))

    def _loop_in_worker(self, goal: Any) -> None:
        request = self._request(goal.request)
        facts = {"robot": self._robot.name, "preset": self._settings.preset, "method": self._settings.method}
        self._folder.begin(request.task.id, request.seed, request.settings, request.control_loop, **facts)
        should_stop: StopCheck = stop_check(self, goal)
        self._loop.run(request, lambda progress: goal.publish_feedback(to_feedback(progress)), should_stop)

    def _request(self, goal: RunSail.Goal) -> SailRequest:
        settings = sail_settings(goal, self._settings.preset)
        run_id = goal.run_id or self._folder.run_id
        return SailRequest(
            task=self._suite[goal.task_id],
            run_id=run_id,
            base_version=goal.base_version or base_version(self._store, run_id, self._planner),
            settings=settings,
            initial_data=initial_episodes(Path(goal.initial_data) if goal.initial_data else None, settings.filter),
            max_steps=self._robot.max_steps,
            control_loop=control_loop_named(goal.control_loop, self._robot.control_loop),
            seed=goal.seed,
        )


def sail_settings(goal: RunSail.Goal, preset: str) -> SailSettings:
    """`config/sail.yaml` with what the goal does not leave open. Raises ConfigError."""
    given = {
        "iterations": goal.iterations,
        "episodes": goal.episodes,
        "filter": goal.experience_filter,
        "finetune.steps": goal.finetune_steps,
        "finetune.batch_size": goal.batch_size,
        "finetune.learning_rate": float(goal.learning_rate),
    }
    start = "initial_data=demos" if goal.initial_data else "initial_data=empty"
    return load_settings([start, *(f"{key}={value}" for key, value in given.items() if value)], preset)


def to_feedback(progress: SailProgress) -> RunSail.Feedback:
    """Field by field; the names are the same."""
    return RunSail.Feedback(**{**asdict(progress), "phase": progress.phase.value})


def main() -> None:
    """Entry point of the executable."""
    run_node(SailNode)


if __name__ == "__main__":
    main()
