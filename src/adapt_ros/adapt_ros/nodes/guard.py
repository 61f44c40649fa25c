"""The sole holder of motion: what it does not let through does not move the robot. No PyTorch in its process.

It is a software stop and not safety-rated: the robot's own emergency stop stays within reach.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapt_core.errors import ConfigError, PlanRejectedError
from adapt_core.robots import Robot
from adapt_core.safety import Rejection

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Heartbeat
from adapt_ros import interfaces
from adapt_ros.approval import Approval
from adapt_ros.arm_brake import ArmBrake
from adapt_ros.chunk_checks import ChunkChecks
from adapt_ros.gate_services import GateServices
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.guard_status import GuardStatusTopic
from adapt_ros.managed_node import ManagedNode
from adapt_ros.motion import Motion
from adapt_ros.motion_gate import STOPPING_S, Fault, MotionGate
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.serving import OneGoal

SILENCES = (Rejection.PEER_LOST, Rejection.STALE_OBSERVATION, Rejection.STALE_JOINT_STATES)
LATE = 4  # periods of checking after which the guard itself has paused


@dataclass(frozen=True)
class GuardSettings(GraphSettings):
    """Parameters of the node."""

    watch: tuple[str, ...] = param((), "fully qualified names of the nodes without which nothing may move")
    real: bool = param(False, "the robot is real")
    allow_real_robot: bool = param(False, "a real robot may be enabled; a person must have said so")
    approve: bool = param(False, "an arm moves only when a person has approved the motion")
    check_s: float = param(0.02, "how often lease, latch and heartbeats are looked at")
    give_up_s: float = param(0.5, "how long the world may take to answer a cancel")


class GuardNode(ManagedNode):
    """Serves `guard/execute_chunk`, one goal at a time; all in one thread, with timers on a steady clock."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("guard", **node_arguments)
        self._settings = read_parameters(self, GuardSettings)
        self._motion: Motion | None = None
        self._approval: Approval | None = None
        self._brake: ArmBrake | None = None
        self._arm_driver = f"{self.get_namespace()}/arm_driver"
        self._checked_s, self._excused = time.monotonic(), False

    def configure(self) -> None:
        """Read the robot's limits, create all ends. Raises ConfigError."""
        robot = self._settings.load_robot()
        self._checks = ChunkChecks(self, robot, self._settings.drivers, simulated=not self._settings.real)
        self._configure_arm(robot)
        timeout_s = robot.heartbeat_timeout_s - STOPPING_S
        self._gate = MotionGate(self._settings.watch, timeout_s, robot.enable_lease_s)
        self._status = GuardStatusTopic(self, self._gate)
        self._world = interfaces.WORLD_EXECUTE_CHUNK.client(self)
        self._subscriptions_held = [
            interfaces.heartbeat(name).subscription(self, self._hear) for name in self._settings.watch
        ]
        allowed = self._settings.allow_real_robot or not self._settings.real
        self._gate_services = GateServices(self, self._gate, allowed, self._check)
        self._server = interfaces.GUARD_EXECUTE_CHUNK.server(
            self, self._execute, one_goal=OneGoal(lambda: self.active), cancel=lambda _: self._interrupt(None)
        )
        self._timer = self.steady_timer(self._settings.check_s, self._check)

    def _configure_arm(self, robot: Robot) -> None:
        arm, states = self._checks.arm, self._checks.joint_states
        if arm is not None and states is not None:
            self._brake = ArmBrake(self, arm.settings, self._settings.drivers, states)
            self._approval = Approval(self, arm) if self._settings.approve else None
        elif self._settings.approve:
            raise ConfigError(f"approve is for arms, and {robot.name} has none: leave it out")

    def activate(self) -> None:
        """Say how things stand."""
        self._say()
        watched = ", ".join(self._settings.watch) or "no node"
        self.get_logger().info(f"guarding {self._settings.robot}, watching {watched}")

    def deactivate(self) -> None:
        """Stop what moves."""
        self._interrupt((Rejection.STOPPED, "the guard was deactivated: activate it again"))

    def cleanup(self) -> None:
        """Destroy all ends."""
        self.destroy_timer(self._timer)
        for subscription in self._subscriptions_held:
            self.destroy_subscription(subscription)
        ends = (self._server, self._world, self._gate_services, self._checks, self._brake, self._approval, self._status)
        for end in ends:
            if end is not None:
                end.destroy()

    def _interrupt(self, fault: Fault | None) -> None:
        """Stop what moves, and wait no longer for what would; without a `fault` because it was cancelled."""
        if self._motion is not None:
            self._motion.interrupt(fault)
        if self._approval is not None:
            self._approval.withdraw(*(fault or (Rejection.NOT_APPROVED, "it was cancelled")))

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        try:
            result = await self._check_and_move(goal_handle)
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

    async def _check_and_move(self, goal_handle: Any) -> ExecuteChunk.Result:
        try:
            self._must_hold_no_more()
            checked = await self._checks.check(goal_handle.request)
            if self._approval is not None and checked.motion is not None:
                await self._approval.ask(checked.chunk, checked.motion)
            self._must_hold_no_more()
            self._checks.check_again(checked)
        except PlanRejectedError as error:
            if goal_handle.is_cancel_requested:
                return ExecuteChunk.Result()
            return ExecuteChunk.Result(code=str(error.code), message=str(error), rejected=True)
        except Exception as error:  # what cannot be checked is not executed
            self.get_logger().error(traceback.format_exc())
            why = f"the chunk could not be checked: {error!r}; see the guard's log"
            return ExecuteChunk.Result(code=Rejection.WRONG_SHAPE.value, message=why, rejected=True)
        return await self._move(goal_handle)

    async def _move(self, goal_handle: Any) -> ExecuteChunk.Result:
        def report(sequences: Sequence[int]) -> None:
            goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=sequences))

        if goal_handle.is_cancel_requested:
            return ExecuteChunk.Result()
        self._motion = Motion(self._world, goal_handle.request, self._settings.give_up_s, report, self._brake)
        self._say()
        return await self._motion.result()

    def _must_hold_no_more(self) -> None:
        """Raise PlanRejectedError when nothing may begin to move."""
        fault = self._fault()
        if fault is None and not self._world.server_is_ready():
            fault = Rejection.PEER_LOST, "no world or robot driver serves yet: wait, or see its log"
        if fault is not None:
            raise PlanRejectedError(*fault)

    def _fault(self) -> Fault | None:
        """Why nothing may move; None when something may."""
        return self._gate.fault() or self._checks.silence()

    def _check(self) -> None:
        """Interrupt motion that has lost its grounds."""
        now_s = time.monotonic()
        self._excused = not self._excused and now_s - self._checked_s > LATE * self._settings.check_s
        self._checked_s = now_s
        fault = self._fault()
        # After a pause of our own the messages that wait are heard first, but only once.
        if fault is not None and not (self._excused and fault[0] in SILENCES):
            self._interrupt(fault)
        if self._motion is not None:
            self._motion.check_answer(lost=self._arm_driver in self._gate.lost())
        self._say()

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._gate.monitor.beat(heartbeat.node)

    def _say(self) -> None:
        self._status.say(moving=self._motion is not None)


def main() -> None:
    """Entry point."""
    run_node(GuardNode)


if __name__ == "__main__":
    main()
