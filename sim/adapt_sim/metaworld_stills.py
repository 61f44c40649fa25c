"""Pictures of MetaWorld's scenes that say where the thing is that a task is about: what pointing is learned from.

They are taken under other looks than the observation camera's, at any point of what an expert does, and as often while the
hand wanders: else the hand would tell where the thing is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from adapt_core.tasks import load_suite
from adapt_core.types import Vector

from adapt_sim.collection import PARTLY_OPEN
from adapt_sim.domain_randomisation import randomise_look
from adapt_sim.metaworld import MetaWorldWorld
from adapt_sim.metaworld_demonstrations import wandering
from adapt_sim.observation_camera import CAMERA
from adapt_sim.paired_scenes import PAIRED_TASK_IDS
from adapt_sim.scripted_expert import expert
from adapt_sim.stills import Still, seen_at

LOOKS_SEED = 2
PER_EPISODE = 6
OFTEN = 4
STEPS_BETWEEN = 25  # control steps, on average
PARTLY_OPEN_SHARE = 0.5
GOAL_TASKS = ("reach", "reach-wall")  # about the place to go to, not about the thing that lies there
_OBJECT, _GOAL = slice(4, 7), slice(36, 39)  # in MetaWorld's observation (39,)


def take_stills(count: int, image_size: int) -> Iterator[Still]:
    """`count` pictures, `image_size` pixels high and wide, task by task; `OFTEN` as many of what robots are asked to do."""
    suite = load_suite("metaworld")
    often = {task.id for task in (*suite.seen(), *suite.judged())}
    tasks = [task_id for task_id in suite for _ in range(OFTEN if task_id in often else 1)]
    episodes = -(-count // PER_EPISODE)
    as_ever, opened = (MetaWorldWorld(image_size, start_fraction=fraction) for fraction in (None, PARTLY_OPEN))
    taken = 0
    try:
        for episode in range(episodes):
            task_id, seed = tasks[episode * len(tasks) // episodes], episode
            rng = np.random.default_rng([LOOKS_SEED, episode])
            partly = task_id in PAIRED_TASK_IDS and rng.random() < PARTLY_OPEN_SHARE
            world, other = (opened, as_ever) if partly else (as_ever, opened)
            other.close()
            for still in _episode(world, task_id, seed, episode % 2 == 1, rng):
                if taken < count:
                    yield still
                taken += 1
    finally:
        as_ever.close()
        opened.close()


def _episode(
    world: MetaWorldWorld, task_id: str, seed: int, wanders: bool, rng: np.random.Generator
) -> Iterator[Still]:
    world.reset(task_id, seed)
    policy = wandering(seed) if wanders else expert(task_id, seed)
    model, data = world.scene
    camera = model.camera(CAMERA)
    position, quaternion = camera.pos.copy(), camera.quat.copy()
    for number in range(PER_EPISODE):
        steps = int(rng.integers(1, 2 * STEPS_BETWEEN)) if number else 1  # the state after a reset is of before it
        world.advance(policy, steps)
        camera.pos, camera.quat = position, quaternion
        randomise_look(model, rng)
        yield Still(world.look(), (task_id,), seen_at(model, data, camera.id, _about(task_id, world.state))[None])


def _about(task_id: str, state: Vector) -> Vector:
    """Where the thing is that the task is about, (3,) [m]."""
    return state[_GOAL if task_id in GOAL_TASKS else _OBJECT]
