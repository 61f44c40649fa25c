"""One thread for blocking work, so that the executor's thread stays free to answer, cancel and send heartbeats."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Worker:
    """Runs jobs one after another in a daemon thread of its own. A job handles its own exceptions."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._unfinished = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"{name}_worker", daemon=True)

    @property
    def busy(self) -> bool:
        """A job runs or waits."""
        return self._unfinished > 0

    def submit(self, job: Callable[[], None]) -> None:
        """Run `job` after those that wait."""
        with self._lock:
            self._unfinished += 1
            if not self._thread.is_alive():
                self._thread.start()
        self._jobs.put(job)

    def close(self) -> None:
        """Let the thread end after the jobs that wait; does not wait for it."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            finally:
                with self._lock:
                    self._unfinished -= 1
