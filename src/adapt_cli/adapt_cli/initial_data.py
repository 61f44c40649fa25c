"""The episodes that the training data starts with (D_ini of SAIL, algorithm 1)."""

from __future__ import annotations

from pathlib import Path

from adapt_core.episode_store import EpisodeStore
from adapt_core.sail import training_prompt
from adapt_core.types import ExperienceFilter, TrainingEpisode


def initial_episodes(folder: Path | None, experience_filter: ExperienceFilter) -> tuple[TrainingEpisode, ...]:
    """The episodes of the store in `folder` that pass the filter; none where there is no folder."""
    if folder is None:
        return ()
    store = EpisodeStore(folder.resolve())
    prompts = {
        meta.episode_id: training_prompt(meta, store.label_of(meta.episode_id), experience_filter)
        for meta in store.episodes()
    }
    return tuple(TrainingEpisode(str(store.root), episode, prompt) for episode, prompt in prompts.items() if prompt)
