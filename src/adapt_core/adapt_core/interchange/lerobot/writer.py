"""Writes the files of a LeRobotDataset v3.0, episode by episode."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapt_core.episode_store import EpisodeMeta, Label
from adapt_core.interchange.lerobot.data_files import DataFiles, VideoFiles
from adapt_core.interchange.lerobot.episode_rows import EpisodeRow, episode_table, tasks_table
from adapt_core.interchange.lerobot.layout import (
    CAMERA,
    DATA_FILE_MB,
    DATA_PATH,
    EPISODES_PATH,
    FILES_IN_CHUNK,
    INFO_FILE,
    STATS_FILE,
    TASKS_FILE,
    TIMESTAMP,
    VERSION,
    VIDEO_FILE_MB,
    VIDEO_PATH,
    EpisodeShape,
    FileIndex,
    data_schema,
    features,
)
from adapt_core.interchange.lerobot.statistics import histogram, image_statistics, vector_statistics
from adapt_core.interchange.lerobot.video import video_info
from adapt_core.types import Frames


class DatasetWriter:
    """Fills an empty folder. A context manager: `finish` makes the dataset readable, leaving the block closes its files."""

    def __init__(self, folder: Path, shape: EpisodeShape, fps: int, lossless: bool) -> None:
        self._folder = folder
        self._shape = shape
        self._fps = fps
        camera = {"dtype": "video", "info": video_info(fps, shape.image_shape)} if not lossless else {"dtype": "image"}
        self._features = features(shape, camera)
        self._data = DataFiles(folder, data_schema(self._features))
        self._videos = None if lossless else VideoFiles(folder, fps, shape.image_shape)
        self._tasks: dict[str, int] = {}
        self._rows: list[EpisodeRow] = []
        self._pixels = np.zeros((3, 256), np.int64)
        self._vectors: dict[str, list[NDArray[Any]]] = {}

    def begin_episode(self, meta: EpisodeMeta, label: Label | None) -> None:
        """Start an episode, judged by `label`."""
        start = self._rows[-1].stop if self._rows else 0
        task = self._tasks.setdefault(meta.in_domain_prompt, len(self._tasks))
        self._rows.append(EpisodeRow(len(self._rows), meta, label, task, start))
        if self._videos is not None:
            self._rows[-1].video = self._videos.begin_episode()

    def add_frames(self, frames: Frames) -> None:
        """Append frames (f, h, w, 3) uint8 to the episode."""
        self._rows[-1].pixels += histogram(frames)
        if self._videos is not None:
            self._videos.add(frames)
        else:
            self._data.add_images(frames)

    def end_episode(self, columns: dict[str, NDArray[Any]]) -> None:
        """End the episode with its numbers: each (n,) or (n, d)."""
        row = self._rows[-1]
        frame = np.arange(row.meta.frames)
        columns = columns | {
            TIMESTAMP: (frame / self._fps).astype(np.float32),
            "frame_index": frame,
            "episode_index": np.full_like(frame, row.index),
            "index": row.start + frame,
            "task_index": np.full_like(frame, row.task),
        }
        row.data = self._data.write(columns)
        row.statistics = {name: vector_statistics(values) for name, values in columns.items()}
        row.statistics[CAMERA] = image_statistics(row.pixels, row.meta.frames)
        self._pixels += row.pixels
        for name, values in columns.items():
            self._vectors.setdefault(name, []).append(values)

    def finish(self) -> None:
        """Write what is known only at the end: indices, statistics and `info.json`."""
        self.close()
        self._write_table(TASKS_FILE, tasks_table(list(self._tasks)))
        self._write_table(FileIndex().path(EPISODES_PATH), episode_table(self._rows, self._fps))
        statistics = {name: vector_statistics(np.concatenate(parts)) for name, parts in self._vectors.items()}
        statistics[CAMERA] = image_statistics(self._pixels, self._rows[-1].stop)
        (self._folder / STATS_FILE).write_text(json.dumps(statistics, indent=4), encoding="utf-8")
        (self._folder / INFO_FILE).write_text(json.dumps(self._info(), indent=4), encoding="utf-8")

    def close(self) -> None:
        """Close the files that are still open."""
        self._data.close()
        if self._videos is not None:
            self._videos.close()

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Close what is open; never hides the error that left the block."""
        try:
            self.close()
        except (OSError, ValueError, pa.ArrowException):
            if error is None:
                raise

    def _write_table(self, path: str, table: pa.Table) -> None:
        (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (self._folder / path).open("wb") as file:
            pq.write_table(table, file)

    def _info(self) -> dict[str, Any]:
        return {
            "codebase_version": VERSION,
            "robot_type": self._shape.robot,
            "total_episodes": len(self._rows),
            "total_frames": self._rows[-1].stop,
            "total_tasks": len(self._tasks),
            "chunks_size": FILES_IN_CHUNK,
            "data_files_size_in_mb": DATA_FILE_MB,
            "video_files_size_in_mb": VIDEO_FILE_MB,
            "fps": self._fps,
            "splits": {"train": f"0:{len(self._rows)}"},
            "data_path": DATA_PATH,
            "video_path": None if self._videos is None else VIDEO_PATH,
            "features": self._features,
        }
