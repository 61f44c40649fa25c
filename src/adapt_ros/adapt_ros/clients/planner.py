"""The planner node as a VideoPlanner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from adapt_core.errors import AdaptError, CancelledByUserError, WeightsError
from adapt_core.ports import StepProgress, StopCheck, never
from adapt_core.types import PlanRequest, VideoPlan

from adapt_interfaces.msg import WeightsVersion
from adapt_ros.clients.calls import START_S, Calls
from adapt_ros.clients.peer import Peer
from adapt_ros.convert import from_video_plan, to_plan_goal
from adapt_ros.interfaces import LOAD_WEIGHTS, PLAN_VIDEO, WEIGHTS_VERSION
from adapt_ros.node import AdaptNode


class RosPlanner:
    """See ports.VideoPlanner. `on_plan` is told each plan as the planner's message, in the worker thread."""

    def __init__(
        self,
        node: AdaptNode,
        namespace: str = "",
        on_plan: Callable[[Any], None] = lambda _: None,
        start_timeout_s: float = START_S,
    ) -> None:
        self._calls = Calls(node, Peer(node, "planner", namespace), start_timeout_s)
        self._plan = PLAN_VIDEO.client(node, namespace)
        self._load = LOAD_WEIGHTS.client(node, namespace)
        self._on_plan = on_plan
        self._version = ""
        self._version_changed = threading.Condition()
        self._subscription = WEIGHTS_VERSION.subscription(node, self._hear_version, namespace)

    @property
    def weights_version(self) -> str:
        """What the planner said last; waits for it once. Raises PeerLostError."""
        with self._version_changed:
            if not self._version_changed.wait_for(lambda: bool(self._version), self._calls.start_timeout_s):
                raise self._calls.peer.lost("has not said which weights it serves")
            return self._version

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """One goal a request, all sent at once so that the node samples them together."""
        done = [0] * len(requests)

        def report(index: int, feedback: Any) -> None:
            done[index] = feedback.step
            if progress is not None:
                progress(min(done), feedback.steps)

        goals = [to_plan_goal(request) for request in requests]
        results = self._calls.action(self._plan, goals, should_stop, report)
        if should_stop() and any(not result.plan.frames for result in results):
            raise CancelledByUserError("imagining was cancelled")
        return [self._accepted(result) for result in results]

    def load_weights(self, version: str) -> None:
        """Returns once the planner has announced the new version. Raises WeightsError."""
        response = self._calls.service(self._load, LOAD_WEIGHTS.type.Request(version=version))
        if not response.success:
            raise WeightsError(response.message)
        with self._version_changed:
            if not self._version_changed.wait_for(lambda: self._version == version, self._calls.start_timeout_s):
                raise self._calls.peer.lost(f"has not announced the weights {version}")

    def _accepted(self, result: Any) -> VideoPlan:
        if result.message or not result.plan.frames:
            raise AdaptError(result.message or "the planner gave no plan: see its log")
        self._on_plan(result.plan)
        return from_video_plan(result.plan)

    def _hear_version(self, message: WeightsVersion) -> None:
        with self._version_changed:
            self._version = message.version
            self._version_changed.notify_all()
