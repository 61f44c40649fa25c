"""Serves an arm under the names of its YAML, as ros2_control and Franka's nodes would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapt_core.errors import AdaptError, MotionStoppedError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.robots import Robot
from std_msgs.msg import String

from adapt_ros import convert
from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.coroutines import Arrival
from adapt_ros.drivers.arm_hardware import ArmHardware
from adapt_ros.drivers.gripper_messages import epsilon_of
from adapt_ros.endpoints import ActionName
from adapt_ros.node import AdaptNode

REPLACED = "another command replaced it"
CANCELLED = "it was cancelled"


class ArmServer:
    """Commands are passed to `hardware` in the node's worker thread, where `report` is called as well.

    `hardware` may be exchanged for another arm there. `on_command` is called in that thread after each command.
    """

    def __init__(
        self,
        node: AdaptNode,
        robot: Robot,
        hardware: ArmHardware,
        namespace: str = "",
        on_command: Callable[[], None] = lambda: None,
    ) -> None:
        """Create all ends. `robot` has an arm."""
        assert robot.arm is not None
        self.hardware = hardware
        self._node, self._arm, self._on_command = node, robot.arm, on_command
        self._names = names = ArmNames.of(robot.arm, namespace)
        self._motion_end: Arrival[str] = Arrival()  # why the trajectory under way ended; empty: it was done
        self._gripper_end: Arrival[str] = Arrival()
        self._errors: tuple[str, ...] | None = None
        self._joint_states = names.joint_states.publisher(node)
        self._errors_topic = names.errors.publisher(node)
        self._held: list[Any] = [
            names.trajectory.subscription(node, lambda message: node.begin_coroutine(self._hear_trajectory(message))),
            names.move.server(node, self._move, cancel=self._stop_gripper),
            names.grasp.server(node, self._grasp, cancel=self._stop_gripper),
        ]
        if names.follow is not None:
            self._held.append(names.follow.server(node, self._follow, cancel=self._cancel_motion))
        if isinstance(names.recovery, ActionName):
            self._held.append(names.recovery.server(node, self._recover_action))
        else:
            self._held.append(names.recovery.server(node, self._recover))

    def report(self, stamp_s: float) -> None:
        """Say how the arm is now, and to whom it matters that something has ended. In the worker's thread."""
        hardware = self.hardware
        state = hardware.joint_state
        names = (*self._arm.joints, *self._arm.gripper.joints)
        joints = convert.Joints(stamp_s, state.positions, state.velocities)
        self._joint_states.publish(convert.to_joint_state(joints, names, state.efforts))
        if hardware.errors != self._errors:
            self._errors = hardware.errors
            self._errors_topic.publish(String(data="\n".join(hardware.errors)))
        if not hardware.moving:
            self._motion_end.set("; ".join(hardware.errors))
        if not hardware.gripper.busy:
            self._gripper_end.set("" if hardware.gripper.succeeded else _gripper_failure(hardware.gripper.width_m))

    # Commands, in the worker's thread.

    def _start(self, message: Any) -> Arrival[str]:
        trajectory: JointTrajectory = convert.from_trajectory(message, self._arm.joints)
        self.hardware.start(trajectory)
        self._motion_end.set(REPLACED)
        self._motion_end = Arrival()
        return self._motion_end

    def _start_gripper(self, command: Callable[[], None]) -> Arrival[str]:
        command()
        self._gripper_end.set(REPLACED)
        self._gripper_end = Arrival()
        return self._gripper_end

    def _halt(self, end: Arrival[str]) -> None:
        if end is self._motion_end and not end.there:
            self.hardware.halt()
            end.set(CANCELLED)

    def _halt_gripper(self) -> None:
        self.hardware.gripper.stop()
        self._gripper_end.set(CANCELLED)

    async def _commanded(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What `function` returns in the worker. Raises PlanRejectedError, MotionStoppedError."""
        try:
            return await self._node.in_worker(function, *arguments)
        finally:
            self._node.submit(self._on_command)

    # Servers, in the thread that spins.

    async def _hear_trajectory(self, message: Any) -> None:
        try:
            await self._commanded(self._start, message)
        except (PlanRejectedError, MotionStoppedError) as error:
            self._node.get_logger().error(f"the trajectory is not followed: {error}")

    async def _follow(self, goal: Any) -> Any:
        result = self._names.follow.type.Result()  # type: ignore[union-attr]  # served only where it is there
        try:
            end: Arrival[str] = await self._commanded(self._start, goal.request.trajectory)
        except (PlanRejectedError, MotionStoppedError) as error:
            result.error_code, result.error_string = result.INVALID_GOAL, str(error)
            goal.abort()
            return result
        if goal.is_cancel_requested:
            await self._commanded(self._halt, end)
        failure = await end
        _end(goal, failure)
        if failure:
            result.error_code, result.error_string = result.PATH_TOLERANCE_VIOLATED, failure
        return result

    def _cancel_motion(self, _goal_handle: Any) -> None:
        self._node.begin_coroutine(self._commanded(self._halt, self._motion_end))

    async def _move(self, goal: Any) -> Any:
        wanted, result = goal.request, self._names.move.type.Result()
        return await self._pursue(goal, result, lambda: self.hardware.gripper.move(wanted.width, wanted.speed))

    async def _grasp(self, goal: Any) -> Any:
        wanted, result = goal.request, self._names.grasp.type.Result()
        tolerances = epsilon_of(wanted)
        return await self._pursue(
            goal,
            result,
            lambda: self.hardware.gripper.grasp(wanted.width, wanted.speed, wanted.force, *tolerances),
        )

    async def _pursue(self, goal: Any, result: Any, command: Callable[[], None]) -> Any:
        try:
            result.error = await (await self._commanded(self._start_gripper, command))
        except PlanRejectedError as error:
            result.error = str(error)
        result.success = not result.error
        _end(goal, result.error)
        return result

    def _stop_gripper(self, _goal_handle: Any) -> None:
        self._node.begin_coroutine(self._commanded(self._halt_gripper))

    async def _recover(self, _request: Any, response: Any) -> Any:
        failure = await self._recovery_failure()
        response.success = not failure
        if hasattr(response, "message"):
            response.message = failure or "recovered"
        else:
            response.error = failure
        return response

    async def _recover_action(self, goal: Any) -> Any:
        _end(goal, await self._recovery_failure())
        return self._names.recovery.type.Result()

    async def _recovery_failure(self) -> str:
        try:
            await self._commanded(lambda: self.hardware.recover())
        except AdaptError as error:
            return str(error)
        return ""


def _end(goal: Any, failure: str) -> None:
    """Succeeded, or cancelled, or aborted because of `failure`."""
    if not failure:
        goal.succeed()
    elif goal.is_cancel_requested:
        goal.canceled()
    else:
        goal.abort()


def _gripper_failure(width_m: float) -> str:
    return f"the fingers stopped {1000 * width_m:.0f} mm apart: not as wanted, or with nothing between them"
