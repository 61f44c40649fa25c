"""Reads a stored episode: frames, steps and plans."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import ValidationError

from adapt_core.episode_store.meta import EpisodeMeta
from adapt_core.episode_store.packing import FRAMES_FILE, PLANS_FILE, STEPS_FILE, frame_name, plan_name
from adapt_core.episode_store.recording import PLAN_ROW
from adapt_core.errors import ImageError, StoreError
from adapt_core.images import decode_png, decode_pngs
from adapt_core.types import END_EFFECTOR_DIM, Frames, VideoPlan


@dataclass(frozen=True)
class EpisodeSteps:
    """The numbers of an episode of n frames.

    `stamps_s` (n,) float64 on the world's clock; `control_steps` (n,) int64 since the reset; `end_effector` (n, 8)
    float64 or None for a world without one; `actions` (n - 1, d) float64, row i led from frame i to frame i + 1; `plan`
    (n - 1,) int32, the plan each action came from, -1 for none; `success` (n,) int8, the world's truth 1 or 0, -1 where
    it has none.
    """

    stamps_s: NDArray[np.float64]
    control_steps: NDArray[np.int64]
    end_effector: NDArray[np.float64] | None
    actions: NDArray[np.float64]
    plan: NDArray[np.int32]
    success: NDArray[np.int8]


def read_frames(folder: Path, meta: EpisodeMeta, start: int, stop: int) -> Frames:
    """Frames `start` to `stop` (exclusive), (stop - start, h, w, 3) uint8. Raises StoreError."""
    if not 0 <= start <= stop <= meta.frames:
        raise StoreError(f"episode {meta.episode_id} has frames 0 to {meta.frames}, not {start} to {stop}")
    with damage_named(meta.episode_id), zipfile.ZipFile(folder / FRAMES_FILE) as archive:
        return decode_pngs([archive.read(frame_name(index)) for index in range(start, stop)], meta.image_shape)


def read_steps(folder: Path, meta: EpisodeMeta) -> EpisodeSteps:
    """The numbers of all steps. Raises StoreError."""
    with damage_named(meta.episode_id):
        with pq.ParquetFile(folder / STEPS_FILE) as file:  # read_table would import pyarrow.dataset, 80 ms
            columns = file.read().to_pydict()
        if len(columns["stamp_s"]) != meta.frames:
            raise ValueError(f"{STEPS_FILE} has {len(columns['stamp_s'])} rows for {meta.frames} frames")
        actions = columns["action"][1:]
        return EpisodeSteps(
            stamps_s=np.array(columns["stamp_s"], np.float64),
            control_steps=np.array(columns["step"], np.int64),
            end_effector=_poses(columns["end_effector"]),
            actions=np.array(actions, np.float64).reshape(len(actions), -1 if actions else 0),
            plan=np.array([-1 if plan is None else plan for plan in columns["plan"][1:]], np.int32),
            success=np.array([-1 if said is None else said for said in columns["success"]], np.int8),
        )


def read_plan(folder: Path, meta: EpisodeMeta, plan: int) -> VideoPlan:
    """The imagined video with index `plan`. Raises StoreError."""
    if not 0 <= plan < meta.plans:
        raise StoreError(f"episode {meta.episode_id} has {meta.plans} plans, counted from 0; there is no plan {plan}")
    with damage_named(meta.episode_id), zipfile.ZipFile(folder / PLANS_FILE) as archive:
        row = PLAN_ROW.validate_json(archive.read(plan_name(plan)), strict=True)
        frames = np.stack([decode_png(archive.read(plan_name(plan, frame))) for frame in range(row.frames)])
        return VideoPlan(frames, row.in_domain_prompt, row.prior_prompt, row.seed, row.weights_version, row.stamp_s)


@contextmanager
def damage_named(episode_id: str) -> Iterator[None]:
    """Turn whatever a damaged file raises within the block into a StoreError that names the episode."""
    try:
        yield
    except (
        OSError, EOFError, ValueError, KeyError, IndexError, NotImplementedError,
        zipfile.BadZipFile, pa.ArrowException, cv2.error, ValidationError, ImageError,
    ) as error:  # fmt: skip
        remedy = "move its folder out of the store, or restore it from a copy"
        raise StoreError(f"episode {episode_id} is damaged ({type(error).__name__}: {error}): {remedy}") from error


def _poses(rows: list[list[float] | None]) -> NDArray[np.float64] | None:
    """(n, 8) float64 with NaN where a pose is missing; None when all are."""
    if all(row is None for row in rows):
        return None
    missing = [np.nan] * END_EFFECTOR_DIM
    return np.array([missing if row is None else row for row in rows], np.float64)
