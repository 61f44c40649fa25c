"""How sure a counted success rate is."""

from __future__ import annotations

import math
from typing import NamedTuple

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution


class Interval(NamedTuple):
    """Bounds of a rate, each between 0 and 1."""

    low: float
    high: float


def wilson_interval(successes: int, trials: int) -> Interval:
    """The 95 % score interval of a success rate (Wilson 1927); (0, 1) when nothing was tried.

    Raises ValueError unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"there cannot be {successes} successes in {trials} trials")
    if trials == 0:
        return Interval(0.0, 1.0)
    rate = successes / trials
    centre = rate + _Z**2 / (2 * trials)
    spread = _Z * math.sqrt(rate * (1 - rate) / trials + _Z**2 / (4 * trials**2))
    scale = 1 + _Z**2 / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return Interval(0.0 if successes == 0 else low, 1.0 if successes == trials else high)
