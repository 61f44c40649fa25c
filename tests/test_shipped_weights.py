"""What the shipped weights must be able to do: another sentence, another plan."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.robots import load_robot
from adapt_core.tasks import load_suite
from adapt_core.types import Observation, PlanRequest, Vector, WorldSpec
from adapt_learning.model_family import ModelFamily
from adapt_sim.metaworld import MetaWorldWorld
from adapt_sim.panda.cups import CupScene
from adapt_sim.panda.world import PandaWorld

SCENES = 4


def imagined_hands(
    family: ModelFamily, robot: str, seen: Observation, tasks: list[str], spec: WorldSpec
) -> list[Vector]:
    """Where the hand (3,) [m] is in the last frame of a plan for each of `tasks`, from one image and the same noise."""
    suite = load_suite(robot)
    asked = [
        PlanRequest(seen.image, task.in_domain_prompt, task.prior_prompt, 0) for task in (suite[name] for name in tasks)
    ]
    acting = family.inverse_dynamics(spec, load_robot(robot).frame_skip)
    return [acting.infer(seen, plan).actions[-1, :3] for plan in family.planner().plan(asked)]


def test_the_hand_goes_to_the_cup_that_is_named() -> None:
    family, world = ModelFamily("panda_tiny"), PandaWorld(128)
    right = []
    for seed in range(5_000, 5_000 + SCENES):
        seen = world.reset("push-orange-cup", seed)
        assert isinstance(world.scene, CupScene)
        tasks = [f"push-{colour}-cup" for colour in world.scene.colours]
        for named, hand in enumerate(imagined_hands(family, "panda", seen, tasks, world.spec)):
            right.append(np.abs(world.scene.positions[:, 1] - hand[1]).argmin() == named)
    world.close()
    assert np.mean(right) > 0.8  # of 3 * SCENES; one in three by chance


@pytest.mark.parametrize("thing", ["drawer", "door", "window"])
def test_what_is_half_open_is_opened_or_closed_as_told(thing: str) -> None:
    family, world = ModelFamily("tiny"), MetaWorldWorld(128, start_fraction=(0.4, 0.6))
    apart = []
    for seed in range(8_000, 8_000 + SCENES):
        seen = world.reset(f"{thing}-open", seed)
        opening, closing = imagined_hands(family, "metaworld", seen, [f"{thing}-open", f"{thing}-close"], world.spec)
        apart.append(np.linalg.norm(opening - closing))
    world.close()
    assert np.mean(apart) > 0.05
