"""Work that must not hold up the screen, such as the disk's: one thread, its results handed back to Qt's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from adapt_core.errors import AdaptError
from python_qt_binding.QtCore import QObject, Signal

R = TypeVar("R")


class Background(QObject):
    """Runs one thing after another. Made, used and answered in Qt's thread."""

    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, "panel_background")
        self._closed = False
        self._ended.connect(self._deliver)

    def run(self, work: Callable[[], R], done: Callable[[R], None], failed: Callable[[AdaptError], None]) -> None:
        """Have `work` done; its value goes to `done`, an AdaptError of it to `failed`."""
        if not self._closed:
            self._thread.submit(work).add_done_callback(lambda end: self._ended.emit(end, (done, failed)))

    def close(self) -> None:
        """Finish what runs, and hand back nothing any more."""
        self._closed = True
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, end: Future[Any], receivers: tuple[Callable[[Any], None], Callable[[AdaptError], None]]) -> None:
        if self._closed or end.cancelled():
            return
        done, failed = receivers
        try:
            value = end.result()
        except AdaptError as error:
            failed(error)
        else:
            done(value)
