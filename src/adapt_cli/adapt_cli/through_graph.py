"""The loop and single episodes in a graph, as a client of its `sail` and `episode_runner` nodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapt_core.errors import AdaptError, CancelledByUserError, ConfigError
from adapt_core.ports import StepProgress, StopCheck
from adapt_core.robots import Robot
from adapt_core.sail_request import Phase, SailProgress
from adapt_core.settings import load_settings
from adapt_core.types import EpisodeRequest, EpisodeResult
from adapt_ros.clients import RosEpisodeRunner
from adapt_ros.interfaces import RUN_SAIL

from adapt_cli.graph_parameters import parameter
from adapt_cli.graph_session import GraphSession
from adapt_cli.motion_permission import motion_permitted
from adapt_cli.sail_job import SailJob

OF_THE_GRAPH = (  # settings that a goal of RunSail has no field for
    "max_attempts", "rollback", "finetune_inverse_dynamics", "initial_data_only", "experience_share", "finetune_last",
)  # fmt: skip


def run_sail(
    session: GraphSession, job: SailJob, progress: Callable[[SailProgress], None], should_stop: StopCheck
) -> None:
    """Have the graph's `sail` node run or resume `job`, while motion is permitted. Raises AdaptError."""
    client = RUN_SAIL.client(session.node)

    def report(_: int, feedback: Any) -> None:
        progress(to_progress(feedback))

    with motion_permitted(session, job.robot, should_stop):
        [result] = session.calls("sail").action(client, [to_goal(job)], should_stop, report)
    if should_stop():
        raise CancelledByUserError("the run was stopped; the same command resumes it")
    if result.message:
        raise AdaptError(result.message)


def run_episode(
    session: GraphSession, robot: Robot, request: EpisodeRequest, progress: StepProgress, should_stop: StopCheck
) -> EpisodeResult:
    """Have the graph's `episode_runner` run one episode, while motion is permitted."""
    session.expect("episode_runner")
    runner = RosEpisodeRunner(session.node)
    with motion_permitted(session, robot, should_stop):
        return runner.run(request, progress, should_stop)


def to_goal(job: SailJob) -> Any:
    """A job as a goal of RunSail. Raises ConfigError for settings that it cannot carry."""
    settings, own = job.settings, load_settings()
    for key in OF_THE_GRAPH:
        if getattr(settings, key) != getattr(own, key):
            raise ConfigError(
                f"{key}: a graph reads this from its own config/sail.yaml; set it there, or run the loop with --in-process"
            )
    return RUN_SAIL.type.Goal(
        task_id=job.task.id,
        run_id=job.folder.run_id,
        iterations=settings.iterations,
        episodes=settings.episodes,
        experience_filter=settings.filter.value,
        initial_data=str(job.data.resolve()) if job.data else "",
        finetune_steps=settings.finetune.steps,
        batch_size=settings.finetune.batch_size,
        learning_rate=settings.finetune.learning_rate,
        seed=job.seed,
        control_loop=job.control_loop.value,
    )


def to_progress(feedback: Any) -> SailProgress:
    """A feedback message of RunSail as the loop's own progress."""
    return SailProgress(
        phase=Phase(feedback.phase),
        iteration=feedback.iteration,
        weights_version=feedback.weights_version,
        episode=feedback.episode,
        successes=feedback.successes,
        step=feedback.step,
        steps=feedback.steps,
        loss=feedback.loss,
    )


def run_folder_of(session: GraphSession) -> Path:
    """The run folder that the graph writes to, asked of its `sail` node."""
    return Path(parameter(session, "sail", "run").string_value)


def check_run_folder(session: GraphSession, wanted: Path) -> None:
    """Raise ConfigError unless the graph writes to `wanted`."""
    there = run_folder_of(session)
    if there.resolve() != wanted.resolve():
        raise ConfigError(
            f"the graph under {session.namespace} writes to {there}, not to {wanted}: say --run {there}, or start the "
            f"graph with `adapt up ... --run {wanted}`"
        )
