"""Do words matter in MetaWorld? One image of something half open, two instructions: how far apart do the imagined hands end?

Drawers, doors and windows under the evaluation camera, which nothing of them was trained on. The hand is where the inverse
dynamics sees it in the last frame of a plan; both plans begin with the same noise.

    python bench/metaworld_words.py --method ipa --scenes 20
    python bench/metaworld_words.py --method in_domain --scenes 20
"""

from __future__ import annotations

import json

import numpy as np
from adapt_core.ports import InverseDynamics, VideoPlanner
from adapt_core.robots import load_robot
from adapt_core.tasks import load_suite
from adapt_sim.collection import PARTLY_OPEN
from adapt_sim.metaworld import MetaWorldWorld
from imagined_hands import asked_for, last_hands

FIRST_SEED = 8_000
THINGS = ("drawer", "door", "window")


def main() -> None:
    """Print one JSON row a thing; lengths in centimetres."""
    arguments, family = asked_for(__doc__, preset="tiny", scenes=20)
    robot = load_robot("metaworld")
    world = MetaWorldWorld(robot.camera.height, start_fraction=PARTLY_OPEN)
    planner, inverse_dynamics = family.planner(), family.inverse_dynamics(world.spec, robot.frame_skip)
    for thing in THINGS:
        apart = 100 * hands_apart(planner, inverse_dynamics, world, thing, arguments.scenes)
        row = {"preset": arguments.preset, "method": arguments.method, "thing": thing, "scenes": arguments.scenes}
        print(json.dumps({**row, "mean_cm": round(apart.mean(), 1), "median_cm": round(float(np.median(apart)), 1)}))
    world.close()


def hands_apart(
    planner: VideoPlanner, inverse_dynamics: InverseDynamics, world: MetaWorldWorld, thing: str, scenes: int
) -> np.ndarray:
    """The distance (scenes,) [m] between the hands in the last frames of "open" and of "close"."""
    suite = load_suite("metaworld")
    tasks = [suite[f"{thing}-{verb}"] for verb in ("open", "close")]
    apart = []
    for seed in range(FIRST_SEED, FIRST_SEED + scenes):
        seen = world.reset(tasks[0].id, seed)
        opening, closing = last_hands(planner, inverse_dynamics, seen, tasks, seed)
        apart.append(np.linalg.norm(opening - closing))
    return np.array(apart)


if __name__ == "__main__":
    main()
