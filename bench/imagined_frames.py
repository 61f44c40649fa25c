"""How far is the imagined hand from the expert's? The last imagined frame, against how far the expert's hand truly moved.

Expert clips of scenes that nothing was trained on, from every eighth frame. The hand is where the inverse dynamics sees it;
what it makes of the true frames stands beside: what it errs there is not the video models' error.

    python bench/imagined_frames.py --robot metaworld --scenes 5
    python bench/imagined_frames.py --robot panda --set sampler.guidance_scale=1.5
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from adapt_core.config import parse_overrides
from adapt_core.ports import InverseDynamics, VideoPlanner
from adapt_core.robots import load_robot, preset_for
from adapt_core.tasks import load_suite
from adapt_core.types import Observation, PlanRequest, Task, Vector, VideoPlan
from adapt_learning.model_family import ModelFamily
from adapt_sim.demonstrations import Demonstration, Recording
from adapt_sim.registry import demonstrations_in, make_world

FIRST_SEED = 5_000  # demonstrations have those below 100
FUTURE = 8
JUDGED = {
    "metaworld": ["door-close", "door-open", "drawer-open", "drawer-close", "window-open", "window-close"],
    "panda": ["push-red-cup", "push-orange-cup", "push-purple-cup", "open-red-drawer", "open-yellow-drawer"],
}


@dataclass(frozen=True)
class Clip:
    """An expert's way from one frame on: what is seen there, the frames after it, and the pose (8,) in the last."""

    task: Task
    start: Observation
    frames: np.ndarray
    reached: Vector


def main() -> None:
    """Print one JSON row a task; lengths in centimetres, means over the clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--robot", default="metaworld")
    parser.add_argument("--preset", default="")
    parser.add_argument("--tasks", default="")
    parser.add_argument("--scenes", type=int, default=5)
    parser.add_argument("--weights", type=Path, default=None, help="folder of the weights; default: the package's")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="e.g. sampler.method=in_domain")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    robot = load_robot(arguments.robot)
    preset, overrides = preset_for(arguments.robot, arguments.preset), parse_overrides(arguments.set)
    family = ModelFamily(preset, overrides, folder=arguments.weights)
    world = make_world(robot.world, image_size=family.preset.image_size)
    planner, inverse_dynamics = family.planner(), family.inverse_dynamics(world.spec, robot.frame_skip)
    suite = load_suite(robot.suite)
    for task_id in arguments.tasks.split(",") if arguments.tasks else JUDGED[arguments.robot]:
        clips = []
        for seed in range(FIRST_SEED, FIRST_SEED + arguments.scenes):
            seen = world.reset(task_id, seed)
            expert = demonstrations_in(robot.world).collect_expert(
                world, task_id, seed, 0.0, Recording(robot.frame_skip)
            )
            clips += list(clips_of(suite[task_id], seen, expert))
        print(json.dumps({"task": task_id, "novel": suite[task_id].novel, **errors(clips, planner, inverse_dynamics)}))
    world.close()


def clips_of(task: Task, seen: Observation, expert: Demonstration) -> Iterator[Clip]:
    """A clip from every eighth frame of the expert's episode."""
    for first in range(0, len(expert.frames) - FUTURE, FUTURE):
        start = replace(seen, image=expert.frames[first], end_effector=expert.end_effector[first])
        frames = expert.frames[first + 1 : first + 1 + FUTURE]
        yield Clip(task, start, frames, expert.end_effector[first + FUTURE])


def errors(clips: list[Clip], planner: VideoPlanner, inverse_dynamics: InverseDynamics) -> dict[str, float]:
    """Mean distances [cm] in the last frame: imagined from true, true from start, and inverse dynamics on true frames."""
    found = defaultdict(list)
    for number, clip in enumerate(clips):
        request = PlanRequest(clip.start.image, clip.task.in_domain_prompt, clip.task.prior_prompt, number)
        [plan] = planner.plan([request])
        found["imagined_off_cm"].append(off(inverse_dynamics, clip, plan))
        found["moved_cm"].append(np.linalg.norm((clip.reached - clip.start.end_effector)[:3]))
        found["true_frames_off_cm"].append(off(inverse_dynamics, clip, replace(plan, frames=clip.frames)))
    return {"n": len(clips), **{name: round(100 * float(np.mean(each)), 1) for name, each in found.items()}}


def off(inverse_dynamics: InverseDynamics, clip: Clip, plan: VideoPlan) -> float:
    """How far from the truth the hand is in the last frame of `plan` [m]."""
    return float(np.linalg.norm((inverse_dynamics.infer(clip.start, plan).actions[-1] - clip.reached)[:3]))


if __name__ == "__main__":
    main()
