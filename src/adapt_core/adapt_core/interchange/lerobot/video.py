"""Frames into an MP4 file and out of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from adapt_core.errors import StoreError
from adapt_core.types import Frames, Image

# At 128x128 pixels, full chroma costs the same bytes as 4:2:0 and is 6 dB nearer to the images; it also takes odd sizes. A
# keyframe every other frame, as LeRobot has it, makes single frames quick to read.
CODEC = "libx264"
PIXELS = "yuv444p"
OPTIONS = {"crf": "18", "g": "2", "bf": "0"}


class VideoWriter:
    """Encodes frames into one file, `fps` of them a second. To be closed; whatever the disk raises comes out as OSError."""

    def __init__(self, path: Path, fps: int, shape: tuple[int, int]) -> None:
        """`shape` is (height, width) of the frames."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.frames = 0
        self._tick = Fraction(1, fps)
        self._file = path.open("wb")
        self._container = av.open(self._file, "w", format="mp4")
        stream = self._container.add_stream(CODEC, rate=fps, options=OPTIONS)
        assert isinstance(stream, av.VideoStream)
        self._stream = stream
        self._stream.height, self._stream.width = shape
        self._stream.pix_fmt = PIXELS

    @property
    def megabytes(self) -> float:
        """Written so far."""
        return self._file.tell() / 2**20

    def add(self, frames: Frames) -> None:
        """Append `frames` (f, h, w, 3) uint8 RGB."""
        for image in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts = self.frames
            frame.time_base = self._tick
            self._container.mux(self._stream.encode(frame))
            self.frames += 1

    def close(self) -> None:
        """Write what is still in the encoder, and the index without which the file cannot be read."""
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
        finally:
            self._file.close()


def video_info(fps: int, shape: tuple[int, int]) -> dict[str, Any]:
    """`info` of a video feature in info.json."""
    return {
        "video.height": shape[0],
        "video.width": shape[1],
        "video.codec": "h264",
        "video.pix_fmt": PIXELS,
        "video.fps": fps,
        "video.channels": 3,
        "has_audio": False,
        "is_depth_map": False,
    }


def read_video(path: Path, start_s: float, count: int, fps: float) -> Iterator[Image]:
    """`count` frames (h, w, 3) uint8 RGB of the file from the time `start_s` on, `fps` of them a second.

    Raises StoreError for a file that is missing, damaged or too short.
    """
    read = 0
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            container.seek(max(0, round(start_s / float(stream.time_base or 1))), stream=stream)
            for frame in container.decode(stream):
                if read == count:
                    break
                if frame.time is not None and frame.time > start_s - 0.5 / fps:
                    read += 1
                    yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (OSError, IndexError, av.error.FFmpegError) as error:
        raise StoreError(f"the video {path} is damaged or missing ({error}): fetch the dataset again") from error
    if read < count:
        raise StoreError(f"the video {path} ends {count - read} frames too early: fetch the dataset again")
