"""MetaWorld environments by task id, made to repeat exactly: a reset depends on the seed alone."""

from __future__ import annotations

import difflib
import sys
from typing import Any

import mujoco
import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.types import Vector
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

Env = Any  # metaworld.sawyer_xyz_env.SawyerXYZEnv, which has no complete types
VERSION = "-v3"
MODEL_FIELDS = (  # what resets and domain randomisation change in a model
    "body_pos", "body_quat", "site_pos", "site_rgba", "cam_pos", "cam_quat", "cam_fovy", "geom_rgba", "mat_rgba",
    "mat_texid", "light_dir", "light_diffuse",
)  # fmt: skip


def task_ids() -> tuple[str, ...]:
    """The ids of all MetaWorld tasks, without their version: "drawer-close"."""
    return tuple(name.removesuffix(VERSION) for name in ALL_V3_ENVIRONMENTS)


def canonical_task_id(task_id: str) -> str:
    """`task_id` without a version. Raises UnknownTaskError naming close matches."""
    name = task_id.removesuffix(VERSION)
    if name not in task_ids():
        close = difflib.get_close_matches(name, task_ids(), n=5, cutoff=0.4)
        raise UnknownTaskError(f"MetaWorld has no task '{task_id}'; did you mean: {', '.join(close or task_ids())}?")
    return name


def make_env(task_id: str) -> Env:
    """The environment of a canonical `task_id`: goal observable, scene drawn at each reset, no episode cap."""
    env = ALL_V3_ENVIRONMENTS[task_id + VERSION]()
    env._partially_observable = False
    env._freeze_rand_vec = False
    env._set_task_called = True
    env.seeded_rand_vec = True
    env.max_path_length = sys.maxsize
    del env.sawyer_observation_space  # cached for the partially observable case
    env.default_model = {field: getattr(env.model, field).copy() for field in MODEL_FIELDS}
    return env


def restore_model(env: Env) -> None:
    """Undo what earlier resets and domain randomisation did to the model."""
    for field, value in env.default_model.items():
        getattr(env.model, field)[:] = value


def seed_env(env: Env, seed: int) -> Vector:
    """Reset to the scene of `seed`; returns MetaWorld's observation (39,). The model must have been restored."""
    env.seed(seed)
    mujoco.mj_resetData(env.model, env.data)
    state, _ = env.reset()
    mujoco.mj_forward(env.model, env.data)
    return np.asarray(state, np.float64)
