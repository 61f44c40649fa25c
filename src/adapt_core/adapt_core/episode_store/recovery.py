"""What to do, when a store is opened, with recordings whose writer died."""

from __future__ import annotations

import logging
import shutil
import uuid
from pathlib import Path

from adapt_core.durable import exclusive, full_disk_named, lock_if_abandoned, release
from adapt_core.episode_store.meta import EpisodeMeta
from adapt_core.episode_store.packing import pack
from adapt_core.episode_store.recording import PREFIX, Result, read_recording
from adapt_core.errors import StoreError
from adapt_core.types import Outcome

QUARANTINE = ".quarantine"
STORE_LOCK = ".store.lock"
DIED = "the recording process died before the episode ended"
_log = logging.getLogger(__name__)


def recover(root: Path) -> list[EpisodeMeta]:
    """Make episodes of all recordings under `root` whose writer is dead; those of living writers are not touched.

    One that had its result is stored with it, any other as aborted with every readable frame; one without a readable
    header is moved to `.quarantine/` with a `reason.txt`. Raises StorageFullError; what was not recovered then waits
    for the next time.
    """
    with full_disk_named(str(root)), exclusive(root / STORE_LOCK):
        locked = [(folder, lock_if_abandoned(folder)) for folder in sorted(root.glob(f"{PREFIX}*"))]
    recovered = []
    try:
        for folder, handle in locked:
            if handle is not None and (meta := _recover(root, folder)) is not None:
                recovered.append(meta)
    finally:
        for _, handle in locked:
            if handle is not None:
                release(handle)
    return recovered


def _recover(root: Path, folder: Path) -> EpisodeMeta | None:
    """The episode made of the abandoned `folder`; None when it was stored already or is unreadable."""
    final = root / folder.name.removeprefix(PREFIX)
    meta = None
    if not final.exists():
        try:
            recording = read_recording(folder)
        except StoreError as error:
            _quarantine(root, folder, str(error))
            return None
        result = recording.result or Result(Outcome.ABORTED, DIED, recording.truth())
        with full_disk_named(f"episode {recording.episode_id}"):
            meta = pack(recording, result, final)
        _log.warning("recovered episode %s: %s, %d frames", meta.episode_id, meta.outcome, meta.frames)
    shutil.rmtree(folder, ignore_errors=True)
    return meta


def _quarantine(root: Path, folder: Path, reason: str) -> None:
    target = root / QUARANTINE / f"{folder.name.removeprefix('.')}-{uuid.uuid4().hex[:8]}"
    with full_disk_named(str(target)):
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
        (target / "reason.txt").write_text(f"{reason}\n", encoding="utf-8")
    _log.warning("moved an unreadable recording to %s: %s", target, reason)
