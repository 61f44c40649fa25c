"""Moves an arm through its driver's own interfaces, and makes observations of what its sensors say."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from adapt_core.errors import AdaptError, ConfigError, PlanRejectedError
from adapt_core.safety import HeartbeatMonitor, Rejection, refuse
from std_srvs.srv import Trigger

from adapt_interfaces.action import ExecuteChunk
from adapt_interfaces.msg import Heartbeat, Observation
from adapt_interfaces.srv import ResetWorld
from adapt_ros import convert, interfaces
from adapt_ros.arm_interfaces import RESET_SCENE, ArmNames
from adapt_ros.convert import Joints
from adapt_ros.coroutines import Arrival, arrival_of
from adapt_ros.drivers.arm_run import ArmRun
from adapt_ros.drivers.gripper_client import GripperClient
from adapt_ros.drivers.observations import STAMP_S
from adapt_ros.drivers.recovery_client import RecoveryClient
from adapt_ros.drivers.sensors import ArmSensors
from adapt_ros.drivers.trajectory_client import TrajectoryClient
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.motion_gate import STOPPING_S
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node
from adapt_ros.scene_gate import SceneGate
from adapt_ros.serving import OneGoal


@dataclass(frozen=True)
class ArmDriverSettings(GraphSettings):
    """Parameters of the node."""

    real: bool = param(False, "the arm is real: a person sets up its scene, its camera may lose images")
    watch: tuple[str, ...] = param((), "fully qualified names of the nodes without which nothing moves: the guard")
    check_s: float = param(0.05, "how often heartbeats and sensors are looked at")
    silence_s: float = param(0.4, "how long joint_states may say nothing new while the arm moves")
    republish_s: float = param(0.5, "how often the newest observation of a simulated arm is said again while it stands")
    gripper_timeout_s: float = param(5.0, "how long a command of the gripper may take")
    observation_timeout_s: float = param(10.0, "how long a reset waits for the scene, and for an observation of it")


class ArmDriver(AdaptNode):
    """Serves `world/execute_chunk`, one goal at a time, `reset_world` and `recover`; all in the thread that spins."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("arm_driver", **node_arguments)
        self._settings = read_parameters(self, ArmDriverSettings)
        self._robot = self._settings.load_robot()
        if self._robot.arm is None:
            raise ConfigError(f"robot {self._robot.name} has no arm: give its joints and limits under arm in its YAML")
        self._arm = self._robot.arm
        self._gate = SceneGate(self) if self._settings.real else None
        self._run: ArmRun | None = None
        self._waiting: list[_Wait] = []
        self._newest: Observation | None = None
        self._monitor = HeartbeatMonitor(self._settings.watch, self._robot.heartbeat_timeout_s - STOPPING_S)

    def begin(self) -> None:
        """Create all ends."""
        arm, names = self._arm, ArmNames.of(self._arm, self._settings.drivers)
        self._trajectories = TrajectoryClient(self, arm, names)
        self._gripper = GripperClient(self, arm, names, self._settings.gripper_timeout_s)
        self._recovery = RecoveryClient(self, names)
        self._scene = RESET_SCENE.client(self)
        self._observation = interfaces.OBSERVATION.publisher(self)
        self._sensors = ArmSensors(self, self._robot, names, self._gate is None, self._hear_joints, self._observe)
        self._servers_held = [
            interfaces.RESET_WORLD.server(self, self._reset),
            interfaces.RECOVER.server(self, self._recover),
            interfaces.WORLD_EXECUTE_CHUNK.server(
                self, self._execute, one_goal=OneGoal(lambda: not self.should_stop()), cancel=lambda _: self._cancel()
            ),
        ]
        self._watched_held = [
            interfaces.heartbeat(name).subscription(self, self._hear) for name in self._settings.watch
        ]
        self.steady_timer(self._settings.check_s, self._check)
        self.steady_timer(self._settings.republish_s, self._repeat)
        self.get_logger().info(f"driving {self._robot.name}")

    def stop(self) -> None:
        """Stop what moves."""
        super().stop()
        self._cancel()

    async def _execute(self, goal: Any) -> ExecuteChunk.Result:
        result = ExecuteChunk.Result()
        try:
            self._run = run = self._begin_run(goal)
            if goal.is_cancel_requested:
                run.stop()
            fault = await run.end
            if fault is not None and self._sensors.errors:
                fault = Rejection.REFLEX, self._sensors.errors  # whatever was noticed of it first
            result.sequences = run.sequences
            if fault is not None:
                result.code, result.message = fault[0].value, fault[1]
        except PlanRejectedError as error:
            result.code, result.message, result.rejected = str(error.code), str(error), True
        finally:
            self._run = None
        if result.code:
            self.get_logger().warning(result.message)
            goal.abort()
        elif goal.is_cancel_requested or self.should_stop():
            goal.canceled() if goal.is_cancel_requested else goal.abort()
        else:
            goal.succeed()
        return result

    def _begin_run(self, goal: Any) -> ArmRun:
        """Raises PlanRejectedError before anything has moved."""
        request, arm = goal.request, self._arm
        if (fault := self._sensors.refusal()) is not None:
            refuse(*fault)
        if not self._trajectories.ready:
            refuse(Rejection.PEER_LOST, f"nobody takes {arm.interfaces.trajectory_topic}: start the arm's driver")
        try:
            actions = convert.from_chunk(request.chunk).actions
        except ValueError as error:
            refuse(Rejection.WRONG_SHAPE, f"the chunk makes no sense: {error}")
        motion = convert.from_motion(request.motion, arm.joints)
        reached_s = motion.waypoint_times_s
        if len(reached_s) != len(actions) or not np.isfinite(reached_s).all() or (np.diff(reached_s) < 0).any():
            refuse(Rejection.WRONG_MOTION, "the motion must reach each of the chunk's poses, one after another")
        self._monitor.expect_from_now()
        self._sensors.expect_from_now()
        joints = self._sensors.joints
        assert joints is not None

        def report(sequences: list[int]) -> None:
            goal.publish_feedback(ExecuteChunk.Feedback(sequences=sequences))

        return ArmRun(motion, actions[:, 7], joints, self._trajectories, self._gripper, report)

    def _cancel(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _hear_joints(self, joints: Joints) -> None:
        if self._run is not None:
            self._run.hear_joints(joints)

    def _observe(self, observation: Observation) -> None:
        self._newest = observation
        self._observation.publish(observation)
        if self._run is not None:
            self._run.hear_observation(observation)
        for wait in self._waiting:
            wait.hear(observation)

    def _repeat(self) -> None:
        """The newest observation again, for who joined late and sees time stand still."""
        if not self._settings.real and self._run is None and self._newest is not None:
            self._observation.publish(self._newest)

    def _hear(self, heartbeat: Heartbeat) -> None:
        self._monitor.beat(heartbeat.node)

    def _check(self) -> None:
        self._gripper.check()
        now_s = time.monotonic()
        for wait in self._waiting:
            if now_s > wait.until_s:
                wait.observation.fail(AdaptError(self._sensors.missing()))
        self._waiting = [wait for wait in self._waiting if not wait.observation.there]
        if self._run is None:
            return
        if lost := self._monitor.lost():
            self._run.stop((Rejection.PEER_LOST, f"no heartbeat of {', '.join(lost)}: see its log"))
        self._run.check(self._sensors.silence(self._settings.silence_s))

    async def _reset(self, request: ResetWorld.Request, response: ResetWorld.Response) -> ResetWorld.Response:
        if self._run is not None:
            response.message = "a chunk is being executed: cancel it, then reset"
            return response
        self._sensors.observations.scene_s = None
        try:
            if self._gate is None:
                from_s = await self._lay(request)
            else:
                await self._gate.wait(request.task_id, request.seed)
                from_s = self.get_clock().now().nanoseconds / 1e9
            self._sensors.observations.scene_s = from_s
            response.observation = await self._observation_from(from_s)
        except AdaptError as error:
            response.message = str(error)
            return response
        if (joints := self._sensors.joints) is not None:
            self._gripper.stands_at(float(joints.positions[len(self._arm.joints) :].sum()))
        response.success = True
        return response

    async def _lay(self, request: ResetWorld.Request) -> float:
        """When the new scene begins. Raises AdaptError."""
        if not self._scene.service_is_ready():
            raise AdaptError("the simulated arm does not serve yet: wait, or see its log")
        response = await arrival_of(self._scene.call_async(request))
        if not response.success:
            raise AdaptError(response.message)
        return convert.from_time(response.observation.header.stamp)

    async def _observation_from(self, stamp_s: float) -> Observation:
        """One from `stamp_s` on, which may have come before. Raises AdaptError when none comes."""
        wait = _Wait(stamp_s, time.monotonic() + self._settings.observation_timeout_s, Arrival())
        if self._newest is not None:
            wait.hear(self._newest)
        self._waiting.append(wait)
        return await wait.observation

    async def _recover(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._run is not None:
            response.message = "the arm moves: cancel that, then recover"
            return response
        failure = await self._recovery.recover()
        response.success, response.message = not failure, failure or "recovered; it moves when it is told to"
        return response


@dataclass(frozen=True)
class _Wait:
    """For an observation from `from_s` on, until `until_s` of the monotonic clock."""

    from_s: float
    until_s: float
    observation: Arrival[Observation]

    def hear(self, observation: Observation) -> None:
        """Is it the one?"""
        if convert.from_time(observation.header.stamp) >= self.from_s - STAMP_S:
            self.observation.set(observation)


def main() -> None:
    """Entry point."""
    run_node(ArmDriver)


if __name__ == "__main__":
    main()
