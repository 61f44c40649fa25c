"""An episode for the eye: what happened, and beside each frame the one that was imagined for that instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import StoreError
from adapt_core.types import Image, LabelValue

SLOWEST_S, FASTEST_S = 0.25, 0.04  # a frame is shown no longer and no shorter
PACE_S = 0.1  # of a frame, where the episode does not say


@dataclass(frozen=True, eq=False)
class Replay:
    """`real` and `imagined` have one entry a recorded frame, (h, w, 3) uint8 or None where there is none.

    `frame_s` is how long each is shown, `damage` what could not be read, `label` how the episode was judged when it was
    loaded.
    """

    meta: EpisodeMeta
    real: list[Image | None]
    imagined: list[Image | None]
    frame_s: float
    label: LabelValue
    damage: str = ""


def load_replay(store: EpisodeStore, episode_id: str) -> Replay:
    """Read all that is readable of an episode. Raises StoreError when there is no such episode."""
    meta = store.meta(episode_id)
    real, damage = _readable_frames(store, meta)
    imagined: list[Image | None] = [None] * meta.frames
    frame_s = PACE_S
    try:
        steps = store.read_steps(episode_id)
        frame_s = _pace_s(steps.stamps_s)
        imagined = _imagined(store, meta, steps.plan)
    except StoreError as error:
        damage = damage or str(error)
    return Replay(meta, real, imagined, frame_s, store.label_of(episode_id), damage)


def _readable_frames(store: EpisodeStore, meta: EpisodeMeta) -> tuple[list[Image | None], str]:
    """All frames; one by one where they do not come together, so that one damaged picture costs only itself."""
    try:
        return list(store.read_frames(meta.episode_id)), ""
    except StoreError as error:
        if not store.meta(meta.episode_id).frames:
            raise
        whole = str(error)
    frames = [_frame(store, meta.episode_id, index) for index in range(meta.frames)]
    lost = [str(index + 1) for index, frame in enumerate(frames) if frame is None]
    if len(lost) == meta.frames:
        return frames, whole
    return frames, f"frame {', '.join(lost)} of {meta.frames} is damaged; the others are shown"


def _frame(store: EpisodeStore, episode_id: str, index: int) -> Image | None:
    try:
        [frame] = store.read_frames(episode_id, index, index + 1)
    except StoreError:
        return None
    return frame


def _imagined(store: EpisodeStore, meta: EpisodeMeta, followed: np.ndarray) -> list[Image | None]:
    """`followed` (n - 1,): the plan that led from frame i to i + 1, -1 for none; its j-th action pursued its j-th frame."""
    plans = [store.read_plan(meta.episode_id, index).frames for index in range(meta.plans)]
    pursued = [0] * len(plans)
    imagined: list[Image | None] = [None]
    for plan in followed.tolist():
        frame = None
        if 0 <= plan < len(plans) and pursued[plan] < len(plans[plan]):
            frame = plans[plan][pursued[plan]]
            pursued[plan] += 1
        imagined.append(frame)
    return imagined


def _pace_s(stamps_s: np.ndarray) -> float:
    """Seconds a frame: those of the recording, within what eyes can follow."""
    if len(stamps_s) < 2:
        return PACE_S
    return float(np.clip(np.median(np.diff(stamps_s)), FASTEST_S, SLOWEST_S))
