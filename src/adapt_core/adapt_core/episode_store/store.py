"""The store of all episodes: record, read, label, ask."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from adapt_core.durable import exclusive, full_disk_named, make_locked_folder, release
from adapt_core.episode_store import reader
from adapt_core.episode_store.index import EpisodeFilter, EpisodeIndex
from adapt_core.episode_store.labels import Label, LabelLog
from adapt_core.episode_store.meta import META_FILE, EpisodeHeader, EpisodeMeta, new_episode_id
from adapt_core.episode_store.recording import PREFIX
from adapt_core.episode_store.recovery import STORE_LOCK, recover
from adapt_core.episode_store.writer import EpisodeWriter
from adapt_core.errors import StorageFullError, StoreError
from adapt_core.types import Frames, LabelValue, Observation, Outcome, VideoPlan

_log = logging.getLogger(__name__)


class ClipRef(NamedTuple):
    """`length` consecutive frames of an episode, from frame `start` on."""

    episode_id: str
    start: int
    length: int


class EpisodeStore:
    """The episodes under the folder `root`: `<root>/<episode_id>/{meta.json, steps.parquet, frames.zip, plans.zip}`.

    Any number of processes may use one store at once. Episodes are never rewritten or moved; labels lie apart in
    `labels.jsonl`, and `index.parquet` is only a cache.
    """

    def __init__(self, root: Path | str) -> None:
        """Open the store, making it when `root` is missing or empty, and recover what dead writers left behind.

        Raises StoreError when `root` is something else, StorageFullError when there is no space to make it.
        """
        self.root = Path(root)
        writable = _prepare(self.root)
        if writable:
            try:
                self.recover()
            except StorageFullError as error:
                _log.warning("recordings are left for later: %s", error)
        self._index = EpisodeIndex(self.root, writable)
        self._labels = LabelLog(self.root)

    def begin(self, header: EpisodeHeader) -> EpisodeWriter:
        """Start recording an episode. Raises StorageFullError."""
        folder = self.root / f"{PREFIX}{new_episode_id()}"
        with full_disk_named(str(folder)), exclusive(self.root / STORE_LOCK):
            lock = make_locked_folder(folder)
        try:
            return EpisodeWriter(folder, lock, header)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            release(lock)
            raise

    def add(
        self,
        header: EpisodeHeader,
        frames: Frames,
        end_effector: NDArray[np.floating[Any]] | None,
        actions: NDArray[np.floating[Any]],
        outcome: Outcome = Outcome.COMPLETED,
        success: bool | None = None,
        stamps_s: NDArray[np.floating[Any]] | None = None,
        operator: str | None = None,
    ) -> EpisodeMeta:
        """Store an episode that is already whole, such as a demonstration.

        `frames` (n, h, w, 3) uint8; `end_effector` (n, 8) or None; `actions` (n - 1, d); `stamps_s` (n,), the frames'
        numbers when not given; `operator`, when given, labels it by `success`. Raises ImageError, StoreError.
        """
        if len(actions) != len(frames) - 1 or any(
            x is not None and len(x) != len(frames) for x in (end_effector, stamps_s)
        ):
            raise StoreError(f"{len(frames)} frames need as many poses and stamps and {len(frames) - 1} actions")
        if operator is not None and success is None:
            raise StoreError("an operator's label needs success to be true or false")
        stamps = np.arange(len(frames)) if stamps_s is None else stamps_s
        with self.begin(header) as writer:
            for i, frame in enumerate(frames):
                pose = None if end_effector is None else end_effector[i]
                seen = Observation(frame, pose, float(stamps[i]), i * header.frame_skip)
                writer.add_observation(seen, None if i == 0 else actions[i - 1], None)
            meta = writer.finish(outcome, success=success)
        if operator is not None:
            self.label(meta.episode_id, LabelValue.SUCCESS if success else LabelValue.FAILURE, operator)
        return meta

    def recover(self) -> list[EpisodeMeta]:
        """Make episodes of recordings whose writer died; called when the store is opened. Raises StorageFullError."""
        return recover(self.root)

    def meta(self, episode_id: str) -> EpisodeMeta:
        """What is known of an episode. Raises StoreError when there is none or it is damaged."""
        return self._index.get(episode_id)

    def episodes(self, **wanted: Unpack[EpisodeFilter]) -> list[EpisodeMeta]:
        """The episodes that match every given field (see EpisodeFilter), oldest first."""
        self._index.refresh()
        fields = {name: value for name, value in wanted.items() if value is not None}
        label = fields.pop("label", None)
        found = [meta for meta in self._index.all() if all(getattr(meta, name) == fields[name] for name in fields)]
        if label is None:
            return found
        labels = self._labels.last()
        return [meta for meta in found if _value(labels.get(meta.episode_id)) == label]

    def pending(self) -> list[EpisodeMeta]:
        """Completed episodes that nobody has judged, oldest first."""
        return self.episodes(label=LabelValue.UNLABELED, outcome=Outcome.COMPLETED)

    def label(self, episode_id: str, value: LabelValue, operator: str) -> Label:
        """Judge an episode; UNLABELED takes a judgement back. Raises StoreError when there is no such episode."""
        self._index.get(episode_id)
        return self._labels.append(episode_id, value, operator)

    def label_of(self, episode_id: str) -> LabelValue:
        """How an episode is judged now."""
        return self._labels.value(episode_id)

    def labels(self) -> dict[str, Label]:
        """The judgement of each episode that has one."""
        return {
            episode: label for episode, label in self._labels.last().items() if _value(label) != LabelValue.UNLABELED
        }

    def clips(self, length: int = 9, stride: int = 1, **wanted: Unpack[EpisodeFilter]) -> list[ClipRef]:
        """Every window of `length` frames, `stride` frames apart, of the episodes that match."""
        return [
            ClipRef(meta.episode_id, start, length)
            for meta in self.episodes(**wanted)
            for start in range(0, meta.frames - length + 1, stride)
        ]

    def read_clip(self, clip: ClipRef) -> Frames:
        """The frames (length, h, w, 3) uint8 of a clip. Raises StoreError."""
        return self.read_frames(clip.episode_id, clip.start, clip.start + clip.length)

    def read_frames(self, episode_id: str, start: int = 0, stop: int | None = None) -> Frames:
        """Frames `start` to `stop` (exclusive; all when None) of an episode, (f, h, w, 3) uint8. Raises StoreError."""
        meta = self.meta(episode_id)
        return reader.read_frames(self.root / episode_id, meta, start, meta.frames if stop is None else stop)

    def read_steps(self, episode_id: str) -> reader.EpisodeSteps:
        """Stamps, poses, actions, plan indices and truth of an episode. Raises StoreError."""
        return reader.read_steps(self.root / episode_id, self.meta(episode_id))

    def read_plan(self, episode_id: str, plan: int) -> VideoPlan:
        """The imagined video with index `plan` of an episode. Raises StoreError."""
        return reader.read_plan(self.root / episode_id, self.meta(episode_id), plan)


def _value(label: Label | None) -> LabelValue:
    return LabelValue.UNLABELED if label is None else label.value


def _prepare(root: Path) -> bool:
    """Make `root` a store unless it is one; whether it may be written to."""
    try:
        with full_disk_named(str(root)):
            root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise StoreError(f"{root} cannot be a store: {error}") from error
    is_store = (root / STORE_LOCK).exists() or next(root.glob(f"*/{META_FILE}"), None) is not None
    if not is_store and any(root.iterdir()):
        raise StoreError(f"{root} has files but is no episode store: name another folder, or an empty one")
    return os.access(root, os.W_OK)
