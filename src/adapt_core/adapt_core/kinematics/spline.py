"""A smooth path through points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt_core.types import Vector

Array = NDArray[np.float64]


class NaturalSpline:
    """The cubic spline q(s) through `points` (n, j) at `knots` (n,), n >= 2: twice continuously differentiable.

    Its second derivative is 0 at both ends; the third is constant between knots (de Boor 1978, chapter IV).
    """

    def __init__(self, knots: Vector, points: Array) -> None:
        """`knots` must rise."""
        widths = np.diff(knots)[:, None]
        slopes = np.diff(points, axis=0) / widths
        seconds = _second_derivatives(widths[:, 0], slopes)
        self.knots = knots
        self._coefficients = np.stack(
            [
                points[:-1],
                slopes - widths * (2 * seconds[:-1] + seconds[1:]) / 6,
                seconds[:-1] / 2,
                np.diff(seconds, axis=0) / (6 * widths),
            ]
        )  # (4, n - 1, j), lowest power first

    def derivatives(self, s: Array, segment: NDArray[Any] | None = None) -> tuple[Array, Array, Array, Array]:
        """q and its first three derivatives (k, j) at `s` (k,), in the segments (k,) given, by default those of `s`."""
        if segment is None:
            segment = np.clip(np.searchsorted(self.knots, s, side="right") - 1, 0, len(self.knots) - 2)
        u = (s - self.knots[segment])[:, None]
        a, b, c, d = self._coefficients[:, segment]
        return a + u * (b + u * (c + u * d)), b + u * (2 * c + 3 * u * d), 2 * c + 6 * u * d, 6 * d

    def extremes(self) -> Array:
        """The least and the greatest q of the whole path, (2, j)."""
        a, b, c, d = self._coefficients
        widths = np.diff(self.knots)[:, None]
        candidates = [np.zeros_like(a), np.broadcast_to(widths, a.shape)]
        with np.errstate(divide="ignore", invalid="ignore"):  # a straight or a quadratic piece has fewer turning points
            root = np.sqrt(c**2 - 3 * b * d)
            candidates += [(-c + root) / (3 * d), (-c - root) / (3 * d), -b / (2 * c)]
        u = np.clip(np.nan_to_num(np.stack(candidates), posinf=0.0, neginf=0.0), 0, widths)  # (5, n - 1, j)
        q = a + u * (b + u * (c + u * d))
        return np.stack([q.min(axis=(0, 1)), q.max(axis=(0, 1))])


def _second_derivatives(widths: Vector, slopes: Array) -> Array:
    """(n, j), by continuity of the first derivative at the inner knots."""
    count = len(widths) + 1
    system = np.eye(count)
    inner = np.arange(1, count - 1)
    system[inner, inner - 1], system[inner, inner + 1] = widths[:-1], widths[1:]
    system[inner, inner] = 2 * (widths[:-1] + widths[1:])
    right = np.zeros((count, slopes.shape[1]))
    right[1:-1] = 6 * np.diff(slopes, axis=0)
    seconds: Array = np.linalg.solve(system, right).astype(np.float64)
    return seconds
