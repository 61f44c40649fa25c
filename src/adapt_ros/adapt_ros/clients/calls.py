"""Blocking calls of services and actions, for a node's worker thread while the node spins."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StopCheck, never
from rclpy.action import ActionClient
from rclpy.client import Client

from adapt_ros.clients.peer import Peer
from adapt_ros.coroutines import arrival_of
from adapt_ros.node import AdaptNode

POLL_S = 0.05  # how often a wait looks at should_stop and at the peer
DISCOVERY_POLL_S = 0.01  # how often a wait looks for a server
ACCEPT_S = 10.0  # a server that spins accepts or rejects a goal at once
FAREWELL_S = 1.0  # when this process ends, its peers may be gone already: do not wait longer for their results
START_S = 60.0  # nodes that load models may need so long to start

Feedback = Callable[[int, Any], None]  # (index of the goal, feedback message)


class Calls:
    """Calls of the servers of one peer, all with the same reaction to cancels and to a peer that is gone."""

    def __init__(self, node: AdaptNode, peer: Peer, start_timeout_s: float = START_S) -> None:
        self.node = node
        self.peer = peer
        self.start_timeout_s = start_timeout_s

    def service(self, client: Client, request: Any, should_stop: StopCheck = never) -> Any:
        """The response to one request. Raises PeerLostError, CancelledByUserError."""
        self._await_server(client.srv_name, client.service_is_ready, should_stop)
        self.peer.expect_from_now()
        answer = self.node.in_executor(client.call_async, request)
        while not concurrent.futures.wait([answer], POLL_S).done:
            if should_stop() or self.node.should_stop():
                raise CancelledByUserError(f"waiting for {self.peer.full_name} was cancelled")
            self.peer.check()
        return answer.result()

    def action(
        self,
        client: ActionClient,
        goals: Sequence[Any],
        should_stop: StopCheck = never,
        feedback: Feedback | None = None,
    ) -> list[Any]:
        """Send all goals at once; their results in order, those of cancelled ones too.

        `feedback` is called in this thread. When `should_stop` becomes true the goals are cancelled and waited for.
        Raises PeerLostError when the peer is gone or rejects a goal, CancelledByUserError when cancelled before there
        is a server.
        """
        self._await_server(client._action_name, client.server_is_ready, should_stop)
        self.peer.expect_from_now()
        calls = [GoalCall(self.node, client, goal) for goal in goals]
        try:
            self._await_results(calls, should_stop, feedback)
        except Exception:
            for call in calls:
                call.cancel()
            raise
        return [call.result.result() for call in calls]

    def _await_results(self, calls: list[GoalCall], should_stop: StopCheck, feedback: Feedback | None) -> None:
        started_s = leave_s = time.monotonic()
        while not all(call.result.done() for call in calls):
            concurrent.futures.wait([call.result for call in calls], POLL_S)
            for index, call in enumerate(calls):
                message = call.take_feedback()
                if message is not None and feedback is not None:
                    feedback(index, message)
            if should_stop() or self.node.should_stop():
                for call in calls:
                    call.cancel()
            if not self.node.should_stop():
                leave_s = time.monotonic() + FAREWELL_S
            elif time.monotonic() > leave_s:
                raise CancelledByUserError(f"{self.node.get_name()} ends, without having heard of its last goals")
            self.peer.check()
            if any(call.rejected for call in calls):
                raise self.peer.lost("rejects the goal, it is not active or busy")
            if time.monotonic() - started_s > ACCEPT_S and not all(call.accepted for call in calls):
                raise self.peer.lost("does not answer")

    def _await_server(self, name: str, ready: Callable[[], bool], should_stop: StopCheck) -> None:
        deadline = time.monotonic() + self.start_timeout_s
        while not ready():
            if should_stop() or self.node.should_stop():
                raise CancelledByUserError(f"waiting for {name} was cancelled")
            if time.monotonic() > deadline:
                raise self.peer.lost(f"does not serve {name} after {self.start_timeout_s:.0f} s")
            time.sleep(DISCOVERY_POLL_S)


class GoalCall:
    """One goal from sending to its result. `result` holds the action's result message, whatever its status."""

    def __init__(self, node: AdaptNode, client: ActionClient, goal: Any) -> None:
        self._node = node
        self._client = client
        self._goal = goal
        self._handle: Any = None
        self._feedback: Any = None
        self._cancel = threading.Event()
        self.rejected = False
        self.result = node.in_executor(self._run)

    @property
    def accepted(self) -> bool:
        """The server has taken the goal."""
        return self._handle is not None

    def cancel(self) -> None:
        """Ask the server to cancel; at once, or as soon as it has accepted. Asking again does nothing."""
        if not self._cancel.is_set() and not self.result.done():
            self._cancel.set()
            self._node.in_executor(self._send_cancel)

    def take_feedback(self) -> Any:
        """The newest feedback not taken yet, or None."""
        message, self._feedback = self._feedback, None
        return message

    async def _run(self) -> Any:
        handle = await arrival_of(self._client.send_goal_async(self._goal, feedback_callback=self._on_feedback))
        if not handle.accepted:
            self.rejected = True
            return None
        self._handle = handle
        if self._cancel.is_set():
            self._send_cancel()
        return (await arrival_of(handle.get_result_async())).result

    def _send_cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel_goal_async()

    def _on_feedback(self, message: Any) -> None:
        self._feedback = message.feedback
