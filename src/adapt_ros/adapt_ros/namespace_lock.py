"""One graph a namespace on this machine, known at once: discovery alone can be slow on a busy one."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TextIO

from adapt_core.errors import AlreadyRunningError


class NamespaceLock:
    """Held until `release`, or until this process ends in whatever way."""

    def __init__(self, namespace: str) -> None:
        """Raises AlreadyRunningError when another graph of this user and ROS domain holds it."""
        domain = os.environ.get("ROS_DOMAIN_ID") or "0"
        name = f"adapt-{os.getuid()}-{domain}{namespace.replace('/', '-')}.lock"
        self._file: TextIO = (Path(tempfile.gettempdir()) / name).open("a", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise already_running(namespace, "started on this machine") from None

    def release(self) -> None:
        """Let another graph have the namespace."""
        self._file.close()


def already_running(namespace: str, evidence: str) -> AlreadyRunningError:
    """The error of a second start."""
    return AlreadyRunningError(
        f"a graph is already running under {namespace} ({evidence}): use it as it is, stop it, "
        "or give this one another namespace"
    )
