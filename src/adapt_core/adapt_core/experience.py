"""Which episodes are learned from, and under which prompt."""

from __future__ import annotations

from pathlib import Path

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import ConfigError
from adapt_core.types import ExperienceFilter, LabelValue, TrainingEpisode


def training_prompt(meta: EpisodeMeta, label: LabelValue, experience_filter: ExperienceFilter) -> str | None:
    """The prompt to learn an episode under, or None to leave it out (SAIL, section 4.3).

    An unsure label is learned from only where nothing is filtered.
    """
    match experience_filter, label:
        case ExperienceFilter.NONE, _:
            return meta.in_domain_prompt
        case _, LabelValue.SUCCESS:
            return meta.in_domain_prompt
        case ExperienceFilter.RELABEL, LabelValue.FAILURE:
            return f"not {meta.in_domain_prompt}"
        case _:
            return None


def initial_episodes(folder: Path | None, experience_filter: ExperienceFilter) -> tuple[TrainingEpisode, ...]:
    """D_ini: the episodes of the store in `folder` that pass the filter; none where there is no folder.

    Raises ConfigError when the folder is missing.
    """
    if folder is None:
        return ()
    if not folder.is_dir():
        raise ConfigError(f"initial_data: there is no folder {folder} on this machine; collect it with adapt demos")
    store = EpisodeStore(folder.resolve())
    prompts = {
        meta.episode_id: training_prompt(meta, store.label_of(meta.episode_id), experience_filter)
        for meta in store.episodes()
    }
    return tuple(TrainingEpisode(str(store.root), episode, prompt) for episode, prompt in prompts.items() if prompt)
