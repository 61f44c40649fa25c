"""The executor that nodes spin in, and a thread for programs that have other things to do."""

from __future__ import annotations

import io
import threading
from contextlib import suppress

from rclpy.context import Context
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node


def make_executor(context: Context | None = None) -> Executor:
    """rclpy's executor that is driven by events, where it has one (since 7.1.4); it takes a fifth of the CPU time.

    That one wants a stderr that is a file, which notebooks lack.
    """
    try:
        from rclpy.experimental import EventsExecutor

        return EventsExecutor(context=context)
    except (ImportError, io.UnsupportedOperation):
        return SingleThreadedExecutor(context=context)


class SpinningThread:
    """Spins nodes of one context from `start` to `stop`."""

    def __init__(self, context: Context, name: str) -> None:
        self.executor = make_executor(context)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._spin, name=name, daemon=True)

    def start(self, *nodes: Node) -> None:
        """Begin to spin."""
        for node in nodes:
            self.executor.add_node(node)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and only then the executor: rclpy shuts none down that still spins."""
        self._ending.set()
        self.executor.wake()
        self._thread.join()
        self.executor.shutdown()

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):
            while not self._ending.is_set():
                self.executor.spin_once(timeout_sec=0.5)
