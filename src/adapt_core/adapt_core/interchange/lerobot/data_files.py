"""The files that hold the frames: parquet for the numbers (and PNGs), MP4 for the videos. A file is ended once it is large."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapt_core.images import encode_png
from adapt_core.interchange.lerobot.layout import (
    CAMERA,
    DATA_FILE_MB,
    DATA_PATH,
    VIDEO_FILE_MB,
    VIDEO_PATH,
    FileIndex,
)
from adapt_core.interchange.lerobot.video import VideoWriter
from adapt_core.types import Frames


class VideoStart(NamedTuple):
    """Where an episode's frames begin: which file, and which of its frames."""

    file: FileIndex
    frame: int


class DataFiles:
    """`data/**.parquet`: a row a frame, a row group an episode."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder = folder
        self._schema = schema
        self._index: FileIndex | None = None
        self._writer: pq.ParquetWriter | None = None
        self._file: Any = None
        self._images: list[dict[str, Any]] = []

    def add_images(self, frames: Frames) -> None:
        """Frames (f, h, w, 3) uint8 of the episode that `write` will write."""
        self._images += [{"bytes": encode_png(image), "path": None} for image in frames]

    def write(self, columns: dict[str, NDArray[Any]]) -> FileIndex:
        """Write an episode, each column (n,) or (n, d); the file it is in."""
        if self._writer is None or self._file.tell() > DATA_FILE_MB * 2**20:
            self._open_next()
        assert self._index is not None and self._writer is not None
        arrays = [
            pa.array(self._images if field.name == CAMERA else list(columns[field.name]), field.type)
            for field in self._schema
        ]
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._images = []
        return self._index

    def close(self) -> None:
        """End the file that is open."""
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            finally:
                self._file.close()

    def _open_next(self) -> None:
        self.close()
        self._index = FileIndex() if self._index is None else self._index.next()
        path = self._folder / self._index.path(DATA_PATH)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="snappy")


class VideoFiles:
    """`videos/<camera>/**.mp4`: episode after episode."""

    def __init__(self, folder: Path, fps: int, shape: tuple[int, int]) -> None:
        """`shape` is (height, width) of the frames."""
        self._folder = folder
        self._fps = fps
        self._shape = shape
        self._index: FileIndex | None = None
        self._writer: VideoWriter | None = None

    def begin_episode(self) -> VideoStart:
        """Where the frames that are added next will lie."""
        if self._index is None or self._writer is None or self._writer.megabytes > VIDEO_FILE_MB:
            self.close()
            self._index = FileIndex() if self._index is None else self._index.next()
            path = self._folder / self._index.path(VIDEO_PATH, CAMERA)
            self._writer = VideoWriter(path, self._fps, self._shape)
        return VideoStart(self._index, self._writer.frames)

    def add(self, frames: Frames) -> None:
        """Append frames (f, h, w, 3) uint8 to the episode begun last."""
        assert self._writer is not None
        self._writer.add(frames)

    def close(self) -> None:
        """End the file that is open."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
