"""Minimum, maximum, mean, deviation and quantiles of each feature, as LeRobot's policies normalise by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt_core.types import Frames

Statistics = dict[str, list[Any]]  # name to one number a dimension
QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
LEVELS = np.arange(256) / 255.0


def vector_statistics(values: NDArray[Any]) -> Statistics:
    """Of `values` (n,) or (n, d), n > 0, each dimension by itself; NaN counts as missing."""
    rows = values.reshape(len(values), -1).astype(np.float64)  # (n, d)
    found = {
        "min": np.nanmin(rows, axis=0),
        "max": np.nanmax(rows, axis=0),
        "mean": np.nanmean(rows, axis=0),
        "std": np.nanstd(rows, axis=0),
    }
    found |= {name: np.nanquantile(rows, share, axis=0) for name, share in QUANTILES.items()}
    return {name: value.tolist() for name, value in found.items()} | {"count": [len(rows)]}


def histogram(frames: Frames) -> NDArray[np.int64]:
    """How often each value occurs in each channel of `frames` (f, h, w, 3): (3, 256)."""
    return np.stack([np.bincount(frames[..., channel].ravel(), minlength=256) for channel in range(3)])


def image_statistics(counts: NDArray[np.int64], frames: int) -> Statistics:
    """Of `frames` images with the histogram `counts` (3, 256), in [0, 1]; each of shape (3, 1, 1)."""
    shares = counts / counts.sum(axis=1, keepdims=True)  # (3, 256)
    mean = shares @ LEVELS  # (3,)
    found = {
        "min": LEVELS[np.argmax(counts > 0, axis=1)],
        "max": LEVELS[255 - np.argmax(counts[:, ::-1] > 0, axis=1)],
        "mean": mean,
        "std": np.sqrt((shares * (LEVELS - mean[:, None]) ** 2).sum(axis=1)),
    }
    reached = np.cumsum(shares, axis=1)  # (3, 256)
    found |= {name: LEVELS[np.argmax(reached >= share - 1e-12, axis=1)] for name, share in QUANTILES.items()}
    return {name: value.reshape(3, 1, 1).tolist() for name, value in found.items()} | {"count": [frames]}
