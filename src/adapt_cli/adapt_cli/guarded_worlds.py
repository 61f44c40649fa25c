"""The simulated worlds of one robot, each behind its guard."""

from __future__ import annotations

import os
from collections.abc import Sequence

from adapt_core.ports import World
from adapt_core.robots import Robot
from adapt_core.safety import GuardedWorld
from adapt_sim import make_world
from adapt_sim.process_world import ProcessWorld

MOST_BY_DEFAULT = 8


def default_worlds(episodes: int) -> int:
    """How many worlds to simulate at once on this machine: one for each core, up to eight, no more than `episodes`."""
    return min(MOST_BY_DEFAULT, os.cpu_count() or 1, episodes)


def guarded_worlds(robot: Robot, count: int) -> list[World]:
    """One world in this process, or `count` in processes of their own. Raises ConfigError."""
    settings = {"image_size": robot.camera.height, **robot.world_settings}
    if count == 1:
        return [GuardedWorld(make_world(robot.world, **settings), robot)]
    made = [ProcessWorld(robot.world, **settings) for _ in range(count)]  # all begin before the first is waited for
    try:
        return [GuardedWorld(world, robot) for world in made]
    except BaseException:
        close_all(made)
        raise


def close_all(worlds: Sequence[World]) -> None:
    """Close each of them."""
    for world in worlds:
        world.close()
