"""Renders a MuJoCo scene to images, fast: no shadows, reflections or multisampling, and coarser curves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import mujoco
import numpy as np
from adapt_core.types import Image

from adapt_sim.gl_backend import make_gl_context

MAX_GEOMS = 2000
COARSE = {"offsamples": 0, "shadowsize": 0, "numslices": 16, "numstacks": 8, "numquads": 1}  # of mujoco's quality
FAST_FLAGS = (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION)


class SceneRenderer:
    """Draws what one camera of one model sees.

    Call `close` before making the next one: a renderer that the garbage collector frees later corrupts its images.
    """

    def __init__(self, model: Any, height: int, width: int, fast: bool = True) -> None:
        """`model` is a mujoco.MjModel; `fast=False` draws with the model's own quality settings."""
        self._model = model
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._pixels = np.empty((height, width, 3), np.uint8)
        self._scene = mujoco.MjvScene(model, MAX_GEOMS)
        self._options = mujoco.MjvOption()
        self._gl: Any = make_gl_context(width, height)
        self._gl.make_current()
        with _drawn_as(model, height, width, fast):
            self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        for flag in FAST_FLAGS:
            self._scene.flags[flag] = not fast

    def render(self, data: Any, camera_id: int) -> Image:
        """The image (h, w, 3) uint8 RGB that camera `camera_id` sees in the state `data` (mujoco.MjData)."""
        camera = mujoco.MjvCamera()
        camera.type, camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, camera_id
        self._gl.make_current()
        self._context.mat_texid[: self._model.mat_texid.size] = self._model.mat_texid.ravel()  # they may have changed
        mujoco.mjv_updateScene(self._model, data, self._options, None, camera, mujoco.mjtCatBit.mjCAT_ALL, self._scene)
        mujoco.mjr_render(self._rect, self._scene, self._context)
        mujoco.mjr_readPixels(self._pixels, None, self._rect, self._context)
        return np.ascontiguousarray(self._pixels[::-1])  # OpenGL's first row is the lowest

    def close(self) -> None:
        """Free the OpenGL context. A second call does nothing."""
        if self._gl is None:
            return
        self._gl.make_current()  # freeing deletes textures of whichever context is current
        self._context.free()
        self._gl.free()
        self._gl = None


@contextmanager
def _drawn_as(model: Any, height: int, width: int, fast: bool) -> Iterator[None]:
    """The model with this image size and, if `fast`, low drawing quality, while an OpenGL context is made from it."""
    size, quality = model.vis.global_, model.vis.quality
    size_before = size.offheight, size.offwidth
    quality_before = {name: getattr(quality, name) for name in COARSE}
    size.offheight, size.offwidth = height, width
    _set(quality, COARSE if fast else quality_before)
    try:
        yield
    finally:
        size.offheight, size.offwidth = size_before
        _set(quality, quality_before)


def _set(quality: Any, values: dict[str, int]) -> None:
    for name, value in values.items():
        setattr(quality, name, value)
