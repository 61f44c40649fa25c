"""MetaWorld's scripted experts, also made suboptimal by random actions."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from adapt_core.types import Vector
from metaworld.policies import ENV_POLICY_MAP

from adapt_sim.metaworld_envs import VERSION, canonical_task_id

Policy = Callable[[Vector], Vector]  # MetaWorld's privileged state (39,) -> raw action (4,) in [-1, 1]

warnings.filterwarnings("ignore", message=r"Constant\(s\) may be too high")  # the experts rely on being clipped


def expert(task_id: str, seed: int = 0, random_share: float = 0.0) -> Policy:
    """The expert of `task_id`. At each control step it acts at random with probability `random_share`, seeded.

    A share of 0.7 is the suboptimal data of SAIL. Raises UnknownTaskError.
    """
    scripted = ENV_POLICY_MAP[canonical_task_id(task_id) + VERSION]()
    rng = np.random.default_rng(seed)

    def act(state: Vector) -> Vector:
        if rng.random() < random_share:
            return rng.uniform(-1.0, 1.0, 4)
        return np.clip(np.asarray(scripted.get_action(state), np.float64), -1.0, 1.0)

    return act
