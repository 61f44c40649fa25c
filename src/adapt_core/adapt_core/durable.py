"""Files that survive a crash: flushed to the disk, renamed into place whole, locked by the process that writes them.

A folder being written is recognisable as alive by an flock on its `.lock` file, which the kernel drops when the process
dies, however it dies.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapt_core.errors import StorageFullError, StoreError

LOCK_NAME = ".lock"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def full_disk_named(what: str) -> Iterator[None]:
    """Turn the system's "no space left" (or quota, or file-size limit) within the block into StorageFullError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError(f"no space left while writing {what}: free some and try again ({error})") from error
        raise


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the exclusive flock of the file `lock` (made when missing) during the block; waits for other holders."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_locked_folder(folder: Path) -> int:
    """Make `folder` and hold its lock: the descriptor to close when done. The caller has locked the parent."""
    folder.mkdir()
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        folder.rmdir()
        raise
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def lock_if_abandoned(folder: Path) -> int | None:
    """The descriptor of the lock of `folder`, now ours; None when a living process holds it or the folder is gone."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def release(handle: int) -> None:
    """Give back a lock, even where a forked child still holds its descriptor."""
    fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def publish(folder: Path, final: Path) -> None:
    """Flush every file of `folder` and then rename it to `final`, so that `final` is there whole or not at all.

    Raises FileExistsError when `final` is already there.
    """
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
    try:
        folder.rename(final)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(error.errno, "already there", str(final)) from error
        raise
    (final / LOCK_NAME).unlink(missing_ok=True)  # not before: a folder without its lock counts as abandoned
    sync(final.parent)


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """The empty folder to fill, which becomes `final` at the end of the block, flushed to the disk: there whole or not at all.

    Where the block fails, nothing of it is left; what a killed process left of an earlier attempt is removed. Raises
    StoreError when `final` holds something, which is not touched, and StorageFullError.
    """
    final = final.absolute()
    with full_disk_named(str(final)):
        _refuse_content(final)
        around, lock = _folder_beside(final)
        folder = around / final.name
        try:
            folder.mkdir()
            yield folder
            _refuse_content(final)
            publish(folder, final)
        finally:
            shutil.rmtree(around, ignore_errors=True)
            release(lock)


def _refuse_content(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise StoreError(f"{folder} is not an empty folder: name another one; nothing in it was changed")


def _folder_beside(final: Path) -> tuple[Path, int]:
    """A new locked folder beside `final`, those of dead processes removed; the folder and its lock's descriptor."""
    final.parent.mkdir(parents=True, exist_ok=True)
    parent = os.open(final.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(parent, fcntl.LOCK_EX)
        remove_abandoned(final.parent, f".{glob.escape(final.name)}.writing-*")
        folder = final.with_name(f".{final.name}.writing-{uuid.uuid4().hex[:8]}")
        return folder, make_locked_folder(folder)
    finally:
        os.close(parent)


def sync(path: Path) -> None:
    """Flush a file's, or a folder's, data to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: a reader sees the old or the new content, never a mixture. One writer at a time."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The file to write in place of `path`, which it becomes at the end of the block, flushed to the disk.

    Where the block fails, `path` stays as it was. One writer at a time.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def remove_abandoned(root: Path, pattern: str) -> list[Path]:
    """Delete the folders `root/pattern` whose writer is dead. The caller holds the lock under which they are made."""
    removed = []
    for folder in sorted(root.glob(pattern)):
        handle = lock_if_abandoned(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            release(handle)
            removed.append(folder)
    return removed
