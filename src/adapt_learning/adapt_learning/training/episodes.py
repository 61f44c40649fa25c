"""Episodes as training sees them: frames, poses, actions and a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import TrainingError
from adapt_core.types import Frames, TrainingEpisode
from numpy.typing import NDArray


@dataclass(frozen=True)
class Episode:
    """One recorded episode of t + 1 frames.

    `frames` (t + 1, h, w, 3) uint8; `end_effector` (t + 1, 8) float64, or None for a world without one; `actions`
    (t, d) float64, those between the frames; `prompt` what to learn it under; `id` names it in its store and in errors.
    """

    frames: Frames
    end_effector: NDArray[np.float64] | None
    actions: NDArray[np.float64]
    prompt: str
    id: str = ""


def read_episodes(wanted: Iterable[TrainingEpisode]) -> list[Episode]:
    """Read the episodes from their stores, in order. Raises StoreError for one that is missing or damaged."""
    episodes = list(wanted)
    stores = {folder: EpisodeStore(folder) for folder in {one.store for one in episodes}}
    return [read_episode(stores[one.store], one) for one in episodes]


def read_episode(store: EpisodeStore, wanted: TrainingEpisode) -> Episode:
    """Read one episode. Raises StoreError."""
    steps = store.read_steps(wanted.episode_id)
    return Episode(
        store.read_frames(wanted.episode_id), steps.end_effector, steps.actions, wanted.prompt, wanted.episode_id
    )


def usable_episodes(episodes: Sequence[Episode], image_size: int) -> list[Episode]:
    """The episodes with at least two frames. Raises TrainingError for none, or for images of another size."""
    usable = [episode for episode in episodes if len(episode.frames) >= 2]
    if not usable:
        raise TrainingError("no usable episode: each needs at least two frames; collect some first")
    for episode in usable:
        if episode.frames.shape[1:] != (image_size, image_size, 3):
            given = " x ".join(str(n) for n in episode.frames.shape[1:3])
            raise TrainingError(
                f"episode {episode.id} has images of {given} pixels; this preset needs {image_size} x {image_size}"
            )
    return usable
