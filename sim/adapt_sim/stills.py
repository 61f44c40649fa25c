"""Pictures that say where things are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from adapt_core.types import Image
from numpy.typing import NDArray


@dataclass(frozen=True)
class Still:
    """An `image` (h, w, 3), and where the thing of each of `tasks` is seen in it: `points` (n, 2) x and y, 0 to 1."""

    image: Image
    tasks: tuple[str, ...]
    points: NDArray[np.float64]
