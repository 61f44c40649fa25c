"""Ctrl-C once: finish what must be finished and stop. Ctrl-C twice: stop now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from adapt_cli.console import err


@contextmanager
def stop_on_interrupt(note: str) -> Iterator[Callable[[], bool]]:
    """Yields a stop check that is true after the first Ctrl-C or SIGTERM; `note` tells the user what happens then."""
    stop = threading.Event()

    def ask_to_stop(signum: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        err().print(f"\n[yellow]{note} Once more Ctrl-C: stop at once.[/]")

    if threading.current_thread() is not threading.main_thread():
        yield stop.is_set
        return
    before = {signum: signal.signal(signum, ask_to_stop) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop.is_set
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
