"""The base of all nodes: a heartbeat from the thread that serves, and a worker for what would block it.

A node spins in a SingleThreadedExecutor. Its callbacks share one reentrant group: a coroutine callback that awaits
(`await self.in_worker(...)`) holds up no other.
"""

from __future__ import annotations

import concurrent.futures
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from rclpy.callback_groups import CallbackGroup, ReentrantCallbackGroup
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future
from rclpy.timer import Timer

from adapt_interfaces.msg import Heartbeat
from adapt_ros.convert import wall_time
from adapt_ros.heartbeats import Heartbeats
from adapt_ros.interfaces import HEARTBEAT_PERIOD_S, heartbeat
from adapt_ros.params import read_parameter
from adapt_ros.worker import Worker

R = TypeVar("R")


class AdaptNode(Node):
    """A node that is always on. Nodes that load something first are ManagedNodes."""

    def __init__(self, name: str, **node_arguments: Any) -> None:
        """`node_arguments` as of rclpy's Node."""
        self._group = ReentrantCallbackGroup()
        super().__init__(name, **node_arguments)
        self._stopping = threading.Event()
        self._worker = Worker(name)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._heartbeats: dict[str, Heartbeats] = {}
        self._heartbeat = heartbeat(self.get_name()).publisher(self)
        about = "seconds between heartbeats"
        period_s = read_parameter(self, "heartbeat_period_s", HEARTBEAT_PERIOD_S, about, float)
        self.steady_timer(period_s, self._beat)

    @property
    def default_callback_group(self) -> CallbackGroup:
        """The group of all callbacks that name no other."""
        return self._group

    def begin(self) -> None:
        """Called by `run_node` before the node spins. Raises AdaptError when the node cannot start."""

    def stop(self) -> None:
        """Called once when the process is asked to end; `should_stop` is true from now on."""
        self._stopping.set()

    def should_stop(self) -> bool:
        """Work in progress must end soon."""
        return self._stopping.is_set()

    @property
    def busy(self) -> bool:
        """The worker has something to do."""
        return self._worker.busy

    def steady_timer(self, period_s: float, callback: Callable[[], Any]) -> Timer:
        """A timer that no simulated clock can hold up or speed up."""
        return self.create_timer(period_s, callback, clock=self._steady)

    def heartbeats(self, full_name: str) -> Heartbeats:
        """The heartbeats of the node `full_name`; subscribed once."""
        if full_name not in self._heartbeats:
            self._heartbeats[full_name] = Heartbeats(self, full_name)
        return self._heartbeats[full_name]

    def submit(self, job: Callable[[], None]) -> None:
        """Run `job` in the worker thread after the work that waits there; it handles its own exceptions."""
        self._worker.submit(job)

    async def in_worker(self, function: Callable[..., R], *arguments: Any) -> R:
        """Run blocking work in the one worker thread, after the work that waits there; for coroutine callbacks."""
        done = Future(executor=self.executor)

        def job() -> None:
            try:
                value = function(*arguments)
            except Exception as error:
                self._in_executor(done.set_exception, error)
            else:
                self._in_executor(done.set_result, value)

        self._worker.submit(job)
        return await done

    def in_executor(self, function: Callable[..., Any], *arguments: Any) -> concurrent.futures.Future[Any]:
        """Run something short, or a coroutine function, in the thread that spins.

        For the worker: rclpy's clients want to be used there.
        """
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()

        async def task() -> None:
            try:
                value = function(*arguments)
                done.set_result(await value if inspect.isawaitable(value) else value)
            except Exception as error:
                done.set_exception(error)

        self._in_executor(task)
        return done

    def destroy_node(self) -> None:
        """Also ends the worker once it is idle."""
        self._stopping.set()
        self._worker.close()
        super().destroy_node()

    def _in_executor(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Setting a future from another thread does not wake rclpy's executor; a task does."""
        executor = self.executor
        if executor is not None and executor.context.ok():
            executor.create_task(function, *arguments)

    def _beat(self) -> None:
        self._heartbeat.publish(Heartbeat(stamp=wall_time(), node=self.get_fully_qualified_name()))
