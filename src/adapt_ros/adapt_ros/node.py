"""The base of all nodes: a heartbeat from the thread that serves, and a worker for what would block it.

A node spins in one thread. What takes long is a coroutine (`self.begin_coroutine`; servers of `endpoints` take them as
they are) that awaits its worker (`await self.in_worker(...)`), so that nothing holds up anything else.
"""

from __future__ import annotations

import concurrent.futures
import socket
import threading
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rclpy.callback_groups import CallbackGroup, ReentrantCallbackGroup
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.task import Future
from rclpy.timer import Timer
from rclpy.utilities import get_rmw_implementation_identifier

from adapt_interfaces.msg import Heartbeat
from adapt_ros.convert import wall_time
from adapt_ros.coroutines import Arrival, arrival_of, start
from adapt_ros.heartbeats import Heartbeats
from adapt_ros.interfaces import HEARTBEAT_PERIOD_S, heartbeat
from adapt_ros.params import read_parameter
from adapt_ros.serving import CoroutineNode
from adapt_ros.worker import Worker

R = TypeVar("R")


class AdaptNode(CoroutineNode):
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

    def in_worker(self, function: Callable[..., R], *arguments: Any) -> Arrival[R]:
        """Run blocking work in the one worker thread, after the work that waits there; for coroutines."""
        done: Arrival[R] = Arrival()

        def job() -> None:
            try:
                done.set(function(*arguments))
            except Exception as error:
                done.fail(error)

        self._worker.submit(job)
        return done

    def begin_coroutine(self, coroutine: Coroutine[Any, Any, R]) -> Arrival[R]:
        """Run `coroutine` in the thread that spins, where this is called; see `coroutines.start`. Failures are logged."""
        end = start(coroutine, self._post)
        end.then(lambda: self._log_failure(end))
        return end

    def first_in_worker(self, function: Callable[[], R]) -> R:
        """Run `function` in the worker and wait for what it gives; for `begin`, before the node spins."""
        done: concurrent.futures.Future[R] = concurrent.futures.Future()

        def job() -> None:
            try:
                done.set_result(function())
            except BaseException as error:
                done.set_exception(error)

        self._worker.submit(job)
        return done.result()

    def in_executor(self, function: Callable[..., Any], *arguments: Any) -> concurrent.futures.Future[Any]:
        """Run something short in the thread that spins; a coroutine or a future that it returns is awaited.

        For the worker: rclpy's clients want to be used there.
        """
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()

        async def run() -> Any:
            value = function(*arguments)
            if isinstance(value, Future):
                return await arrival_of(value)
            return await value if isinstance(value, Coroutine) else value

        def begin() -> None:
            end = start(run(), self._post)
            end.then(lambda: _pass_on(end, done))

        self._post(begin)
        return done

    def destroy_node(self) -> None:
        """Also ends the worker once it is idle."""
        self._stopping.set()
        self._worker.close()
        super().destroy_node()

    def _post(self, function: Callable[[], None]) -> None:
        """Have `function` called in the thread that spins; not any more once the node has left its executor."""
        executor = self.executor
        if executor is not None and executor.context.ok():
            executor.create_task(function)

    def _log_failure(self, end: Arrival[Any]) -> None:
        try:
            end.get()
        except Exception:
            self.get_logger().error(traceback.format_exc())

    def _beat(self) -> None:
        self._heartbeat.publish(
            Heartbeat(
                stamp=wall_time(),
                node=self.get_fully_qualified_name(),
                machine=socket.gethostname(),
                rmw=get_rmw_implementation_identifier(),
            )
        )


def _pass_on(end: Arrival[Any], done: concurrent.futures.Future[Any]) -> None:
    try:
        done.set_result(end.get())
    except Exception as error:
        done.set_exception(error)
