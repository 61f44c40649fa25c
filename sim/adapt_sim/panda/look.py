"""Gives the Panda's table another light, viewpoint and surface. Dynamics and the colours that tasks name stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from adapt_sim.panda.table_scene import CAMERA

JITTER_M, JITTER_RAD = 0.04, 0.04
LIGHT_SHIFT_M, LIGHT_FACTOR, AMBIENT_FACTOR = 0.6, (0.5, 1.5), (0.7, 1.3)
TINT = (0.6, 1.2)
SURFACE_MATERIALS = ("table", "floor")


@dataclass(frozen=True)
class Look:
    """How far a scene's look may be from the default: 0 not at all, 1 as far as the constants of this file say."""

    lighting: float = 1.0
    camera_jitter: float = 1.0
    texture_variation: float = 1.0


class LookOfScene:
    """The look of one compiled scene: `restore` brings the default back exactly, `change` draws another one."""

    FIELDS = ("cam_pos", "cam_quat", "light_pos", "light_diffuse", "mat_rgba", "mat_texid")

    def __init__(self, model: Any) -> None:
        """`model` (mujoco.MjModel) has its default look now."""
        self._model = model
        self._default = {field: getattr(model, field).copy() for field in self.FIELDS}
        self._ambient = np.array(model.vis.headlight.ambient)

    def restore(self) -> None:
        """Undo every change."""
        for field, value in self._default.items():
            getattr(self._model, field)[:] = value
        self._model.vis.headlight.ambient[:] = self._ambient

    def change(self, look: Look, rng: np.random.Generator) -> None:
        """Draw another look. The same draws are made whatever `look` is."""
        self._relight(look.lighting, rng)
        self._move_camera(look.camera_jitter, rng)
        self._resurface(look.texture_variation, rng)

    def _relight(self, strength: float, rng: np.random.Generator) -> None:
        model = self._model
        model.light_pos[:] += strength * rng.uniform(-LIGHT_SHIFT_M, LIGHT_SHIFT_M, model.light_pos.shape)
        model.light_diffuse[:] *= _towards_one(rng.uniform(*LIGHT_FACTOR, (model.nlight, 1)), strength)
        model.vis.headlight.ambient[:] *= _towards_one(rng.uniform(*AMBIENT_FACTOR), strength)

    def _move_camera(self, strength: float, rng: np.random.Generator) -> None:
        camera = self._model.camera(CAMERA)
        jitter, turned = np.empty(4), np.empty(4)
        mujoco.mju_euler2Quat(jitter, strength * rng.uniform(-JITTER_RAD, JITTER_RAD, 3), "xyz")
        mujoco.mju_mulQuat(turned, camera.quat, jitter)
        camera.pos = camera.pos + strength * rng.uniform(-JITTER_M, JITTER_M, 3)
        camera.quat = turned

    def _resurface(self, strength: float, rng: np.random.Generator) -> None:
        """Table and floor are tinted, and with a chance of `strength` get another texture."""
        model, role = self._model, mujoco.mjtTextureRole.mjTEXROLE_RGB
        flat = np.flatnonzero(model.tex_type == mujoco.mjtTexture.mjTEXTURE_2D)
        for name in SURFACE_MATERIALS:
            material = model.material(name).id
            tint, exchanged, texture = rng.uniform(*TINT, 3), rng.random() < strength, rng.choice(flat)
            model.mat_rgba[material, :3] = np.clip(_towards_one(tint, strength), 0.0, 1.0)
            if exchanged:
                model.mat_texid[material, role] = texture


def _towards_one(factor: Any, strength: float) -> Any:
    return 1.0 + strength * (factor - 1.0)
