"""Coroutines resumed by what they wait for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import pytest

pytest.importorskip("rclpy")

from adapt_ros.coroutines import Arrival, arrival_of, start
from rclpy.task import Future


class Turns:
    """An executor's queue, emptied by hand."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()

    def run(self) -> int:
        """Call what waits; how many calls it took."""
        calls = 0
        while self.waiting:
            self.waiting.popleft()()
            calls += 1
        return calls


async def add(first: Arrival[int], second: Arrival[int]) -> int:
    return await first + await second


def test_a_coroutine_is_resumed_once_for_each_arrival() -> None:
    turns, first, second = Turns(), Arrival[int](), Arrival[int]()
    end = start(add(first, second), turns.waiting.append)
    assert turns.run() == 0  # nobody asks it whether it is done
    thread = threading.Thread(target=first.set, args=(1,))
    thread.start()
    thread.join()
    assert (turns.run(), end.there) == (1, False)
    second.set(2)
    assert not end.there  # only in the executor's thread
    assert (turns.run(), end.get()) == (1, 3)


def test_what_is_there_already_is_not_waited_for() -> None:
    turns, there = Turns(), Arrival[int]()
    there.set(2)
    there.set(5)  # only the first time counts
    assert start(add(there, there), turns.waiting.append).get() == 4


def test_exceptions_arrive_where_they_are_awaited() -> None:
    turns, first, second = Turns(), Arrival[int](), Arrival[int]()
    end = start(add(first, second), turns.waiting.append)
    first.fail(ValueError("no"))
    turns.run()
    with pytest.raises(ValueError, match="no"):
        end.get()
    with pytest.raises(RuntimeError, match="before its arrival"):
        second.get()


def test_a_future_of_rclpy_becomes_an_arrival() -> None:
    good, bad = Future(), Future()
    arrived, failed = arrival_of(good), arrival_of(bad)
    good.set_result(7)
    bad.set_exception(KeyError("x"))
    assert arrived.get() == 7
    with pytest.raises(KeyError):
        failed.get()
