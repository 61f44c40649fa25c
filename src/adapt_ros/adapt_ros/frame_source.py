"""Frames of a USB camera or a video file, for as long as it takes: a source that goes away is opened again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from adapt_core.types import Image

FIRST_RETRY_S = 0.25
LAST_RETRY_S = 5.0  # the wait doubles up to this
DEFAULT_RATE_HZ = 30.0  # of a file that does not say its own


class FrameSource:
    """Reads `device` in a thread: an index ("0"), a device path ("/dev/video0") or a video file, which is looped.

    `on_frame` is called with each RGB image, `on_lost` once with what is wrong when frames cease, `on_found` once when
    they come; all in that thread.
    """

    def __init__(
        self,
        device: str,
        on_frame: Callable[[Image], None],
        on_lost: Callable[[str], None],
        on_found: Callable[[], None],
    ) -> None:
        self._device = device
        self._on_frame, self._on_lost, self._on_found = on_frame, on_lost, on_found
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more, release the device."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    @property
    def is_file(self) -> bool:
        """A video file, not a camera."""
        return not self._device.isdigit() and not self._device.startswith("/dev/")

    def _run(self) -> None:
        retry_s, said = FIRST_RETRY_S, False
        while not self._stopping.is_set():
            frames = self._read_until_it_ends()
            if self._stopping.is_set() or (self.is_file and frames):
                continue  # a file begins again; whether it still exists shows then
            retry_s = FIRST_RETRY_S if frames or not said else min(2 * retry_s, LAST_RETRY_S)
            if frames or not said:
                self._on_lost(self._what_is_wrong(frames))
            said = True
            self._stopping.wait(retry_s)

    def _read_until_it_ends(self) -> int:
        """Open the source and hand out its frames; how many there were."""
        count = 0
        capture = self._open()
        try:
            period_s = self._period_s(capture)
            due_s = time.monotonic()
            while not self._stopping.is_set():
                read, bgr = capture.read()
                if not read:
                    break
                if count == 0:
                    self._on_found()
                self._on_frame(np.ascontiguousarray(bgr[..., ::-1]))
                count += 1
                due_s += period_s
                self._stopping.wait(max(0.0, due_s - time.monotonic()))
        finally:
            capture.release()
        return count

    def _open(self) -> Any:
        if self._device.isdigit():
            return cv2.VideoCapture(int(self._device))
        return cv2.VideoCapture(self._device, cv2.CAP_ANY if self.is_file else cv2.CAP_V4L2)

    def _period_s(self, capture: Any) -> float:
        """A camera sets its own pace."""
        return 1.0 / (capture.get(cv2.CAP_PROP_FPS) or DEFAULT_RATE_HZ) if self.is_file else 0.0

    def _what_is_wrong(self, frames: int) -> str:
        if self.is_file:
            fault = "holds no frames that OpenCV can read" if Path(self._device).is_file() else "does not exist"
            return f"the video file {self._device} {fault}: put it there or give another; trying again until then"
        there = ", ".join(sorted(map(str, Path("/dev").glob("video*")))) or "none"
        fault = "gives no more frames: was it unplugged?" if frames else "cannot be opened."
        remedy = "Plug it in or give another; trying again until then"
        return f"camera {self._device} {fault} Devices there are: {there}. {remedy}"
