"""Servers whose callbacks are coroutines, whatever executor the node spins in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.service import Service

from adapt_ros.coroutines import Arrival

FEEDBACK = QoSProfile(depth=100)  # reliable; a step may take a millisecond, and none is to be lost
RESULT_KEPT_S = 5  # how long the result of an ended goal is kept; each status message lists all goals that are kept
R = TypeVar("R")


class CoroutineNode(Node):
    """A node that can run coroutines: `AdaptNode`."""

    def begin_coroutine(self, coroutine: Coroutine[Any, Any, R]) -> Arrival[R]:
        """Run `coroutine` in the thread that spins."""
        raise NotImplementedError


def serve(node: CoroutineNode, kind: Any, name: str, callback: Callable[[Any, Any], Any]) -> Service:
    """A service whose `callback(request, response) -> response` may be a coroutine function."""
    if not inspect.iscoroutinefunction(callback):
        return node.create_service(kind, name, callback)

    def begin(request: Any, response: Any) -> Arrival[Any]:
        return node.begin_coroutine(callback(request, response))

    service = node.create_service(kind, name, begin)
    send = service.send_response
    # An executor sends what the callback returned: what has yet to arrive is sent on arrival.
    service.send_response = lambda answer, header: answer.then(lambda: send(answer.get(), header))
    return service


class OneGoal:
    """Lets one goal at a time be executed, while `may_begin()` says that any may be."""

    def __init__(self, may_begin: Callable[[], bool]) -> None:
        self._may_begin = may_begin
        self.active = False

    def take(self) -> bool:
        """Accept a goal, if none is being executed."""
        if self.active or not self._may_begin():
            return False
        self.active = True
        return True

    def release(self) -> None:
        """The goal has ended."""
        self.active = False


class ServedGoal:
    """An accepted goal, for the coroutine that executes it. How it ended is told once its result is there."""

    def __init__(self, handle: ServerGoalHandle) -> None:
        self.request = handle.request
        self._handle = handle
        self._end: Callable[[], None] | None = None

    @property
    def is_cancel_requested(self) -> bool:
        """Somebody wants it to end."""
        return bool(self._handle.is_cancel_requested)

    @property
    def is_active(self) -> bool:
        """It was not ended yet."""
        return self._end is None

    def publish_feedback(self, feedback: Any) -> None:
        """Tell the client how far it is; from any thread."""
        self._handle.publish_feedback(feedback)

    def succeed(self) -> None:
        """It was done."""
        self._end = self._handle.succeed

    def abort(self) -> None:
        """It failed."""
        self._end = self._handle.abort

    def canceled(self) -> None:
        """It was ended because somebody wanted that."""
        self._end = self._handle.canceled

    def conclude(self, result: Any) -> None:
        """Tell the client the end and the result."""

        def finish(handle: ServerGoalHandle) -> Any:
            (self._end or handle.abort)()
            return result

        self._handle.execute(finish)


def serve_action(
    node: CoroutineNode,
    kind: Any,
    name: str,
    execute: Callable[[ServedGoal], Coroutine[Any, Any, Any]],
    accept: Callable[[Any], bool],
    cancel: Callable[[Any], None],
    one_goal: OneGoal | None,
) -> ActionServer:
    """An action server of coroutines; see `endpoints.ActionName.server`."""

    def on_goal(request: Any) -> GoalResponse:
        accepted = accept(request) and (one_goal is None or one_goal.take())
        return GoalResponse.ACCEPT if accepted else GoalResponse.REJECT

    def on_accepted(handle: ServerGoalHandle) -> None:
        node.begin_coroutine(run(ServedGoal(handle)))

    async def run(goal: ServedGoal) -> None:
        try:
            result = await execute(goal)
        except Exception:
            goal.conclude(kind.Result())
            raise
        finally:
            if one_goal is not None:
                one_goal.release()
        goal.conclude(result)

    def on_cancel(handle: ServerGoalHandle) -> CancelResponse:
        cancel(handle)
        return CancelResponse.ACCEPT

    return ActionServer(
        node,
        kind,
        name,
        lambda _: kind.Result(),  # goals are executed when they were accepted
        goal_callback=on_goal,
        handle_accepted_callback=on_accepted,
        cancel_callback=on_cancel,
        feedback_pub_qos_profile=FEEDBACK,
        result_timeout=RESULT_KEPT_S,
    )
