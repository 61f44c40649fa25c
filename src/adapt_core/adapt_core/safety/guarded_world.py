"""The guard of a world in the same process."""

from __future__ import annotations

import math

from adapt_core.ports import StopCheck, World, never
from adapt_core.robots import Robot
from adapt_core.safety.checks import check_chunk
from adapt_core.safety.limits import Limits
from adapt_core.types import ActionChunk, Observation, WorldSpec


class GuardedWorld:
    """`world`, but every chunk is checked against the limits of `robot` and the world before it is executed.

    Ages are told by the world's own clock: now is the stamp of its newest observation.
    """

    def __init__(self, world: World, robot: Robot) -> None:
        """Raises ConfigError when the robot's YAML and the world disagree."""
        self._world = world
        self._robot = robot
        self._now_s = math.nan  # nothing observed yet: every chunk is stale
        Limits.of(robot, world.spec)

    @property
    def spec(self) -> WorldSpec:
        """What the world offers."""
        return self._world.spec

    def reset(self, task_id: str, seed: int) -> Observation:
        """See ports.World."""
        observation = self._world.reset(task_id, seed)
        self._now_s = observation.stamp_s
        return observation

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """See ports.World. Raises PlanRejectedError, before anything moves, for a chunk that breaks a limit."""
        check_chunk(chunk, Limits.of(self._robot, self._world.spec), self._now_s)
        observations = self._world.execute(chunk, should_stop)
        if observations:
            self._now_s = observations[-1].stamp_s
        return observations

    def close(self) -> None:
        """Close the world."""
        self._world.close()
