"""Do words matter? One image of three cups, three instructions: to which cup does the imagined hand go?

Scenes under the evaluation camera that nothing was trained on. The hand is where the inverse dynamics sees it in the
last frame of one plan; it went to the cup that is nearest across the row. By chance one in three is right.

    python bench/panda_pointing.py --preset panda_tiny --method ipa --scenes 30
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from adapt_core.robots import load_robot
from adapt_core.statistics import wilson_interval
from adapt_core.tasks import Suite, load_suite
from adapt_core.types import Observation, PlanRequest
from adapt_learning.model_family import ModelFamily
from adapt_sim.panda.cups import CupScene
from adapt_sim.panda.world import PandaWorld

FIRST_SEED = 5_000  # demonstrations have those below 100
SCENES_OF = ("push-orange-cup", "push-purple-cup", "push-red-cup", "push-blue-cup")
Y = 1


def main() -> None:
    """Print one JSON row for seen and one for novel colours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="panda_tiny")
    parser.add_argument("--method", default="ipa")
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--weights", type=Path, default=None, help="folder of the weights; default: the package's")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    counts = right_choices(arguments.preset, arguments.method, arguments.scenes, arguments.weights)
    for novel, (right, shown) in sorted(counts.items()):
        low, high = wilson_interval(right, shown)
        row = {"preset": arguments.preset, "method": arguments.method, "novel": novel, "right": right, "n": shown}
        print(json.dumps({**row, "low": round(low, 3), "high": round(high, 3)}))


def right_choices(preset: str, method: str, scenes: int, weights: Path | None) -> dict[bool, tuple[int, int]]:
    """How often the named cup was chosen, and how often one was named, by whether its colour is novel."""
    family = ModelFamily(preset, {"sampler.method": method}, folder=weights)
    planner, robot, suite = family.planner(), load_robot("panda"), load_suite("panda")
    world = PandaWorld(robot.camera.height)
    inverse_dynamics = family.inverse_dynamics(world.spec, robot.frame_skip)
    counts: dict[bool, list[bool]] = defaultdict(list)
    for number in range(scenes):
        seen = world.reset(SCENES_OF[number % len(SCENES_OF)], FIRST_SEED + number)
        scene = world.scene
        assert isinstance(scene, CupScene)
        plans = planner.plan(requests(seen, scene, suite, number))
        for named, (colour, plan) in enumerate(zip(scene.colours, plans, strict=True)):
            hand = inverse_dynamics.infer(seen, plan).actions[-1]
            chosen = int(np.abs(scene.positions[:, Y] - hand[Y]).argmin())
            counts[suite[f"push-{colour}-cup"].novel].append(chosen == named)
    world.close()
    return {novel: (sum(right), len(right)) for novel, right in counts.items()}


def requests(seen: Observation, scene: CupScene, suite: Suite, seed: int) -> list[PlanRequest]:
    """The three instructions of one image, with the same noise."""
    tasks = [suite[f"push-{colour}-cup"] for colour in scene.colours]
    return [PlanRequest(seen.image, task.in_domain_prompt, task.prior_prompt, seed) for task in tasks]


if __name__ == "__main__":
    main()
