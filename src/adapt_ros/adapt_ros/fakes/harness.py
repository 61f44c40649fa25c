"""For tests: nodes and their peers in one executor, over real DDS, with a context of their own."""

from __future__ import annotations

import concurrent.futures
import gc
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import rclpy
from rclpy.context import Context
from rclpy.parameter import Parameter

from adapt_ros.coroutines import arrival_of
from adapt_ros.endpoints import ActionName, ServiceName, Topic
from adapt_ros.node import AdaptNode
from adapt_ros.spinning import SpinningThread

N = TypeVar("N", bound=AdaptNode)
PATIENCE_S = 30.0  # a bound for what must happen, not a measure of how fast


class Harness:
    """Spins in a thread from `with` to the end of its block."""

    def __init__(self, domain_id: int, namespace: str = "/test") -> None:
        self.namespace = namespace
        self._context = Context()
        rclpy.init(args=["--ros-args", "-r", "/clock:=clock"], context=self._context, domain_id=domain_id)
        self._spinning = SpinningThread(self._context, "harness")
        self._nodes: list[AdaptNode] = []
        self._clients: dict[ServiceName | ActionName, Any] = {}
        self._spinning.start()
        self.me = self.add(AdaptNode, "tester")

    def __enter__(self) -> Harness:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for node in self._nodes:
            node.stop()
        self.until(lambda: not any(node.busy for node in self._nodes), "the workers to end")
        self._spinning.stop()
        for node in self._nodes:
            node.destroy_node()
        self._context.try_shutdown()
        self._nodes.clear()
        self._clients.clear()
        gc.collect()  # a context leaves its domain when the last that refers to it is gone

    def add(self, make: Callable[..., N], *arguments: Any, **parameters: Any) -> N:
        """Make a node in the harness's namespace with these parameters, start it as its process would, and spin it."""
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        node = make(*arguments, context=self._context, namespace=self.namespace, parameter_overrides=overrides)
        node.begin()
        self._nodes.append(node)
        self._spinning.executor.add_node(node)
        return node

    def hang(self, node: AdaptNode) -> None:
        """The node's process serves no more and sends no heartbeats, as if it hung or had been killed."""
        self._spinning.executor.remove_node(node)
        self._nodes.remove(node)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until `condition` gives something true and return it."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {PATIENCE_S:g} s in vain for {what}")
            time.sleep(0.01)
        return value

    def hear(self, topic: Topic) -> list[Any]:
        """A list that grows by each message of `topic`."""
        messages: list[Any] = []
        self.me.in_executor(topic.subscription, self.me, messages.append).result(PATIENCE_S)
        return messages

    def call(self, service: ServiceName, **request: Any) -> Any:
        """The response of a service."""
        return self.ask(service, **request).result(PATIENCE_S)

    def ask(self, service: ServiceName, **request: Any) -> concurrent.futures.Future[Any]:
        """A call under way."""
        client = self._client(service)
        self.until(client.service_is_ready, f"the service {service.name}")
        return self.me.in_executor(client.call_async, service.type.Request(**request))

    def send(self, action: ActionName, **goal: Any) -> Goal:
        """Send a goal."""
        client = self._client(action)
        self.until(client.server_is_ready, f"the action {action.name}")
        return Goal(self, client, action.type.Goal(**goal))

    def _client(self, name: ServiceName | ActionName) -> Any:
        if name not in self._clients:
            self._clients[name] = self.me.in_executor(name.client, self.me).result(PATIENCE_S)
        return self._clients[name]


class Goal:
    """A goal under way. `feedback` grows, `ended` is its result message once there is one."""

    def __init__(self, harness: Harness, client: Any, goal: Any) -> None:
        self._harness = harness
        self.feedback: list[Any] = []
        self.accepted: bool | None = None
        self.status = 0
        self.ended: Any = None
        self._handle: Any = None
        self._client = client
        harness.me.in_executor(self._run, goal)

    async def _run(self, goal: Any) -> None:
        sent = self._client.send_goal_async(
            goal, feedback_callback=lambda message: self.feedback.append(message.feedback)
        )
        self._handle = await arrival_of(sent)
        self.accepted = self._handle.accepted
        if self.accepted:
            answer = await arrival_of(self._handle.get_result_async())
            self.status, self.ended = answer.status, answer.result

    def moving(self) -> Goal:
        """Wait until something was executed."""
        self._harness.until(lambda: self.feedback or self.ended, "the first feedback")
        assert self.ended is None, self.ended
        return self

    def cancel(self) -> None:
        """Ask for its end."""
        self._harness.until(lambda: self._handle, "the goal to be taken")
        self._harness.me.in_executor(self._handle.cancel_goal_async)

    def result(self) -> Any:
        """Wait for the result message."""
        return self._harness.until(lambda: self.ended, "the goal to end")
