"""Requests for episodes, and how episodes ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapt_core.episode_store import EpisodeMeta
from adapt_core.errors import ConfigError
from adapt_core.types import ControlLoop, EpisodeRequest, EpisodeResult, Outcome, Task

from adapt_interfaces import action, msg
from adapt_ros.convert.observations import from_success, to_success


def to_episode_goal(request: EpisodeRequest) -> Any:
    """A request as a goal of RunEpisode."""
    return action.RunEpisode.Goal(
        task_id=request.task.id,
        in_domain_prompt=request.task.in_domain_prompt,
        prior_prompt=request.task.prior_prompt,
        seed=request.seed,
        run_id=request.run_id,
        iteration=request.iteration,
        index=request.index,
        max_steps=request.max_steps,
        control_loop=request.control_loop.value,
    )


def from_episode_goal(goal: Any, task: Task, max_steps: int, control_loop: ControlLoop) -> EpisodeRequest:
    """`task` is the one that the goal names; its prompts, `max_steps` and `control_loop` stand in for what the goal
    leaves open.

    Raises ConfigError for a control loop that does not exist.
    """
    return EpisodeRequest(
        task=replace(
            task,
            in_domain_prompt=goal.in_domain_prompt or task.in_domain_prompt,
            prior_prompt=goal.prior_prompt or task.prior_prompt,
        ),
        seed=goal.seed,
        run_id=goal.run_id,
        iteration=goal.iteration,
        index=goal.index,
        max_steps=goal.max_steps or max_steps,
        control_loop=control_loop_named(goal.control_loop, control_loop),
    )


def control_loop_named(name: str, default: ControlLoop) -> ControlLoop:
    """What a goal calls `name`, `default` where it leaves it open. Raises ConfigError for one that does not exist."""
    try:
        return ControlLoop(name) if name else default
    except ValueError as error:
        raise ConfigError(f"{error}: the control loop is one of {', '.join(ControlLoop)}") from error


def to_episode_status(meta: EpisodeMeta, store: str) -> msg.EpisodeStatus:
    """An episode as it stands in the folder `store`."""
    return msg.EpisodeStatus(
        store=store,
        episode_id=meta.episode_id,
        task_id=meta.task_id,
        run_id=meta.run_id,
        iteration=meta.iteration,
        index=meta.index,
        outcome=meta.outcome.value,
        reason=meta.reason,
        steps=meta.steps,
        success=to_success(meta.success),
    )


def from_episode_status(message: msg.EpisodeStatus) -> EpisodeResult:
    """Raises ValueError for an outcome that does not exist."""
    success = from_success(message.success)
    return EpisodeResult(message.episode_id, Outcome(message.outcome), message.steps, success, message.reason)
