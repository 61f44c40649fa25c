"""Rotations as quaternions (x, y, z, w) of unit length and as rotation vectors [rad], many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def multiply(first: Array, second: Array) -> Array:
    """The rotation `second` followed by `first`, quaternions (..., 4)."""
    a, b = first[..., :3], second[..., :3]
    wa, wb = first[..., 3:], second[..., 3:]
    vector = wa * b + wb * a + np.cross(a, b)
    return np.concatenate([vector, wa * wb - (a * b).sum(-1, keepdims=True)], -1)


def inverse(rotation: Array) -> Array:
    """The rotation back, quaternions (..., 4)."""
    return rotation * np.array([-1.0, -1.0, -1.0, 1.0])


def to_vector(rotation: Array) -> Array:
    """Quaternions (..., 4) as axis times angle (..., 3), the angle at most pi."""
    shorter = rotation * np.where(rotation[..., 3:] < 0, -1.0, 1.0)
    sine = np.linalg.norm(shorter[..., :3], axis=-1, keepdims=True)  # of half the angle
    angle = 2 * np.arctan2(sine, shorter[..., 3:])
    return shorter[..., :3] * np.where(sine > 1e-9, angle / np.maximum(sine, 1e-9), 2.0)


def from_vector(vector: Array) -> Array:
    """Axis times angle (..., 3) as quaternions (..., 4)."""
    angle = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.concatenate([vector * np.sinc(angle / (2 * np.pi)) / 2, np.cos(angle / 2)], -1)


def mean(rotations: Array) -> Array:
    """The mean (4,) of quaternions (n, 4), of which q and -q are the same (Markley et al. 2007, eq. 12)."""
    return np.linalg.eigh(rotations.T @ rotations)[1][:, -1]
