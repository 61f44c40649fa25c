"""The sole holder of motion: what it does not let through does not move the robot. No PyTorch in its process.

It is a software stop and not safety-rated: the robot's own emergency stop stays within reach.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapt_core.errors import PlanRejectedError
from adapt_core.safety import Limits, Rejection, check_chunk, check_observation_age
from std_srvs.srv import Trigger

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Heartbeat, Observation
from adapt_interfaces.srv import EnableMotion
from adapt_ros import convert, interfaces
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.guard_status import GuardStatusTopic
from adapt_ros.managed_node import ManagedNode
from adapt_ros.motion import Motion
from adapt_ros.motion_gate import STOPPING_S, Fault, MotionGate
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal


@dataclass(frozen=True)
class GuardSettings(GraphSettings):
    """Parameters of the node."""

    watch: tuple[str, ...] = param((), "fully qualified names of the nodes without which nothing may move")
    real: bool = param(False, "the robot is real")
    allow_real_robot: bool = param(False, "a real robot may be enabled; a person must have said so")
    check_s: float = param(0.05, "how often lease, latch and heartbeats are looked at")
    give_up_s: float = param(0.5, "how long the world may take to answer a cancel")


class GuardNode(ManagedNode):
    """Serves `guard/execute_chunk`, one goal at a time; all in one thread, with timers on a steady clock."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("guard", **node_arguments)
        self._settings = read_parameters(self, GuardSettings)
        self._motion: Motion | None = None
        self._newest_s: float | None = None  # stamp of the newest observation
        self._checked_s = time.monotonic()

    def configure(self) -> None:
        """Read the robot's limits, create all ends."""
        robot = self._settings.load_robot()
        self._limits = Limits.of(robot)
        timeout_s = robot.heartbeat_timeout_s - STOPPING_S
        self._gate = MotionGate(self._settings.watch, timeout_s, robot.enable_lease_s)
        self._status = GuardStatusTopic(self, self._gate)
        self._world = interfaces.WORLD_EXECUTE_CHUNK.client(self)
        self._subscriptions_held = [interfaces.OBSERVATION.subscription(self, self._observe)] + [
            interfaces.heartbeat(name).subscription(self, self._hear) for name in self._settings.watch
        ]
        self._services_held = [
            interfaces.ENABLE_MOTION.server(self, self._enable),
            interfaces.STOP.server(self, self._stop),
            interfaces.RESET_STOP.server(self, self._reset_stop),
        ]
        self._server = interfaces.GUARD_EXECUTE_CHUNK.server(
            self, self._execute, one_goal=OneGoal(lambda: self.active), cancel=lambda _: self._cancel()
        )
        self._timer = self.steady_timer(self._settings.check_s, self._check)

    def activate(self) -> None:
        """Say how things stand."""
        self._say()
        watched = ", ".join(self._settings.watch) or "no node"
        self.get_logger().info(f"guarding {self._settings.robot}, watching {watched}")

    def deactivate(self) -> None:
        """Stop what moves."""
        if self._motion is not None:
            self._motion.interrupt((Rejection.STOPPED, "the guard was deactivated: activate it again"))

    def cleanup(self) -> None:
        """Destroy all ends."""
        self.destroy_timer(self._timer)
        self._server.destroy()
        self._world.destroy()
        for service in self._services_held:
            self.destroy_service(service)
        for subscription in self._subscriptions_held:
            self.destroy_subscription(subscription)
        self._status.destroy()

    def _cancel(self) -> None:
        if self._motion is not None:
            self._motion.interrupt()

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        try:
            fault = self._refusal(goal_handle.request.chunk)
            if fault is not None:
                result = ExecuteChunk.Result(code=str(fault[0]), message=fault[1], rejected=True)
            else:
                result = await self._move(goal_handle)
        finally:
            self._motion = None
        if result.code:
            self._status.blame(result.code, result.message)
            self.get_logger().warning(result.message)
            goal_handle.abort()
        elif goal_handle.is_cancel_requested:
            goal_handle.canceled()
        else:
            goal_handle.succeed()
        self._say()
        return result

    async def _move(self, goal_handle: Any) -> ExecuteChunk.Result:
        def report(sequences: Sequence[int]) -> None:
            goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=sequences))

        self._motion = Motion(self._world, goal_handle.request, self._settings.give_up_s, report)
        if goal_handle.is_cancel_requested:
            self._motion.interrupt()
        self._say()
        return await self._motion.result()

    def _refusal(self, message: Any) -> Fault | None:
        """Why the chunk must not be begun; None when it may."""
        fault = self._gate.fault()
        if fault is not None:
            return fault
        if not self._world.server_is_ready():
            return Rejection.PEER_LOST, "no world or robot driver serves yet: wait, or see its log"
        try:
            chunk = convert.from_chunk(message)
            check_chunk(chunk, self._limits, self._now_s())
            check_observation_age(
                float("nan") if self._newest_s is None else self._newest_s, self._limits, self._now_s()
            )
        except PlanRejectedError as error:
            return Rejection(error.code), str(error)
        except ValueError as error:
            return Rejection.WRONG_SHAPE, f"the chunk makes no sense: {error}"
        return None

    def _now_s(self) -> float:
        """Time on the ROS clock; the simulated one is no older than the newest observation."""
        now_s = self.get_clock().now().nanoseconds / 1e9
        return now_s if self._newest_s is None or self._settings.real else max(now_s, self._newest_s)

    def _check(self) -> None:
        """Interrupt motion that has lost its grounds."""
        now_s = time.monotonic()
        late = now_s - self._checked_s > 4 * self._settings.check_s
        self._checked_s = now_s
        if self._motion is not None:
            fault = self._gate.fault()
            # After a pause of our own the heartbeats that wait are heard first.
            if fault is not None and not (late and fault[0] is Rejection.PEER_LOST):
                self._motion.interrupt(fault)
            self._motion.check_answer()
        self._say()

    def _observe(self, message: Observation) -> None:
        self._newest_s = convert.from_time(message.header.stamp)

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._gate.monitor.beat(heartbeat.node)

    def _enable(self, request: EnableMotion.Request, response: EnableMotion.Response) -> EnableMotion.Response:
        if not request.enable:
            self._gate.disable()
        elif self._settings.real and not self._settings.allow_real_robot:
            response.message = "a real robot does not move unless the guard was started with allow_real_robot:=true"
            return response
        elif not request.lease_s > 0:
            response.message = f"a lease of {request.lease_s} s cannot be held: ask for more than 0 s"
            return response
        else:
            self._gate.enable(request.lease_s)
        self._check()
        response.success = True
        return response

    def _stop(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._gate.stop("somebody called stop")
        self._check()
        response.success, response.message = True, "stopped until reset_stop is called"
        return response

    def _reset_stop(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._gate.reset_stop()
        self._say()
        response.success, response.message = True, "the stop is reset; nothing moves before it is told to"
        return response

    def _say(self) -> None:
        self._status.say(moving=self._motion is not None)


def main() -> None:
    """Entry point."""
    run_node(GuardNode)


if __name__ == "__main__":
    main()
