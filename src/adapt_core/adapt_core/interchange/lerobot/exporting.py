"""Episodes of a store as a LeRobotDataset v3.0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapt_core.durable import new_folder
from adapt_core.episode_store import EpisodeMeta, EpisodeSteps, EpisodeStore
from adapt_core.errors import StoreError
from adapt_core.interchange.lerobot.layout import ACTION, CONTROL_STEP, STAMP, STATE, SUCCESS, EpisodeShape
from adapt_core.interchange.lerobot.writer import DatasetWriter

Progress = Callable[[int, int, str], None]  # (done, in all, what was done last)
FRAMES_AT_ONCE = 64


def export_lerobot(
    store: EpisodeStore,
    episodes: Sequence[EpisodeMeta],
    target: Path,
    lossless: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> int:
    """Write `episodes` of `store` as the dataset `target`, there whole or not at all; how many it has.

    The task is the in-domain prompt; label and meta data become columns of the episodes. Frame i goes with the action
    that followed it, the last one with the action before it once more, so that no frame is left out. `lossless` stores
    PNGs instead of a video. Episodes without a step are left out; imagined plans have no place in the format.

    Raises StoreError where `target` holds something, an episode is damaged or the episodes do not fit into one dataset,
    StorageFullError.
    """
    chosen = [meta for meta in episodes if meta.steps]
    if not chosen:
        raise StoreError(f"there is no episode to export in {store.root}: choose others, or run some")
    with new_folder(target) as folder:
        shape, fps = _survey(store, chosen)
        with DatasetWriter(folder, shape, fps, lossless) as dataset:
            for done, meta in enumerate(chosen):
                progress(done, len(chosen), meta.episode_id)
                _write(store, meta, dataset)
            dataset.finish()
        progress(len(chosen), len(chosen), "")
    return len(chosen)


def _survey(store: EpisodeStore, episodes: Sequence[EpisodeMeta]) -> tuple[EpisodeShape, int]:
    """What the episodes share, and their frames per second (the median, at least 1)."""
    first: tuple[EpisodeShape, str] | None = None
    intervals = []
    for meta in episodes:
        steps = store.read_steps(meta.episode_id)
        shape = EpisodeShape(
            meta.robot, meta.image_shape, meta.action_space, steps.actions.shape[1], steps.end_effector is not None
        )
        first = first or (shape, meta.episode_id)
        if shape != first[0]:
            raise StoreError(
                f"episodes {first[1]} ({first[0]}) and {meta.episode_id} ({shape}) do not fit into one dataset: export "
                "them into two, e.g. task by task"
            )
        intervals.append(np.diff(steps.stamps_s))
    assert first is not None  # there is at least one episode
    return first[0], _frames_per_second(np.concatenate(intervals))


def _frames_per_second(intervals_s: NDArray[np.float64]) -> int:
    median = float(np.median(intervals_s))
    return max(1, round(1 / median)) if median > 0 else 1


def _write(store: EpisodeStore, meta: EpisodeMeta, dataset: DatasetWriter) -> None:
    dataset.begin_episode(meta, store.labels().get(meta.episode_id))
    for start in range(0, meta.frames, FRAMES_AT_ONCE):
        dataset.add_frames(store.read_frames(meta.episode_id, start, min(start + FRAMES_AT_ONCE, meta.frames)))
    dataset.end_episode(_numbers(store.read_steps(meta.episode_id)))


def _numbers(steps: EpisodeSteps) -> dict[str, NDArray[np.generic]]:
    """The columns of an episode of n frames, each (n,) or (n, d)."""
    columns: dict[str, NDArray[np.generic]] = {
        ACTION: np.concatenate([steps.actions, steps.actions[-1:]]).astype(np.float32),
        STAMP: steps.stamps_s,
        CONTROL_STEP: steps.control_steps,
        SUCCESS: steps.success,
    }
    if steps.end_effector is not None:
        columns[STATE] = steps.end_effector.astype(np.float32)
    return columns
