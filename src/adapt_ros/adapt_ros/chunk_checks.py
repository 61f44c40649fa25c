"""What the guard knows of the robot's senses, and whether a chunk may be executed by it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.robots import Robot
from adapt_core.safety import (
    Limits,
    Newest,
    Rejection,
    check_chunk,
    check_joint_state_age,
    check_observation_age,
)
from adapt_core.types import ActionChunk

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Observation
from adapt_ros.convert import from_chunk, from_motion, from_time
from adapt_ros.interfaces import OBSERVATION
from adapt_ros.joint_states import JointStates
from adapt_ros.motion_gate import Fault
from adapt_ros.node import AdaptNode

if TYPE_CHECKING:
    from adapt_core.kinematics.arm import ArmModel


@dataclass(frozen=True)
class Checked:
    """A chunk that may be executed, and for an arm of joints how."""

    chunk: ActionChunk
    motion: JointTrajectory | None


class ChunkChecks:
    """Listens to `observation` and, for an arm, its joint states in the namespace `drivers`.

    What is asked of the arm's model, `arm`, is asked in the node's worker thread only.
    """

    def __init__(self, node: AdaptNode, robot: Robot, drivers: str, simulated: bool) -> None:
        """`simulated`: the clock that stamps is a simulator's. Raises ConfigError."""
        self._node, self._simulated = node, simulated
        self._limits = Limits.of(robot)
        self._observation, self._joint_state = Newest(simulated), Newest(simulated)
        self._subscription = OBSERVATION.subscription(node, self._observe)
        self.arm: ArmModel | None = None
        self.joint_states: JointStates | None = None
        if robot.arm is not None:
            from adapt_core.kinematics.arm import ArmModel  # imports Pinocchio, which other robots do without

            self.arm = ArmModel.of(robot)
            self.joint_states = JointStates(node, robot.arm, drivers, self._joint_state.hear)

    def check_senses(self) -> None:
        """Raise PlanRejectedError when the camera, or the arm's driver, has been silent for too long."""
        now_s = self._now_s()
        check_observation_age(self._observation.as_of(now_s), self._limits, now_s)
        if self.joint_states is not None:
            check_joint_state_age(self._joint_state.as_of(now_s), self._limits, now_s)

    def silence(self) -> Fault | None:
        """What `check_senses` has to say."""
        try:
            self.check_senses()
        except PlanRejectedError as error:
            return Rejection(error.code), str(error)
        return None

    async def check(self, goal: ExecuteChunk.Goal) -> Checked:
        """The chunk of `goal` and its motion. Raises PlanRejectedError when either must not be executed."""
        try:
            chunk = from_chunk(goal.chunk)
        except ValueError as error:
            raise PlanRejectedError(Rejection.WRONG_SHAPE, f"the chunk makes no sense: {error}") from error
        check_chunk(chunk, self._limits, self._now_s())
        if self.arm is None or self.joint_states is None:
            return Checked(chunk, None)
        from adapt_core.kinematics.motion_check import check_motion

        motion = from_motion(goal.motion, self.arm.joint_names)
        q_now = self.joint_states.joints().positions
        await self._node.in_worker(check_motion, self.arm, chunk, motion, q_now, self._limits.workspace)
        return Checked(chunk, motion)

    def check_again(self, checked: Checked) -> None:
        """Raise PlanRejectedError when what has passed `check` is too old by now, or the arm has moved meanwhile."""
        check_chunk(checked.chunk, self._limits, self._now_s())
        self.check_senses()
        if checked.motion is not None and self.arm is not None and self.joint_states is not None:
            from adapt_core.kinematics.motion_check import check_start

            check_start(checked.motion, self.joint_states.joints().positions, self.arm.joint_names)

    def destroy(self) -> None:
        """Listen no more."""
        self._node.destroy_subscription(self._subscription)
        if self.joint_states is not None:
            self.joint_states.destroy()

    def _now_s(self) -> float:
        """Time on the ROS clock; a simulated one is no older than what was heard last."""
        now_s = self._node.get_clock().now().nanoseconds / 1e9
        heard_s = (self._observation.stamp_s, self._joint_state.stamp_s) if self._simulated else ()
        return max([now_s, *(stamp_s for stamp_s in heard_s if not math.isnan(stamp_s))])

    def _observe(self, message: Observation) -> None:
        self._observation.hear(from_time(message.header.stamp))
