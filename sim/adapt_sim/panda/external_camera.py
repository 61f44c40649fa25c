"""Images of the fixed external camera: as it sees, and the square that plans start from."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
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


def square(image: Image, size: int) -> Image:
    """The middle square of `image` (h, w, 3), `size` pixels high and wide."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = image[top : top + side, left : left + side]
    return np.ascontiguousarray(cv2.resize(middle, (size, size), interpolation=cv2.INTER_AREA))
