"""The Wilson interval against published values."""

from __future__ import annotations

import pytest
from adapt_core.statistics import Interval, wilson_interval
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_says_nothing() -> None:
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)
    for successes, trials in [(-1, 3), (4, 3), (1, 0)]:
        with pytest.raises(ValueError, match="successes"):
            wilson_interval(successes, trials)


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_it_holds_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    successes, trials = counts
    interval = wilson_interval(successes, trials)
    assert 0 <= interval.low <= successes / trials <= interval.high <= 1
    mirrored = wilson_interval(trials - successes, trials)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx(interval, abs=1e-12)
