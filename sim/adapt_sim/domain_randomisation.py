"""Gives a MetaWorld scene another look: viewpoint, colours, textures and light. Dynamics stay as they are.

`adapt_sim.metaworld_envs.restore_model` brings the default look back exactly.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from adapt_core.types import Vector

from adapt_sim.observation_camera import CAMERA

NEW_VIEW_SHARE = 0.5  # of the scenes; the others keep the viewpoint but for a jitter
JITTER_M, JITTER_RAD = 0.04, 0.05
AZIMUTH_RAD = (-np.pi / 3, 4 * np.pi / 3)  # the robot stands at -pi / 2
ELEVATION_RAD = (0.35, 1.1)
DISTANCE_M = (0.8, 1.3)
LOOK_AT_M = np.array([0.0, 0.7, 0.1])  # the middle of the table's used part
NEW_TEXTURE_SHARE = 0.5  # of the materials that have one


def randomise_look(model: Any, rng: np.random.Generator) -> None:
    """Change what `model` (mujoco.MjModel) looks like."""
    if rng.random() < NEW_VIEW_SHARE:
        _new_viewpoint(model, rng)
    else:
        _jitter_viewpoint(model, rng)
    _recolour(model, rng)
    _exchange_textures(model, rng)
    _relight(model, rng)


def _new_viewpoint(model: Any, rng: np.random.Generator) -> None:
    """Anywhere around the table but behind the robot, looking at the table's middle."""
    azimuth, elevation = rng.uniform(*AZIMUTH_RAD), rng.uniform(*ELEVATION_RAD)
    towards = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
    target = LOOK_AT_M + rng.uniform(-0.1, 0.1, 3)
    camera = model.camera(CAMERA)
    camera.pos = target + rng.uniform(*DISTANCE_M) * towards
    camera.quat = looking(along=-towards)


def _jitter_viewpoint(model: Any, rng: np.random.Generator) -> None:
    camera = model.camera(CAMERA)
    jitter, turned = np.empty(4), np.empty(4)
    mujoco.mju_euler2Quat(jitter, rng.uniform(-JITTER_RAD, JITTER_RAD, 3), "xyz")
    mujoco.mju_mulQuat(turned, camera.quat, jitter)
    camera.pos = camera.pos + rng.uniform(-JITTER_M, JITTER_M, 3)
    camera.quat = turned


def looking(along: Vector) -> Vector:
    """The quaternion (w, x, y, z) of an upright MuJoCo camera looking `along` a direction (3,) that is not vertical."""
    backward = -along / np.linalg.norm(along)  # a camera looks along its -z, its y is up
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(backward, right), backward], axis=1)  # (3, 3), columns x y z
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.reshape(9))
    return quaternion


def _recolour(model: Any, rng: np.random.Generator) -> None:
    """Each material gets a tint, and what has one colour, such as the arm, gets another one; transparency stays."""
    model.mat_rgba[:, :3] = rng.uniform(0.2, 1.0, (model.nmat, 3))
    colours, of_geom = np.unique(model.geom_rgba[:, :3], axis=0, return_inverse=True)
    model.geom_rgba[:, :3] = rng.uniform(0.1, 1.0, colours.shape)[of_geom.reshape(-1)]


def _exchange_textures(model: Any, rng: np.random.Generator) -> None:
    """Some textured materials get another texture of the same type, so table, walls and floor change theirs."""
    colour = mujoco.mjtTextureRole.mjTEXROLE_RGB
    for material in np.flatnonzero(model.mat_texid[:, colour] >= 0):
        texture_type = model.tex_type[model.mat_texid[material, colour]]
        if rng.random() < NEW_TEXTURE_SHARE:
            model.mat_texid[material, colour] = rng.choice(np.flatnonzero(model.tex_type == texture_type))


def _relight(model: Any, rng: np.random.Generator) -> None:
    """Each lamp gets another direction, strength and slight tint."""
    model.light_dir[:] += rng.uniform(-0.5, 0.5, model.light_dir.shape)
    model.light_dir[:] /= np.linalg.norm(model.light_dir, axis=1, keepdims=True)
    strength = rng.uniform(0.3, 2.0, (model.nlight, 1))
    model.light_diffuse[:] *= strength * rng.uniform(0.8, 1.2, (model.nlight, 3))
