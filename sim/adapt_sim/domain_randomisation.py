"""Gives a MetaWorld scene another look: viewpoint, colours, textures and light. Dynamics stay as they are.

`adapt_sim.metaworld_envs.restore_model` brings the default look back exactly.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from adapt_core.types import Vector

from adapt_sim.observation_camera import CAMERA
from adapt_sim.viewpoint import looking

NEW_VIEW_SHARE = 0.2  # of the scenes; the others keep the viewpoint but for a jitter
JITTER_M, JITTER_RAD = 0.04, 0.05
AZIMUTH_RAD = (-np.pi / 3, 4 * np.pi / 3)  # the robot stands at -pi / 2
ELEVATION_RAD = (0.35, 1.1)
DISTANCE_M = (1.0, 1.5)
LOOK_AT_M = np.array([0.0, 0.7, 0.15])  # the middle of the table's used part
NEW_COLOURS_SHARE = 0.2  # of the scenes; in the others colours are shades of what they were
SHADE = (0.5, 1.5)  # times red, green and blue
NEW_TEXTURE_SHARE = 0.5  # of the materials that have one
_NO_COLOUR = np.array([0.5, 0.5, 0.5, 1.0], np.float32)  # MuJoCo then shows the material's


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
    target = LOOK_AT_M + rng.uniform(-0.06, 0.06, 3)
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


def _recolour(model: Any, rng: np.random.Generator) -> None:
    """All colours anew, or each a shade of what it was; of materials, and of what has one without, such as the arm.

    What shows a material stays without a colour of its own: that would cover all materials of a thing. Transparency stays.
    """
    anew = rng.random() < NEW_COLOURS_SHARE
    own = (model.geom_matid < 0) | (model.geom_rgba != _NO_COLOUR).any(axis=1)
    colours, of_geom = np.unique(model.geom_rgba[own, :3], axis=0, return_inverse=True)
    model.geom_rgba[own, :3] = _other_colours(colours, anew, rng)[of_geom.reshape(-1)]
    model.mat_rgba[:, :3] = _other_colours(model.mat_rgba[:, :3], anew, rng)


def _other_colours(colours: Vector, anew: bool, rng: np.random.Generator) -> Vector:
    if anew:
        return rng.uniform(0.1, 1.0, colours.shape)
    return np.clip(colours * rng.uniform(*SHADE, colours.shape), 0.0, 1.0)


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
