"""How sure a counted success rate is, and whether one is worse than, or differs from, another."""

from __future__ import annotations

import math
from typing import NamedTuple

SIGNIFICANT = 0.05  # level of a test
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


def p_worse(successes: int, trials: int, other_successes: int, other_trials: int) -> float:
    """One-sided p-value of Fisher's exact test that the first rate is lower than the other (Fisher 1935).

    The chance of so few successes or fewer among the first `trials`, had both the same rate: a hypergeometric sum. Raises
    ValueError unless successes are between 0 and trials.
    """
    if not (0 <= successes <= trials and 0 <= other_successes <= other_trials):
        raise ValueError(f"there cannot be {successes} of {trials} or {other_successes} of {other_trials} successes")
    both = successes + other_successes
    ways = sum(math.comb(trials, k) * math.comb(other_trials, both - k) for k in range(min(successes, both) + 1))
    return ways / math.comb(trials + other_trials, both)


def p_differ(only_one: int, only_other: int) -> float:
    """Two-sided p-value of McNemar's exact test that two methods differ, both tried on the same scenes (McNemar 1947).

    `only_one` and `only_other` count the scenes in which one of them succeeded alone. Were both equally good, each of these
    would be a toss of a coin. Raises ValueError for a negative count.
    """
    if min(only_one, only_other) < 0:
        raise ValueError(f"there cannot be {only_one} and {only_other} scenes")
    tosses = only_one + only_other
    tail = sum(math.comb(tosses, k) for k in range(min(only_one, only_other) + 1))
    return float(min(1.0, 2 * tail / 2**tosses))
