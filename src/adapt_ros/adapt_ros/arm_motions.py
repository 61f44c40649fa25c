"""The executor's part for an arm of joints: each chunk becomes one motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from adapt_core.errors import PlanRejectedError
from adapt_core.graph_options import MotionBackend
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk, plan_home
from adapt_core.robots import Robot
from adapt_core.safety import Limits, Rejection, check_chunk
from adapt_core.types import ActionChunk, ActionSpace, Vector

from adapt_interfaces import msg
from adapt_interfaces.action import ExecuteChunk
from adapt_ros.convert import from_chunk, to_chunk, to_motion
from adapt_ros.joint_states import JointStates
from adapt_ros.moveit.planner import MoveItPlanner
from adapt_ros.node import AdaptNode


class MotionPlanner(Protocol):
    """Finds motions of an arm; made of the node that asks and its robot."""

    async def plan(self, chunk: ActionChunk, q_now: Vector) -> JointTrajectory:
        """One motion from rest at `q_now` (j,) [rad] through all poses of `chunk`, at its pace. Raises PlanRejectedError.

        The chunk has passed `check_chunk`.
        """

    def destroy(self) -> None:
        """Release what it holds."""


class KinematicPlanner:
    """Inverse kinematics and one smooth trajectory, in the node's worker thread. See MotionPlanner."""

    def __init__(self, node: AdaptNode, robot: Robot) -> None:
        self._node, self._arm, self._control_period_s = node, ArmModel.of(robot), robot.control_period_s

    async def plan(self, chunk: ActionChunk, q_now: Vector) -> JointTrajectory:
        """See MotionPlanner."""
        return await self._node.in_worker(plan_chunk, self._arm, chunk, q_now, self._control_period_s)

    def destroy(self) -> None:
        """Nothing to release."""


PLANNERS: dict[MotionBackend, Callable[[AdaptNode, Robot], MotionPlanner]] = {
    MotionBackend.KINEMATIC: KinematicPlanner,
    MotionBackend.MOVEIT: MoveItPlanner,
}


class ArmMotions:
    """Goals for the guard: chunks with their motions from where the joints are, found by `backend`."""

    def __init__(self, node: AdaptNode, robot: Robot, drivers: str, backend: MotionBackend) -> None:
        """`drivers` is the namespace of the arm's. Raises ConfigError."""
        self._node, self._robot = node, robot
        self._arm, self._limits = ArmModel.of(robot), Limits.of(robot)
        self._planner = PLANNERS[backend](node, robot)
        self._states = JointStates(node, self._arm.settings, drivers)

    async def goal(self, message: msg.ActionChunk) -> ExecuteChunk.Goal:
        """The chunk and its motion. Raises PlanRejectedError, whose message names the pose or joint at fault."""
        try:
            chunk = from_chunk(message)
        except ValueError as error:
            raise PlanRejectedError(Rejection.WRONG_SHAPE, f"the chunk makes no sense: {error}") from error
        check_chunk(chunk, self._limits, chunk.stamp_s)  # its age is the guard's matter
        motion = await self._planner.plan(chunk, self._states.joints().positions)
        return ExecuteChunk.Goal(chunk=message, motion=to_motion(motion, self._arm.joint_names))

    async def home(self) -> ExecuteChunk.Goal:
        """The way home, by the joints, as a chunk of where it leads the hand, open. Raises PlanRejectedError."""
        now = self._states.joints()
        chunk, motion = await self._node.in_worker(self._way_home, now.positions, now.stamp_s)
        return ExecuteChunk.Goal(chunk=to_chunk(chunk), motion=to_motion(motion, self._arm.joint_names))

    def destroy(self) -> None:
        """Release what it holds."""
        self._states.destroy()
        self._planner.destroy()

    def _way_home(self, q_now: Vector, stamp_s: float) -> tuple[ActionChunk, JointTrajectory]:
        motion = plan_home(self._arm, q_now)
        postures = (motion.at(float(time_s))[0] for time_s in motion.waypoint_times_s)
        rows = np.array([np.append(self._arm.forward(posture), 1.0) for posture in postures])  # (n, 8)
        robot = self._robot
        return ActionChunk(ActionSpace.END_EFFECTOR, rows, robot.frame_skip, robot.frame_id, stamp_s), motion
