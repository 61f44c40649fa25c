"""Judgements of episodes: an append-only log apart from the data, in which the last row of an episode wins."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adapt_core.durable import full_disk_named, sync
from adapt_core.types import LabelValue

LABELS_FILE = "labels.jsonl"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Label:
    """One row of the log: who judged which episode how, and when (UTC, ISO 8601)."""

    episode: str
    value: LabelValue
    operator: str
    time: str


_LABEL = TypeAdapter(Label)


class LabelLog:
    """The log of one store. Any number of processes may append and read at once."""

    def __init__(self, root: Path) -> None:
        """The log within the store's folder `root`; the file is made by the first label."""
        self._path = root / LABELS_FILE
        self._lock = threading.Lock()
        self._offset = 0
        self._last: dict[str, Label] = {}

    def append(self, episode_id: str, value: LabelValue, operator: str) -> Label:
        """Append a row; it is on the disk when this returns. Raises StorageFullError."""
        label = Label(episode_id, value, operator, datetime.now(UTC).isoformat())
        row = json.dumps(vars(label), ensure_ascii=False).encode() + b"\n"
        with full_disk_named(str(self._path)):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                _append_line(handle, row)
                os.fsync(handle)
            finally:
                os.close(handle)
            sync(self._path.parent)
        return label

    def last(self) -> dict[str, Label]:
        """The last row of each episode that has any, undone ones ("unlabeled") among them."""
        with self._lock:
            self._read_on()
            return dict(self._last)

    def value(self, episode_id: str) -> LabelValue:
        """How the episode is judged now."""
        with self._lock:
            self._read_on()
            label = self._last.get(episode_id)
        return LabelValue.UNLABELED if label is None else label.value

    def _read_on(self) -> None:
        """Take in what was appended since the last reading; a torn last line waits until it is ended."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size < self._offset:  # another file was put in its place
            self._offset, self._last = 0, {}
        if size == self._offset:
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            lines = file.read().splitlines(keepends=True)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._offset += len(line)
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            label = _LABEL.validate_json(line, strict=True)
        except ValidationError:
            _log.warning("%s: skipped a torn row: %r", self._path, line[:120])
            return
        self._last[label.episode] = label


def _append_line(handle: int, row: bytes) -> None:
    """Append `row` in one write, on a new line even after a torn one; take back a part that did not fit."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        row = b"\n" + row
    try:
        written = os.write(handle, row)
        while written < len(row):
            written += os.write(handle, row[written:])
    except OSError:
        os.ftruncate(handle, size)
        raise
