"""Requests to MoveIt, and the postures in its answers. Import only where moveit_msgs is: see `planner`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from adapt_core.arm_settings import Arm, MoveIt
from adapt_core.safety import Rejection, refuse
from adapt_core.types import Vector
from geometry_msgs.msg import Pose
from moveit_msgs.action import MoveGroup
from moveit_msgs.msg import Constraints, OrientationConstraint, PositionConstraint, RobotState
from moveit_msgs.srv import GetCartesianPath
from numpy.typing import NDArray
from shape_msgs.msg import SolidPrimitive

from adapt_ros.convert import to_pose

NEAR_M, NEAR_RAD = 1e-4, 1e-3  # what a planner that samples goals may miss them by


def line_goal(arm: Arm, moveit: MoveIt, frame_id: str, pose: Vector, start: Vector) -> MoveGroup.Goal:
    """Plan, and only plan, from the posture `start` (j,) straight to `pose` (7,) of the end effector in `frame_id`."""
    goal = MoveGroup.Goal()
    goal.planning_options.plan_only = True
    goal.planning_options.planning_scene_diff.is_diff = True
    goal.planning_options.planning_scene_diff.robot_state.is_diff = True
    request = goal.request
    request.pipeline_id, request.planner_id, request.group_name = moveit.pipeline, moveit.planner, moveit.group
    request.num_planning_attempts, request.allowed_planning_time = 1, moveit.timeout_s
    request.max_velocity_scaling_factor = request.max_acceleration_scaling_factor = arm.motion.scale
    request.start_state = _state(arm, start)
    request.goal_constraints = [_at_pose(moveit.link, frame_id, _pose(pose))]
    return goal


def path_request(
    arm: Arm, moveit: MoveIt, frame_id: str, poses: NDArray[np.float64], start: Vector
) -> GetCartesianPath.Request:
    """Straight on from the posture `start` (j,) through all `poses` (n, 7) of the end effector in `frame_id`."""
    request = GetCartesianPath.Request(group_name=moveit.group, link_name=moveit.link)
    request.header.frame_id = frame_id
    request.start_state = _state(arm, start)
    request.waypoints = [_pose(pose) for pose in poses]
    request.max_step = moveit.step_m
    request.revolute_jump_threshold = arm.motion.joint_jump_rad
    request.avoid_collisions = True
    request.max_velocity_scaling_factor = request.max_acceleration_scaling_factor = arm.motion.scale
    return request


def postures(trajectory: object, joints: Sequence[str]) -> NDArray[np.float64]:
    """Positions (n, j) of `joints` in a moveit_msgs/RobotTrajectory. Raises PlanRejectedError (WRONG_SHAPE, NO_MOTION)."""
    message = trajectory.joint_trajectory  # type: ignore[attr-defined]
    if not message.points:
        refuse(Rejection.NO_MOTION, "MoveIt says that it found a way, but sends none: see the log of move_group")
    names = list(message.joint_names)
    if missing := [joint for joint in joints if joint not in names]:
        planned = ", ".join(names) or "none"
        refuse(
            Rejection.WRONG_SHAPE,
            f"MoveIt plans {planned}, not {', '.join(missing)}: set group under arm.moveit of the robot's YAML",
        )
    if any(len(point.positions) != len(names) for point in message.points):
        refuse(Rejection.WRONG_SHAPE, f"a point of MoveIt's way has not one position for each of {len(names)} joints")
    columns = [names.index(joint) for joint in joints]
    return np.array([point.positions for point in message.points], np.float64)[:, columns]


def _state(arm: Arm, posture: Vector) -> RobotState:
    """The joints at `posture`, all else as MoveIt sees it."""
    state = RobotState(is_diff=True)
    state.joint_state.name = list(arm.joints)
    state.joint_state.position = [float(angle) for angle in posture]
    return state


def _at_pose(link: str, frame_id: str, pose: Pose) -> Constraints:
    """One position and one orientation of one link: what Pilz' planners take."""
    position = PositionConstraint(link_name=link, weight=1.0)
    position.header.frame_id = frame_id
    position.constraint_region.primitives = [SolidPrimitive(type=SolidPrimitive.SPHERE, dimensions=[NEAR_M])]
    position.constraint_region.primitive_poses = [Pose(position=pose.position)]
    orientation = OrientationConstraint(link_name=link, orientation=pose.orientation, weight=1.0)
    orientation.header.frame_id = frame_id
    for axis in "xyz":
        setattr(orientation, f"absolute_{axis}_axis_tolerance", NEAR_RAD)
    return Constraints(position_constraints=[position], orientation_constraints=[orientation])


def _pose(pose: Vector) -> Pose:
    return to_pose(np.append(pose, 0.0))[0]
