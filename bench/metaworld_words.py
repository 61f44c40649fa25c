"""Do words matter in MetaWorld? One image of something half open, two instructions: how far apart do the imagined hands end?

Drawers, doors and windows under the evaluation camera, which nothing of them was trained on. The hand is where the inverse
dynamics sees it in the last frame of a plan; both plans begin with the same noise.

    python bench/metaworld_words.py --method ipa --scenes 20
    python bench/metaworld_words.py --method in_domain --scenes 20
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from adapt_core.robots import load_robot
from adapt_core.tasks import load_suite
from adapt_core.types import PlanRequest
from adapt_learning.model_family import ModelFamily
from adapt_sim.collection import PARTLY_OPEN
from adapt_sim.metaworld import MetaWorldWorld

FIRST_SEED = 8_000
THINGS = ("drawer", "door", "window")


def main() -> None:
    """Print one JSON row a thing; lengths in centimetres."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="tiny")
    parser.add_argument("--method", default="ipa")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--weights", type=Path, default=None, help="folder of the weights; default: the package's")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    family = ModelFamily(arguments.preset, {"sampler.method": arguments.method}, folder=arguments.weights)
    for thing in THINGS:
        apart = 100 * hands_apart(family, thing, arguments.scenes)
        row = {"preset": arguments.preset, "method": arguments.method, "thing": thing, "scenes": arguments.scenes}
        print(json.dumps({**row, "mean_cm": round(apart.mean(), 1), "median_cm": round(float(np.median(apart)), 1)}))


def hands_apart(family: ModelFamily, thing: str, scenes: int) -> np.ndarray:
    """The distance (scenes,) [m] between the hands in the last frames of "open" and of "close"."""
    robot, suite = load_robot("metaworld"), load_suite("metaworld")
    tasks = [suite[f"{thing}-{verb}"] for verb in ("open", "close")]
    world = MetaWorldWorld(robot.camera.height, start_fraction=PARTLY_OPEN)
    planner, inverse_dynamics = family.planner(), family.inverse_dynamics(world.spec, robot.frame_skip)
    apart = []
    for seed in range(FIRST_SEED, FIRST_SEED + scenes):
        seen = world.reset(tasks[0].id, seed)
        asked = [PlanRequest(seen.image, task.in_domain_prompt, task.prior_prompt, seed) for task in tasks]
        opening, closing = (inverse_dynamics.infer(seen, plan).actions[-1, :3] for plan in planner.plan(asked))
        apart.append(np.linalg.norm(opening - closing))
    world.close()
    return np.array(apart)


if __name__ == "__main__":
    main()
