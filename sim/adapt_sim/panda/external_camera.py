"""Images of the fixed external camera."""

from __future__ import annotations

from typing import Any

from adapt_core.types import Image

from adapt_sim.panda.table_scene import CAMERA, IMAGE_SHAPE
from adapt_sim.rendering import SceneRenderer


class ExternalCamera:
    """Draws what the camera of one table scene sees; OpenGL is opened by the first image."""

    def __init__(self, model: Any) -> None:
        """`model` (mujoco.MjModel) is a scene of `table_scene_spec`."""
        self._model = model
        self._renderer: SceneRenderer | None = None

    def image(self, data: Any) -> Image:
        """The whole image (480, 640, 3) of the state `data` (mujoco.MjData)."""
        if self._renderer is None:
            self._renderer = SceneRenderer(self._model, *IMAGE_SHAPE)
        return self._renderer.render(data, self._model.camera(CAMERA).id)

    def close(self) -> None:
        """Release OpenGL. A second call does nothing; the next image opens it again."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
