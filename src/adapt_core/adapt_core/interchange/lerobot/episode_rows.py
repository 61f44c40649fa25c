"""The tables under `meta/`: a row an episode, a row a task."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapt_core.episode_store import EpisodeMeta, Label
from adapt_core.episode_store.meta import meta_bytes
from adapt_core.interchange.lerobot.data_files import VideoStart
from adapt_core.interchange.lerobot.layout import CAMERA, EPISODE_META, LABEL, OPERATOR, FileIndex
from adapt_core.interchange.lerobot.statistics import Statistics
from adapt_core.types import LabelValue


@dataclass
class EpisodeRow:
    """An episode of the dataset: `start` is its first frame among all, `pixels` (3, 256) the histogram of its images."""

    index: int
    meta: EpisodeMeta
    label: Label | None
    task: int
    start: int
    data: FileIndex = field(default_factory=FileIndex)
    video: VideoStart | None = None
    pixels: NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, 256), np.int64))
    statistics: dict[str, Statistics] = field(default_factory=dict)

    @property
    def stop(self) -> int:
        """The frame after its last."""
        return self.start + self.meta.frames


def episode_table(rows: list[EpisodeRow], fps: int) -> pa.Table:
    """`meta/episodes/**.parquet`."""
    return pa.Table.from_pylist([_episode(row, fps) for row in rows])


def tasks_table(tasks: list[str]) -> pa.Table:
    """`meta/tasks.parquet`: a pandas frame whose index is the task's words, as LeRobot reads it."""
    column = {"metadata": None, "field_name": "task_index", "name": "task_index"}
    index = {"metadata": None, "field_name": "task", "name": "task"}
    pandas = {
        "index_columns": ["task"],
        "column_indexes": [],
        "columns": [
            {**column, "pandas_type": "int64", "numpy_type": "int64"},
            {**index, "pandas_type": "unicode", "numpy_type": "object"},
        ],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.0.0",
    }
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())})
    return table.replace_schema_metadata({"pandas": json.dumps(pandas)})


def _episode(row: EpisodeRow, fps: int) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "episode_index": row.index,
        "tasks": [row.meta.in_domain_prompt],
        "length": row.meta.frames,
        "dataset_from_index": row.start,
        "dataset_to_index": row.stop,
        "data/chunk_index": row.data.chunk,
        "data/file_index": row.data.file,
        "meta/episodes/chunk_index": 0,
        "meta/episodes/file_index": 0,
        EPISODE_META: meta_bytes(row.meta).decode(),
        LABEL: (LabelValue.UNLABELED if row.label is None else row.label.value).value,
        OPERATOR: "" if row.label is None else row.label.operator,
    }
    if row.video is not None:
        columns |= {
            f"videos/{CAMERA}/chunk_index": row.video.file.chunk,
            f"videos/{CAMERA}/file_index": row.video.file.file,
            f"videos/{CAMERA}/from_timestamp": row.video.frame / fps,
            f"videos/{CAMERA}/to_timestamp": (row.video.frame + row.meta.frames) / fps,
        }
    for feature, statistics in row.statistics.items():
        columns |= {f"stats/{feature}/{name}": value for name, value in statistics.items()}
    return columns
