"""The executor's backend that has MoveIt find the way of the joints; the motion along it is ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapt_core.arm_settings import MoveIt
from adapt_core.errors import ConfigError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import paced, poses_of
from adapt_core.kinematics.joining import Way, is_at, join_ways, split_way
from adapt_core.robots import Robot
from adapt_core.safety import Rejection
from adapt_core.types import ActionChunk, Vector
from numpy.typing import NDArray
from rclpy.action import ActionClient
from rclpy.task import Future

from adapt_ros.coroutines import Arrival, arrival_of
from adapt_ros.endpoints import resolved
from adapt_ros.moveit.error_codes import refuse_moveit
from adapt_ros.node import AdaptNode

THERE = 0.1  # of what may be off at a pose: nearer than that there is no line to plan
Poses = NDArray[np.float64]  # (n, 7)


class MoveItPlanner:
    """Plans with the MoveIt of `robot.arm.moveit`, which runs beside the graph; never lets it move the arm."""

    def __init__(self, node: AdaptNode, robot: Robot) -> None:
        """Raises ConfigError where moveit_msgs is missing or the robot's YAML says nothing of MoveIt."""
        self._messages = _messages()
        self._node, self._robot = node, robot
        self._arm = ArmModel.of(robot)
        self._moveit = _settings(robot)
        names = self._moveit
        self._lines = ActionClient(node, self._messages.MoveGroup, resolved(names.action, names.namespace))
        self._path = node.create_client(self._messages.GetCartesianPath, resolved(names.service, names.namespace))

    def destroy(self) -> None:
        """Destroy both clients."""
        self._lines.destroy()
        self._node.destroy_client(self._path)

    async def plan(self, chunk: ActionChunk, q_now: Vector) -> JointTrajectory:
        """One motion from rest at `q_now` (j,) [rad] through the poses of `chunk`, at its pace.

        Raises PlanRejectedError with the reason, MoveIt's or ours.
        """
        poses = poses_of(chunk)
        find = self._by_lines if self._moveit.ways == "lines" else self._by_path
        ways = await find(poses, q_now, chunk.frame_id)
        return await self._node.in_worker(self._motion, ways, poses, q_now, chunk.frame_skip)

    def _motion(self, ways: list[Way], poses: Poses, q_now: Vector, frame_skip: int) -> JointTrajectory:
        motion = join_ways(self._arm, ways, poses, q_now)
        return paced(self._arm, motion, frame_skip, self._robot.control_period_s)

    async def _by_lines(self, poses: Poses, q_now: Vector, frame_id: str) -> list[Way]:
        """A straight line to each pose, asked for one after the other."""
        settings, ways, at = self._arm.settings, list[Way](), q_now
        if not self._lines.server_is_ready():
            raise self._lost(f"does not serve the action {self._moveit.action}")
        for number, pose in enumerate(poses):
            if is_at(self._arm.forward(at), pose, THERE):
                ways.append(at[None])
                continue
            goal = self._messages.line_goal(settings, self._moveit, frame_id, pose, at)
            result = await self._line(goal)
            code = result.error_code
            refuse_moveit(code.val, getattr(code, "message", ""), f"on the way to pose {number}")
            ways.append(self._messages.postures(result.planned_trajectory, settings.joints))
            at = ways[-1][-1]
        return ways

    async def _line(self, goal: Any) -> Any:
        handle = await self._in_time(self._lines.send_goal_async(goal))
        if not handle.accepted:
            raise PlanRejectedError(Rejection.BUSY, "MoveIt takes no goal now: is something else planning with it?")
        try:
            return (await self._in_time(handle.get_result_async())).result
        except PlanRejectedError:
            handle.cancel_goal_async()
            raise

    async def _by_path(self, poses: Poses, q_now: Vector, frame_id: str) -> list[Way]:
        """One way through all poses."""
        settings = self._arm.settings
        if not self._path.service_is_ready():
            raise self._lost(f"does not serve {self._moveit.service}")
        request = self._messages.path_request(settings, self._moveit, frame_id, poses, q_now)
        answer = await self._in_time(self._path.call_async(request))
        where = f"on the way through {len(poses)} poses"
        refuse_moveit(answer.error_code.val, getattr(answer.error_code, "message", ""), where)
        if not answer.fraction >= 1.0:
            share = f"MoveIt found a way through {answer.fraction:.0%} of the plan only"
            raise PlanRejectedError(Rejection.NO_MOTION, f"{share}: imagine again, or look at its planning scene")
        way = self._messages.postures(answer.solution, settings.joints)
        return await self._node.in_worker(split_way, self._arm, way, poses)

    async def _in_time(self, future: Future) -> Any:
        arrival: Arrival[Any] = arrival_of(future)
        lost = self._lost(f"has not answered within {self._moveit.timeout_s:g} s")
        timer = self._node.steady_timer(self._moveit.timeout_s, lambda: arrival.fail(lost))
        try:
            return await arrival
        finally:
            self._node.destroy_timer(timer)

    def _lost(self, how: str) -> PlanRejectedError:
        start = "start it (ros2 launch ... move_group), or choose executor:=kinematic"
        return PlanRejectedError(Rejection.PEER_LOST, f"MoveIt {how} under {self._moveit.namespace}: {start}")


def _messages() -> Any:
    try:
        from adapt_ros.moveit import messages
    except ImportError as error:
        raise ConfigError(
            f"executor:=moveit needs the messages of MoveIt ({error}): apt-get install ros-jazzy-moveit-msgs and source "
            "ROS, or choose executor:=kinematic"
        ) from error
    return messages


def _settings(robot: Robot) -> MoveIt:
    if robot.arm is None or robot.arm.moveit is None:
        raise ConfigError(f"robot {robot.name} has no MoveIt: give group and link under arm.moveit of its YAML")
    return robot.arm.moveit
