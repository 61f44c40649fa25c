"""Requests to finetune."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adapt_core.types import FinetuneRequest, TrainingEpisode

from adapt_interfaces import action, msg


def to_training_episode(episode: TrainingEpisode) -> msg.TrainingEpisode:
    """Field by field."""
    return msg.TrainingEpisode(**asdict(episode))


def from_training_episode(message: msg.TrainingEpisode) -> TrainingEpisode:
    """Field by field."""
    return TrainingEpisode(
        store=message.store, episode_id=message.episode_id, prompt=message.prompt, experience=message.experience
    )


def to_finetune_goal(request: FinetuneRequest) -> Any:
    """A request as a goal of Finetune."""
    return action.Finetune.Goal(
        base_version=request.base_version,
        new_version=request.new_version,
        episodes=[to_training_episode(episode) for episode in request.episodes],
        steps=request.steps,
        batch_size=request.batch_size,
        learning_rate=request.learning_rate,
        seed=request.seed,
        experience_share=request.experience_share or 0.0,
    )


def from_finetune_goal(goal: Any) -> FinetuneRequest:
    """A goal of Finetune as a request."""
    return FinetuneRequest(
        base_version=goal.base_version,
        new_version=goal.new_version,
        episodes=tuple(from_training_episode(episode) for episode in goal.episodes),
        steps=goal.steps,
        batch_size=goal.batch_size,
        learning_rate=goal.learning_rate,
        seed=goal.seed,
        experience_share=goal.experience_share or None,
    )
