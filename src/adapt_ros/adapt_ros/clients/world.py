"""Executor, guard and sim bridge (or robot driver) together as a World."""

from __future__ import annotations

from typing import Any

from adapt_core.errors import (
    AdaptError,
    CancelledByUserError,
    MotionStoppedError,
    PeerLostError,
    PlanRejectedError,
)
from adapt_core.ports import StopCheck, never
from adapt_core.robots import Robot
from adapt_core.types import ActionChunk, Observation, WorldSpec

from adapt_ros.clients.calls import START_S, Calls
from adapt_ros.clients.observations import Observations
from adapt_ros.clients.peer import Peer
from adapt_ros.convert import from_observation, to_chunk
from adapt_ros.interfaces import EXECUTE_CHUNK, GO_HOME, RESET_WORLD
from adapt_ros.node import AdaptNode
from adapt_ros.world_spec import world_spec

OBSERVATIONS_S = 5.0  # observations arrive with, or just before, the result that names them
PEER_LOST = "peer_lost"  # code of the error when the executor is gone


class RosWorld:
    """See ports.World. With `go_home` the arm moves home before each reset."""

    def __init__(self, node: AdaptNode, robot: Robot, go_home: bool = False, start_timeout_s: float = START_S) -> None:
        self._node = node
        self._robot = robot
        self._resets = Calls(node, Peer(node, "sim_bridge" if robot.arm is None else "arm_driver"), start_timeout_s)
        self._executor = Calls(node, Peer(node, "executor"), start_timeout_s)
        self._reset = RESET_WORLD.client(node)
        self._home = GO_HOME.client(node) if go_home else None
        self._execute = EXECUTE_CHUNK.client(node)
        self._observations = Observations(node)

    @property
    def spec(self) -> WorldSpec:
        """As the robot's YAML says; the bounds of raw actions are known to the world only."""
        return world_spec(self._robot)

    def reset(self, task_id: str, seed: int) -> Observation:
        """Ask the world. Raises AdaptError with its message, also when the arm cannot go home."""
        if self._home is not None:
            went = self._executor.service(self._home, GO_HOME.type.Request())
            if not went.success:
                raise AdaptError(f"the arm cannot go home: {went.message}")
        response = self._resets.service(self._reset, RESET_WORLD.type.Request(task_id=task_id, seed=seed))
        if not response.success:
            raise AdaptError(response.message)
        return from_observation(response.observation)

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """Send the chunk to the executor and collect the observations that its result names."""
        goal = EXECUTE_CHUNK.type.Goal(chunk=to_chunk(chunk))
        executed: list[int] = []

        def hear(_: int, feedback: Any) -> None:
            executed[:] = feedback.sequences

        try:
            [result] = self._executor.action(self._execute, [goal], should_stop, hear)
        except (PeerLostError, CancelledByUserError) as error:
            raise MotionStoppedError(PEER_LOST, str(error), self._observations.arrived(executed)) from error
        if result.rejected:
            raise PlanRejectedError(result.code, result.message)
        observations = self._observations.wait(result.sequences, OBSERVATIONS_S)
        if result.code:
            raise MotionStoppedError(result.code, result.message, observations)
        if len(observations) < len(result.sequences):
            lost = f"{len(result.sequences)} observations were made, {len(observations)} arrived in order; is the network too slow?"
            raise MotionStoppedError(PEER_LOST, lost, observations)
        return observations

    def close(self) -> None:
        """Nothing to release: the world belongs to another node."""
