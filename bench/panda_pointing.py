"""Do words matter? One image of three cups, three instructions: to which cup does the imagined hand go?

Scenes under the evaluation camera that nothing was trained on. The hand is where the inverse dynamics sees it in the
last frame of one plan; it went to the cup that is nearest across the row. By chance one in three is right.

    python bench/panda_pointing.py --preset panda_tiny --method ipa --scenes 30
"""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
from adapt_core.robots import load_robot
from adapt_core.statistics import wilson_interval
from adapt_core.tasks import load_suite
from adapt_learning.model_family import ModelFamily
from adapt_sim.panda.cups import CupScene
from adapt_sim.panda.world import PandaWorld
from imagined_hands import asked_for, last_hands

FIRST_SEED = 5_000  # demonstrations have those below 100
SCENES_OF = ("push-orange-cup", "push-purple-cup", "push-red-cup", "push-blue-cup")
Y = 1


def main() -> None:
    """Print one JSON row for seen and one for novel colours."""
    arguments, family = asked_for(__doc__, preset="panda_tiny", scenes=40)
    counts = right_choices(family, arguments.scenes)
    for novel, (right, shown) in sorted(counts.items()):
        low, high = wilson_interval(right, shown)
        row = {"preset": arguments.preset, "method": arguments.method, "novel": novel, "right": right, "n": shown}
        print(json.dumps({**row, "low": round(low, 3), "high": round(high, 3)}))


def right_choices(family: ModelFamily, scenes: int) -> dict[bool, tuple[int, int]]:
    """How often the named cup was chosen, and how often one was named, by whether its colour is novel."""
    planner, robot, suite = family.planner(), load_robot("panda"), load_suite("panda")
    world = PandaWorld(robot.camera.height)
    inverse_dynamics = family.inverse_dynamics(world.spec, robot.frame_skip)
    counts: dict[bool, list[bool]] = defaultdict(list)
    for number in range(scenes):
        seen = world.reset(SCENES_OF[number % len(SCENES_OF)], FIRST_SEED + number)
        scene = world.scene
        assert isinstance(scene, CupScene)
        tasks = [suite[f"push-{colour}-cup"] for colour in scene.colours]
        for named, hand in enumerate(last_hands(planner, inverse_dynamics, seen, tasks, number)):
            chosen = int(np.abs(scene.positions[:, Y] - hand[Y]).argmin())
            counts[tasks[named].novel].append(chosen == named)
    world.close()
    return {novel: (sum(right), len(right)) for novel, right in counts.items()}


if __name__ == "__main__":
    main()
