"""Reads a LeRobotDataset v3.0, whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from adapt_core.errors import ImageError, StoreError
from adapt_core.images import decode_png
from adapt_core.interchange.lerobot.layout import (
    ACTION,
    CONTROL_STEP,
    EPISODES_FOLDER,
    INFO_FILE,
    STAMP,
    STATE,
    SUCCESS,
    TIMESTAMP,
    VERSION,
    FileIndex,
)
from adapt_core.interchange.lerobot.video import read_video
from adapt_core.types import Image


@dataclass(frozen=True)
class Row:
    """An episode of `length` frames: its number, its task in words, and its other columns in meta/episodes."""

    index: int
    length: int
    task: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class _Info:
    """What is read of meta/info.json."""

    codebase_version: str
    fps: float
    features: dict[str, dict[str, Any]]
    data_path: str
    video_path: str | None = None
    robot_type: str | None = None


class Dataset:
    """A dataset in a folder of this machine."""

    def __init__(self, folder: Path, camera: str = "") -> None:
        """`camera` names the images to read; needed where the dataset has several.

        Raises StoreError for a folder that is no such dataset, is damaged, or of another version.
        """
        self.folder = folder
        self._info = _read_info(folder)
        self._camera = _choose_camera(folder, self._info, camera)
        if ACTION not in self._info.features:
            raise StoreError(f'{folder} has no feature "{ACTION}": it cannot be made into episodes')
        with _damage_named(folder):
            self.rows = [_row(columns) for columns in _read_episodes(folder)]

    @property
    def robot(self) -> str:
        """The robot's name as the dataset gives it; empty where it gives none."""
        return self._info.robot_type or ""

    def names(self, feature: str) -> Any:
        """What the dataset calls the dimensions of a feature; None where it does not say or has no such feature."""
        return self._info.features.get(feature, {}).get("names")

    def numbers(self, row: Row) -> dict[str, NDArray[Any]]:
        """Those of the columns that episodes are made of that the dataset has, each (n,) or (n, d). Raises StoreError."""
        wanted = [ACTION, TIMESTAMP, STATE, STAMP, CONTROL_STEP, SUCCESS]
        table = self._table(row, [name for name in wanted if name in self._info.features])
        with _damage_named(self.folder):
            return {name: np.array(table[name].to_pylist()) for name in table.column_names}

    def images(self, row: Row) -> Iterator[Image]:
        """The frames (h, w, 3) uint8 RGB of an episode in order. Raises StoreError."""
        if self._info.features[self._camera]["dtype"] == "image":
            for cell in self._table(row, [self._camera])[self._camera].to_pylist():
                with _damage_named(self.folder):
                    yield decode_png(cell["bytes"])
            return
        prefix = f"videos/{self._camera}"
        with _damage_named(self.folder):
            index = FileIndex(row.columns[f"{prefix}/chunk_index"], row.columns[f"{prefix}/file_index"])
            start_s = float(row.columns[f"{prefix}/from_timestamp"])
            path = self.folder / index.path(self._info.video_path or "", self._camera)
        yield from read_video(path, start_s, row.length, self._info.fps)

    def _table(self, row: Row, columns: list[str]) -> pa.Table:
        with _damage_named(self.folder):
            index = FileIndex(row.columns["data/chunk_index"], row.columns["data/file_index"])
            path = self.folder / index.path(self._info.data_path)
            table = pq.read_table(path, columns=columns, filters=[("episode_index", "=", row.index)], partitioning=None)
            if table.num_rows != row.length:
                raise ValueError(f"{path} has {table.num_rows} frames of episode {row.index}, not {row.length}")
            return table


def _read_info(folder: Path) -> _Info:
    path = folder / INFO_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = str(data.get("codebase_version"))
        if version.split(".")[0] != VERSION.split(".")[0]:
            raise StoreError(
                f"{folder} is a LeRobot dataset of version {version}; this reads {VERSION}: convert it with lerobot's "
                "convert_dataset_v21_to_v30"
            )
        return TypeAdapter(_Info).validate_python(data)
    except FileNotFoundError as error:
        raise StoreError(f"{folder} is no LeRobot dataset: it has no {INFO_FILE}") from error
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise StoreError(f"{path} cannot be read ({error}): fetch the dataset again") from error


def _choose_camera(folder: Path, info: _Info, camera: str) -> str:
    cameras = [name for name, feature in info.features.items() if feature.get("dtype") in ("video", "image")]
    if not cameras:
        raise StoreError(f"{folder} has no images: it cannot be made into episodes")
    if camera and camera not in cameras:
        raise StoreError(f'{folder} has no camera "{camera}", but: {", ".join(cameras)}')
    if not camera and len(cameras) > 1:
        raise StoreError(f"{folder} has several cameras, say which one: {', '.join(cameras)}")
    return camera or cameras[0]


def _read_episodes(folder: Path) -> list[dict[str, Any]]:
    """The rows of meta/episodes, by episode, without the statistics."""
    rows = []
    for path in sorted((folder / EPISODES_FOLDER).glob("*/*.parquet")):
        with pq.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if not name.startswith("stats/")]
            rows += file.read(columns).to_pylist()
    return sorted(rows, key=lambda row: int(row["episode_index"]))


def _row(columns: dict[str, Any]) -> Row:
    return Row(columns["episode_index"], columns["length"], columns["tasks"][0], columns)


@contextmanager
def _damage_named(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged file raises within the block into a StoreError that names the dataset."""
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, TypeError, pa.ArrowException, ImageError) as error:
        raise StoreError(
            f"the LeRobot dataset {folder} is damaged ({type(error).__name__}: {error}): fetch it again"
        ) from error
