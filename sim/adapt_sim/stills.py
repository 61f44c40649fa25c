"""Pictures that say where things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from adapt_core.types import Image, Vector
from numpy.typing import NDArray


@dataclass(frozen=True)
class Still:
    """An `image` (h, w, 3), and where the thing of each of `tasks` is seen in it: `points` (n, 2) x and y, 0 to 1."""

    image: Image
    tasks: tuple[str, ...]
    points: NDArray[np.float64]


def seen_at(model: Any, data: Any, camera: int, place: Vector) -> Vector:
    """Where a camera of `model` (mujoco.MjModel) sees `place` (3,) [m] in its square image: (2,) x and y.

    They go from 0 (left, top) to 1. `data` (mujoco.MjData) is the scene after a forward pass.
    """
    x, y, z = data.cam_xmat[camera].reshape(3, 3).T @ (place - data.cam_xpos[camera])  # z points backwards
    half = np.tan(np.radians(model.cam_fovy[camera]) / 2)
    return np.array([0.5 - x / z / half / 2, 0.5 + y / z / half / 2])
