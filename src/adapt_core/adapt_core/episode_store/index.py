"""Which episodes a store has, without opening each: a cache that can be rebuilt from the episodes at any time."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TypedDict

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from adapt_core.durable import exclusive, write_whole
from adapt_core.episode_store.meta import META_FILE, SCHEMA_VERSION, EpisodeMeta, read_meta
from adapt_core.errors import StoreError
from adapt_core.types import LabelValue, Outcome

INDEX_FILE = "index.parquet"
_SAVE_AFTER = 100  # new episodes, so that a long run does not rewrite the cache with each of them
_METAS = TypeAdapter(list[EpisodeMeta])
_log = logging.getLogger(__name__)


class EpisodeFilter(TypedDict, total=False):
    """Which episodes are wanted; what is left out does not matter."""

    task_id: str | None
    label: LabelValue | None
    weights_version: str | None
    run_id: str | None
    iteration: int | None
    outcome: Outcome | None


class EpisodeIndex:
    """The meta data of all episodes under `root`, by id. `metas_read` counts the meta.json files it had to open."""

    def __init__(self, root: Path, writable: bool) -> None:
        """Load the cache and bring it up to date; write it back when it was not."""
        self.metas_read = 0
        self._root = root
        self._writable = writable
        self._lock = threading.Lock()
        self._metas = _load(root / INDEX_FILE)
        self._damaged: dict[str, str] = {}
        self._unsaved = 0
        self.refresh(save_after=1)

    def refresh(self, save_after: int = _SAVE_AFTER) -> None:
        """Take in episodes that came, forget those that went."""
        with self._lock:
            there = {
                entry.name for entry in os.scandir(self._root) if not entry.name.startswith(".") and entry.is_dir()
            }
            for gone in self._metas.keys() - there:
                del self._metas[gone]
                self._unsaved += 1
            self._damaged = {name: why for name, why in self._damaged.items() if name in there}
            for new in sorted(there - self._metas.keys() - self._damaged.keys()):
                self._take(new)
            if self._unsaved >= save_after and self._writable:
                self._save()

    def all(self) -> list[EpisodeMeta]:
        """All readable episodes, oldest first, as of the last refresh."""
        with self._lock:
            return self._sorted()

    def get(self, episode_id: str) -> EpisodeMeta:
        """The episode with this id. Raises StoreError when there is none or it is damaged."""
        if episode_id not in self._metas or not (self._root / episode_id).is_dir():
            self.refresh()
        if episode_id in self._damaged:
            raise StoreError(self._damaged[episode_id])
        if episode_id not in self._metas:
            raise StoreError(f'there is no episode "{episode_id}" in {self._root}')
        return self._metas[episode_id]

    def _sorted(self) -> list[EpisodeMeta]:
        return [self._metas[episode_id] for episode_id in sorted(self._metas)]

    def _take(self, episode_id: str) -> None:
        folder = self._root / episode_id
        if not (folder / META_FILE).exists() and not (folder / "frames.zip").exists():
            return  # somebody's own folder
        self.metas_read += 1
        try:
            self._metas[episode_id] = read_meta(folder)
            self._unsaved += 1
        except StoreError as error:
            self._damaged[episode_id] = str(error)
            _log.warning("%s", error)

    def _save(self) -> None:
        rows = [{**vars(meta), "image_shape": list(meta.image_shape)} for meta in self._sorted()]
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(rows), sink)
        try:
            with exclusive(self._root / f".{INDEX_FILE}.lock"):
                write_whole(self._root / INDEX_FILE, sink.getvalue().to_pybytes())
        except OSError as error:  # a cache: the store works without
            _log.warning("%s was not written: %s", self._root / INDEX_FILE, error)
            return
        self._unsaved = 0


def _load(path: Path) -> dict[str, EpisodeMeta]:
    """The cached meta data; nothing when the cache is missing, damaged or another version's."""
    try:
        with pq.ParquetFile(path) as file:
            metas = _METAS.validate_python(file.read().to_pylist())
    except (OSError, ValueError, pa.ArrowException):
        return {}
    return {meta.episode_id: meta for meta in metas if meta.schema_version == SCHEMA_VERSION}
