"""A world in a process of its own, so that several are simulated at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cached_property
from multiprocessing.synchronize import Event
from typing import Any

from adapt_core.errors import PeerLostError
from adapt_core.ports import StopCheck, World, never
from adapt_core.types import ActionChunk, Observation, WorldSpec

from adapt_sim.registry import make_world

POLL_S = 0.1  # between two looks at whether motion should stop


class ProcessWorld:
    """A registered world that another process simulates and draws; implements `World`.

    One thread at a time may use it; several of these may be used from several threads.
    """

    def __init__(self, name: str, **settings: Any) -> None:
        """Begin to make the world `name`, see `make_world`; `spec` waits until it is there."""
        self._name = name
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._process = ProcessPoolExecutor(1, context, initializer=_settle, initargs=(self._stop,))
        self._made = self._process.submit(_make, name, settings)

    @cached_property
    def spec(self) -> WorldSpec:
        """What the world offers. Raises ConfigError where it could not be made."""
        with self._alive():
            return self._made.result()

    def reset(self, task_id: str, seed: int) -> Observation:
        """See ports.World."""
        with self._alive():
            return self._process.submit(_reset, task_id, seed).result()

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """See ports.World."""
        self._stop.clear()
        with self._alive():
            moving = self._process.submit(_execute, chunk)
            while not wait([moving], POLL_S).done:
                if should_stop():
                    self._stop.set()
            return moving.result()

    def close(self) -> None:
        """Release the renderer and end the process. A second call does nothing."""
        with suppress(RuntimeError):  # it has ended already
            self._process.submit(_close).result()
        self._process.shutdown()

    @contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except BrokenProcessPool as error:
            raise PeerLostError(
                f"the process of the world {self._name} has died: see above, and start again"
            ) from error


# What follows runs in the world's process.
_world: World | None = None
_stopped: Event


def _settle(stop: Event) -> None:
    """Leave Ctrl-C to the process that owns this one, and end with it."""
    global _stopped
    _stopped = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make(name: str, settings: dict[str, Any]) -> WorldSpec:
    global _world
    _world = make_world(name, **settings)
    return _world.spec


def _reset(task_id: str, seed: int) -> Observation:
    return _there().reset(task_id, seed)


def _execute(chunk: ActionChunk) -> list[Observation]:
    return _there().execute(chunk, _stopped.is_set)


def _close() -> None:
    if _world is not None:
        _world.close()


def _there() -> World:
    assert _world is not None, "made when the process began"
    return _world
