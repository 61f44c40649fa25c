"""MetaWorld scenes whose image does not tell the task: a half-open drawer may be there to be opened or to be closed."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.types import Vector

from adapt_sim.metaworld_envs import Env


@dataclass(frozen=True)
class Hinge:
    """What opens: its joint with the positions (rad or m) that count as closed and open, and where it may stand."""

    joint: str
    closed: float
    open: float
    position_low: tuple[float, float, float]
    position_high: tuple[float, float, float]
    hand: tuple[float, float, float]


HINGES = {
    "door": Hinge("doorjoint", 0.0, -np.pi / 2, (0.0, 0.85, 0.15), (0.1, 0.95, 0.15), (-0.2, 0.5, 0.2)),
    "drawer": Hinge("goal_slidey", 0.0, -0.15, (-0.1, 0.9, 0.0), (0.1, 0.9, 0.0), (0.0, 0.6, 0.2)),
    "window": Hinge("window_slide", 0.0, 0.2, (-0.05, 0.75, 0.18), (0.0, 0.9, 0.18), (0.0, 0.4, 0.2)),
    "faucet": Hinge("knob_Joint_1", -0.8, 0.8, (-0.05, 0.8, 0.0), (0.05, 0.85, 0.0), (0.0, 0.4, 0.2)),
}
PAIRED_TASK_IDS = tuple(f"{thing}-{verb}" for thing in HINGES for verb in ("open", "close"))


def pair_scene(env: Env, task_id: str) -> None:
    """Before a reset: let the scenes of `task_id` and its opposite be drawn alike, and hide what marks the goal.

    Raises UnknownTaskError for a task that has no opposite.
    """
    hinge = _hinge(task_id)
    env.hand_init_pos = np.array(hinge.hand)
    env._random_reset_space.low[:] = hinge.position_low
    env._random_reset_space.high[:] = hinge.position_high
    for site in range(env.model.nsite):
        if env.model.site(site).name.startswith("goal"):
            env.model.site(site).rgba[3] = 0.0


def open_partly(env: Env, task_id: str, fraction: float) -> Vector:
    """After a reset: open by `fraction`, 0 closed to 1 open; returns MetaWorld's observation (39,)."""
    hinge = _hinge(task_id)
    env.data.joint(hinge.joint).qpos = hinge.closed + fraction * (hinge.open - hinge.closed)
    mujoco.mj_forward(env.model, env.data)
    return np.asarray(env._get_obs(), np.float64)


def _hinge(task_id: str) -> Hinge:
    if task_id not in PAIRED_TASK_IDS:
        raise UnknownTaskError(f"'{task_id}' cannot start partly open; these can: {', '.join(PAIRED_TASK_IDS)}")
    return HINGES[task_id.split("-")[0]]
