"""From a recording's many files to the four of a stored episode."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapt_core.durable import publish
from adapt_core.episode_store.meta import META_FILE, EpisodeMeta, meta_bytes
from adapt_core.episode_store.recording import Recording, Result, StepRow, frame_image, plan_images
from adapt_core.types import END_EFFECTOR_DIM

FRAMES_FILE = "frames.zip"
PLANS_FILE = "plans.zip"
STEPS_FILE = "steps.parquet"

_STEPS = pa.schema(
    [
        ("stamp_s", pa.float64()),
        ("step", pa.int64()),
        ("end_effector", pa.list_(pa.float64(), END_EFFECTOR_DIM)),
        ("action", pa.list_(pa.float64())),
        ("plan", pa.int32()),
        ("success", pa.bool_()),
    ]
)


def pack(recording: Recording, result: Result, final: Path) -> EpisodeMeta:
    """Turn `recording`, ended by `result`, into the stored episode `final`, there whole or not at all.

    The recording's folder stays; the caller deletes it. Raises OSError when the disk is full.
    """
    meta = recording.meta(result)
    packed = recording.folder / "packed"
    shutil.rmtree(packed, ignore_errors=True)
    packed.mkdir()
    try:
        _pack_frames(recording, packed / FRAMES_FILE)
        _pack_plans(recording, packed / PLANS_FILE)
        _pack_steps(recording.steps, packed / STEPS_FILE)
        (packed / META_FILE).write_bytes(meta_bytes(meta))
        publish(packed, final)
    finally:
        shutil.rmtree(packed, ignore_errors=True)
    return meta


def frame_name(index: int) -> str:
    """Name of frame `index` within frames.zip."""
    return f"{index:06}.png"


def plan_name(plan: int, frame: int | None = None) -> str:
    """Name within plans.zip of a plan's description, or of one of its frames."""
    return f"{plan:04}/plan.json" if frame is None else f"{plan:04}/{frame:03}.png"


def _pack_frames(recording: Recording, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for index in range(len(recording.steps)):
            archive.writestr(zipfile.ZipInfo(frame_name(index)), frame_image(recording.folder, index).read_bytes())


def _pack_plans(recording: Recording, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, row in enumerate(recording.plans):
            archive.writestr(zipfile.ZipInfo(plan_name(number)), json.dumps(asdict(row)))
            for frame, image in enumerate(plan_images(recording.folder, number, row.frames)):
                archive.writestr(zipfile.ZipInfo(plan_name(number, frame)), image.read_bytes())


def _pack_steps(rows: list[StepRow], path: Path) -> None:
    columns = {name: [getattr(row, name) for row in rows] for name in _STEPS.names}
    pq.write_table(pa.table(columns, schema=_STEPS), path)
