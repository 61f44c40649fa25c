"""Records one episode as it happens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adapt_core.durable import full_disk_named, release
from adapt_core.episode_store.meta import EpisodeHeader, EpisodeMeta
from adapt_core.episode_store.packing import pack
from adapt_core.episode_store.recording import (
    HEADER_FILE,
    PLANS_FILE,
    PREFIX,
    RESULT_FILE,
    STEPS_FILE,
    PlanRow,
    Result,
    StepRow,
    frame_image,
    plan_images,
    read_recording,
    to_json,
)
from adapt_core.errors import StoreError
from adapt_core.images import check_frames, check_image, encode_png
from adapt_core.types import END_EFFECTOR_DIM, Observation, Outcome, VideoPlan


class EpisodeWriter:
    """Writes every observation and plan at once, so that a crash at any instant loses none that was added.

    Use as a context manager: `finish` ends the episode; leaving the block in any other way ends it as aborted. A crash
    of the process loses nothing that was added; a power cut may lose the last seconds.
    """

    def __init__(self, folder: Path, lock: int, header: EpisodeHeader) -> None:
        """Start writing into the new, locked `folder` (see EpisodeStore.begin)."""
        self.episode_id = folder.name.removeprefix(PREFIX)
        self.header = header
        self._folder = folder
        self._lock: int | None = lock
        self._frames = self._plans = 0
        self._action_dim: int | None = None
        with self._open():
            (folder / "frames").mkdir()
            (folder / "plans").mkdir()
            _write(folder / HEADER_FILE, to_json(header))

    def add_plan(self, plan: VideoPlan) -> int:
        """Store an imagined video; its index, which observations that follow it name. Raises ImageError."""
        check_frames(plan.frames, what="the plan's frames")
        described = {key: value for key, value in vars(plan).items() if key != "frames"}
        row = PlanRow(frames=len(plan.frames), **described)
        paths = plan_images(self._folder, self._plans, row.frames)
        with self._open():
            paths[0].parent.mkdir(exist_ok=True)
            for path, frame in zip(paths, plan.frames, strict=True):
                _write(path, encode_png(frame))
            _append(self._folder / PLANS_FILE, to_json(row))
        self._plans += 1
        return self._plans - 1

    def add_observation(self, observation: Observation, action: NDArray[np.float64] | None, plan: int | None) -> None:
        """Store what was seen after `action` (d,) of the plan with index `plan`; the reset's observation has neither.

        Raises ImageError for an image of another size than the header's, StoreError for an action or plan out of place.
        """
        check_image(observation.image, self.header.image_shape, "the observation's image")
        row = self._row(observation, action, plan)
        with self._open():
            _write(frame_image(self._folder, self._frames), encode_png(observation.image))
            _append(self._folder / STEPS_FILE, to_json(row))
        self._frames += 1

    def finish(self, outcome: Outcome, reason: str = "", success: bool | None = None) -> EpisodeMeta:
        """End the episode and make it part of the store. `success` is the world's truth.

        Raises StorageFullError when the disk is full; the store makes the episode whole when next opened with space.
        """
        result = Result(outcome, reason, success)
        try:
            with self._open():
                _write(self._folder / RESULT_FILE, to_json(result))
                return pack(read_recording(self._folder), result, self._folder.parent / self.episode_id)
        finally:
            self._close()

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """End the episode as aborted if it has not been finished; never hides the error that left the block."""
        if self._lock is None:
            return
        reason = "the recording ended without a result" if kind is None else f"{kind.__name__}: {error}"
        try:
            self.finish(Outcome.ABORTED, reason, read_recording(self._folder).truth())
        except (StoreError, OSError):
            self._close()
            if error is None:
                raise

    @contextmanager
    def _open(self) -> Iterator[None]:
        if self._lock is None:
            raise StoreError(f"episode {self.episode_id} is finished: begin another one")
        with full_disk_named(f"episode {self.episode_id}"):
            yield

    def _close(self) -> None:
        if (self._folder.parent / self.episode_id).exists():
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            release(self._lock)
        self._lock = None

    def _row(self, observation: Observation, action: NDArray[np.float64] | None, plan: int | None) -> StepRow:
        if (action is None) != (self._frames == 0):
            raise StoreError("the first observation of an episode has no action, every later one has the one before it")
        if plan is not None and not 0 <= plan < self._plans:
            raise StoreError(f"there is no plan {plan} in this episode yet: call add_plan first")
        if action is not None:
            self._check_action(action)
        pose = observation.end_effector
        if pose is not None and np.shape(pose) != (END_EFFECTOR_DIM,):
            raise StoreError(f"an end effector has {END_EFFECTOR_DIM} numbers, not the shape {np.shape(pose)}")
        return StepRow(
            float(observation.stamp_s),
            int(observation.step),
            None if pose is None else np.asarray(pose, np.float64).tolist(),
            None if action is None else np.asarray(action, np.float64).tolist(),
            plan,
            None if observation.success is None else bool(observation.success),
        )

    def _check_action(self, action: NDArray[np.float64]) -> None:
        shape = np.shape(action)
        if len(shape) != 1 or self._action_dim not in (None, shape[0]):
            raise StoreError(f"an action is a vector of one length throughout an episode, not of shape {shape}")
        self._action_dim = shape[0]


def _write(path: Path, data: bytes) -> None:
    """Write a file without buffering: what the call returned from survives the process."""
    with path.open("wb", buffering=0) as file:
        _write_all(file.fileno(), data)


def _append(path: Path, row: bytes) -> None:
    """Append one line; when the disk is full, take back the part that was written."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    size = os.fstat(handle).st_size
    try:
        _write_all(handle, row + b"\n")
    except OSError:
        os.ftruncate(handle, size)
        raise
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
