"""What the shipped weights must be able to do: another sentence, another plan; and what they say of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.robots import load_robot
from adapt_core.tables import load_table
from adapt_core.tasks import load_suite
from adapt_core.types import Observation, PlanRequest, Vector, WorldSpec
from adapt_core.weights import WeightsRole
from adapt_learning.embedded_weights import embedded_folder
from adapt_learning.model_family import ModelFamily
from adapt_learning.weights_file import demonstrated_prompts, weights_name
from adapt_sim.metaworld import MetaWorldWorld
from adapt_sim.panda.cups import CupScene
from adapt_sim.panda.world import PandaWorld

SCENES = 4


class Imagining:
    """The shipped models of a robot, loaded once."""

    def __init__(self, robot: str, preset: str, spec: WorldSpec) -> None:
        family, self._suite = ModelFamily(preset), load_suite(robot)
        self._planner = family.planner()
        self._inverse_dynamics = family.inverse_dynamics(spec, load_robot(robot).frame_skip)

    def last_hands(self, seen: Observation, names: list[str]) -> list[Vector]:
        """Where the hand (3,) [m] ends in a plan for each of the tasks `names`, from one image and the same noise."""
        tasks = [self._suite[name] for name in names]
        plans = self._planner.plan([PlanRequest(seen.image, t.in_domain_prompt, t.prior_prompt, 0) for t in tasks])
        return [self._inverse_dynamics.infer(seen, plan).actions[-1, :3] for plan in plans]


def test_the_hand_goes_to_the_cup_that_is_named() -> None:
    world = PandaWorld(128)
    models, right = Imagining("panda", "panda_tiny", world.spec), []
    for seed in range(5_000, 5_000 + SCENES):
        seen = world.reset("push-orange-cup", seed)
        assert isinstance(world.scene, CupScene)
        tasks = [f"push-{colour}-cup" for colour in world.scene.colours]
        for named, hand in enumerate(models.last_hands(seen, tasks)):
            right.append(np.abs(world.scene.positions[:, 1] - hand[1]).argmin() == named)
    world.close()
    assert np.mean(right) > 0.8  # of 3 * SCENES; one in three by chance


def test_the_in_domain_weights_name_what_was_demonstrated() -> None:
    loop = load_table("sail").loop
    assert loop is not None
    suite = load_suite("metaworld")
    shown = demonstrated_prompts(embedded_folder("tiny") / weights_name(WeightsRole.IN_DOMAIN))
    assert shown == {suite[task].in_domain_prompt for task in loop.initial_data.tasks}


@pytest.mark.parametrize("thing", ["drawer", "door", "window"])
def test_what_is_half_open_is_opened_or_closed_as_told(thing: str) -> None:
    world = MetaWorldWorld(128, start_fraction=(0.4, 0.6))
    models, apart = Imagining("metaworld", "tiny", world.spec), []
    for seed in range(8_000, 8_000 + SCENES):
        seen = world.reset(f"{thing}-open", seed)
        opening, closing = models.last_hands(seen, [f"{thing}-open", f"{thing}-close"])
        apart.append(np.linalg.norm(opening - closing))
    world.close()
    assert np.mean(apart) > 0.05
