"""An arm and its driver, for tests of what is before them: each follows what it is told, and can fall silent."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.robots import load_robot
from adapt_core.types import Vector
from sensor_msgs.msg import JointState
from trajectory_msgs import msg as trajectory_msgs

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Observation
from adapt_ros.arm_brake import ArmBrake
from adapt_ros.convert import Joints, from_trajectory, to_joint_state, wall_time
from adapt_ros.coroutines import Arrival
from adapt_ros.endpoints import Topic
from adapt_ros.interfaces import EVENT, OBSERVATION, SENSOR, WORLD_EXECUTE_CHUNK
from adapt_ros.joint_states import JointStates
from adapt_ros.node import AdaptNode

STEP_S = 0.02
CAMERA_S = 0.03


class FakePanda(AdaptNode):
    """Publishes `joint_states` and goes where `joint_trajectory` says, in real time. `silent`: it publishes nothing."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("mock_arm", **node_arguments)
        arm = load_robot("panda").arm
        assert arm is not None
        self._joints, self.positions, self.velocities = arm.joints, np.array(arm.home), np.zeros(len(arm.joints))
        self.silent = False
        self.told: list[JointTrajectory] = []
        self._began_s = 0.0
        self._states = Topic(arm.interfaces.joint_states, JointState, SENSOR).publisher(self)
        self._commands = Topic(arm.interfaces.trajectory_topic, trajectory_msgs.JointTrajectory, EVENT)
        self._subscription = self._commands.subscription(self, self._hear)
        self.steady_timer(STEP_S, self._step)

    @property
    def moving(self) -> bool:
        """Does any joint turn?"""
        return bool(np.abs(self.velocities).max() > 0)

    def _hear(self, message: trajectory_msgs.JointTrajectory) -> None:
        told = from_trajectory(message, self._joints)
        if len(told.times_s) == 1:
            told = _from_here(self.positions, self.velocities, told)
        self.told.append(told)
        self._began_s = time.monotonic()

    def _step(self) -> None:
        if self.told:
            elapsed_s = time.monotonic() - self._began_s
            self.positions, self.velocities = self.told[-1].at(elapsed_s)
        if not self.silent:
            now = wall_time()
            joints = Joints(now.sec + now.nanosec / 1e9, self.positions, self.velocities)
            self._states.publish(to_joint_state(joints, self._joints, np.zeros(len(self._joints))))


class FakeDriver(AdaptNode):
    """Serves `world/execute_chunk` by FakePanda's topic and publishes `observation`. `blind`: it publishes none."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("arm_driver", **node_arguments)
        arm = load_robot("panda").arm
        assert arm is not None
        self.blind = False
        self._sequence = 0
        self._observations = OBSERVATION.publisher(self)
        self._commands = Topic(arm.interfaces.trajectory_topic, trajectory_msgs.JointTrajectory, EVENT).publisher(self)
        self._brake = ArmBrake(self, arm, "", JointStates(self, arm, ""))
        self._server = WORLD_EXECUTE_CHUNK.server(self, self._execute, cancel=lambda _: self._end.set(None))
        self.steady_timer(CAMERA_S, self._look)

    async def _execute(self, goal_handle: Any) -> ExecuteChunk.Result:
        self._end: Arrival[None] = Arrival()
        motion, began_s = goal_handle.request.motion, time.monotonic()
        result = ExecuteChunk.Result()
        self._commands.publish(motion.trajectory)

        def look() -> None:
            reached = np.searchsorted(motion.reached_s, time.monotonic() - began_s, side="right")
            if reached > len(result.sequences):
                result.sequences.append(self._sequence)
                goal_handle.publish_feedback(ExecuteChunk.Feedback(sequences=result.sequences))
            elif reached == len(motion.reached_s):
                self._end.set(None)

        timer = self.steady_timer(STEP_S, look)
        await self._end
        self.destroy_timer(timer)
        if goal_handle.is_cancel_requested:
            self._brake.pull()
            goal_handle.canceled()
        else:
            goal_handle.succeed()
        return result

    def _look(self) -> None:
        if not self.blind:
            self._sequence += 1
            message = Observation(sequence=self._sequence)
            message.header.stamp = wall_time()
            self._observations.publish(message)


def _from_here(positions: Vector, velocities: Vector, rest: JointTrajectory) -> JointTrajectory:
    still = np.zeros((2, len(positions)))
    rows = np.vstack([positions, rest.positions]), np.vstack([velocities, rest.velocities])
    return JointTrajectory(np.append(0.0, rest.times_s), *rows, still)
