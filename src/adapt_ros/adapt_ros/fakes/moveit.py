"""A MoveIt that interpolates, for tests. Import only where moveit_msgs is."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve_path
from adapt_core.robots import load_robot
from adapt_core.types import Vector
from geometry_msgs.msg import Pose
from moveit_msgs.action import MoveGroup
from moveit_msgs.msg import MoveItErrorCodes, RobotTrajectory
from moveit_msgs.srv import GetCartesianPath
from trajectory_msgs.msg import JointTrajectoryPoint

from adapt_ros.convert import from_pose
from adapt_ros.coroutines import Arrival
from adapt_ros.endpoints import ActionName, ServiceName
from adapt_ros.node import AdaptNode

POSTURES = 10  # on each straight line


class FakeMoveIt(AdaptNode):
    """Serves both ways of asking. What it answers can be spoilt: `code`, `fraction`, `silent`, `off_rad`, `joints`."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("move_group", **node_arguments)
        self._arm = ArmModel.of(load_robot("panda"))
        self.code = MoveItErrorCodes.SUCCESS
        self.fraction = 1.0
        self.silent = False
        self.off_rad = 0.0  # by which the first joint is beside the way
        self.joints = tuple(reversed(self._arm.joint_names))  # in an order of its own
        self.asked: list[Any] = []
        self.cancelled = 0
        self._move_server = ActionName("/move_action", MoveGroup).server(self, self._move, cancel=self._cancel)
        self._path_server = ServiceName("/compute_cartesian_path", GetCartesianPath).server(self, self._path)

    async def _move(self, goal: Any) -> MoveGroup.Result:
        self.asked.append(goal.request)
        if self.silent:
            await Arrival[None]()
        request, result = goal.request.request, MoveGroup.Result()
        [at] = request.goal_constraints
        pose = at.position_constraints[0].constraint_region.primitive_poses[0]
        pose.orientation = at.orientation_constraints[0].orientation
        result.error_code.val = self.code
        result.planned_trajectory = self._straight([pose], request.start_state)
        goal.succeed()
        return result

    async def _path(
        self, request: GetCartesianPath.Request, response: GetCartesianPath.Response
    ) -> GetCartesianPath.Response:
        self.asked.append(request)
        if self.silent:
            await Arrival[None]()
        response.error_code.val = self.code
        response.fraction = self.fraction
        response.solution = self._straight(request.waypoints, request.start_state)
        return response

    def _cancel(self, _: Any) -> None:
        self.cancelled += 1

    def _straight(self, poses: list[Pose], start: Any) -> RobotTrajectory:
        posture = self._posture(start)
        rows = [posture[None]]
        for pose in poses:
            begin, end = self._arm.forward(rows[-1][-1]), from_pose(pose, 0.0)[:7]
            line = np.array([begin + share * (end - begin) for share in np.linspace(0, 1, POSTURES)])
            rows.append(solve_path(self._arm, line, rows[-1][-1], 0.5))
        message = RobotTrajectory()
        message.joint_trajectory.joint_names = list(self.joints)
        columns = [self._arm.joint_names.index(joint) for joint in self.joints]
        for row in np.vstack(rows) + np.eye(7)[0] * self.off_rad:
            message.joint_trajectory.points.append(JointTrajectoryPoint(positions=row[columns].tolist()))
        return message

    def _posture(self, state: Any) -> Vector:
        told = dict(zip(state.joint_state.name, state.joint_state.position, strict=True))
        return np.array([told[joint] for joint in self._arm.joint_names])
