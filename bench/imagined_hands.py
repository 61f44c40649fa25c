"""What the benches of words share: a method's models, and where its plans for several instructions end."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from adapt_core.ports import InverseDynamics, VideoPlanner
from adapt_core.types import Observation, PlanRequest, Task, Vector
from adapt_learning.model_family import ModelFamily


def asked_for(about: str | None, preset: str, scenes: int) -> tuple[argparse.Namespace, ModelFamily]:
    """The command line's `preset`, `method` and `scenes`, and its models; one thread."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--preset", default=preset)
    parser.add_argument("--method", default="ipa")
    parser.add_argument("--scenes", type=int, default=scenes)
    parser.add_argument("--weights", type=Path, default=None, help="folder of the weights; default: the package's")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    return arguments, ModelFamily(arguments.preset, {"sampler.method": arguments.method}, folder=arguments.weights)


def last_hands(
    planner: VideoPlanner, inverse_dynamics: InverseDynamics, seen: Observation, tasks: Iterable[Task], seed: int
) -> list[Vector]:
    """The hand (3,) [m] in the last frame of a plan for each of `tasks`, from one image and with the same noise."""
    asked = [PlanRequest(seen.image, task.in_domain_prompt, task.prior_prompt, seed) for task in tasks]
    return [inverse_dynamics.infer(seen, plan).actions[-1, :3] for plan in planner.plan(asked)]
