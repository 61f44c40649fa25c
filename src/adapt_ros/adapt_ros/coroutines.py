"""Coroutines in an executor's thread, resumed by what they wait for.

rclpy's own executors ask a waiting coroutine at each turn whether it is done; the one that is driven by events does
nothing else meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from rclpy.task import Future

T = TypeVar("T")
Post = Callable[[Callable[[], None]], None]  # has a function called in the executor's thread


class Arrival(Generic[T]):
    """A value, or an exception, that arrives once, from whatever thread; to be awaited in coroutines begun by `start`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self._outcome: tuple[T] | Exception | None = None

    @property
    def there(self) -> bool:
        """It has arrived."""
        return self._outcome is not None

    def set(self, value: T) -> None:
        """Arrive; only the first time counts."""
        self._settle((value,))

    def fail(self, error: Exception) -> None:
        """Arrive as an exception, raised in who waits; only the first time counts."""
        self._settle(error)

    def get(self) -> T:
        """The value, once it is there."""
        if isinstance(self._outcome, tuple):
            return self._outcome[0]
        raise self._outcome or RuntimeError("asked for a value before its arrival")

    def then(self, callback: Callable[[], None]) -> None:
        """Call `callback` on arrival, in the thread it arrives from; at once when it is there."""
        with self._lock:
            if self._outcome is None:
                self._callbacks.append(callback)
                return
        callback()

    def __await__(self) -> Generator[Arrival[T], None, T]:
        if not self.there:
            yield self
        return self.get()

    def _settle(self, outcome: tuple[T] | Exception) -> None:
        with self._lock:
            if self._outcome is not None:
                return
            self._outcome = outcome
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


def start(coroutine: Coroutine[Any, Any, T], post: Post) -> Arrival[T]:
    """Run `coroutine` up to where it first waits, and on through `post` as what it waits for arrives; its end.

    It may await other coroutines and Arrivals; a future of rclpy's as `arrival_of` makes it one.
    """
    end: Arrival[T] = Arrival()

    def step() -> None:
        try:
            awaited = coroutine.send(None)
        except StopIteration as stop:
            end.set(stop.value)
        except Exception as error:
            end.fail(error)
        else:
            awaited.then(lambda: post(step))

    step()
    return end


def arrival_of(future: Future) -> Arrival[Any]:
    """What a future of rclpy's becomes."""
    arrival: Arrival[Any] = Arrival()

    def settle(done: Future) -> None:
        error = done.exception()
        if error is None:
            arrival.set(done.result())
        else:
            arrival.fail(error)

    future.add_done_callback(settle)
    return arrival
