"""The Wilson interval and Fisher's test against published values."""

from __future__ import annotations

import pytest
from adapt_core.statistics import Interval, p_differ, p_worse, wilson_interval
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


def test_fishers_test_worked_out_by_hand() -> None:
    """The lady who tasted tea (Fisher 1935): one or none of four against three or more of four."""
    assert p_worse(1, 4, 3, 4) == pytest.approx(17 / 70)
    assert p_worse(0, 4, 4, 4) == pytest.approx(1 / 70)
    assert p_worse(3, 30, 12, 30) < 0.01 < p_worse(9, 30, 12, 30)
    assert p_worse(0, 0, 5, 5) == p_worse(5, 5, 0, 0) == 1
    with pytest.raises(ValueError, match="5 of 4"):
        p_worse(5, 4, 0, 1)


@given(st.data(), st.integers(0, 40), st.integers(0, 40))
def test_it_is_a_probability_and_symmetric(data: st.DataObject, trials: int, others: int) -> None:
    a, b = data.draw(st.integers(0, trials)), data.draw(st.integers(0, others))
    chance = p_worse(a, trials, b, others)
    assert 0 <= chance <= 1
    assert chance == pytest.approx(p_worse(others - b, others, trials - a, trials))  # failures of the other are as rare
    if a > 0:
        assert p_worse(a - 1, trials, b, others) <= chance + 1e-12


def test_mcnemars_test_worked_out_by_hand() -> None:
    assert p_differ(0, 5) == pytest.approx(2 / 32)
    assert p_differ(6, 0) == pytest.approx(2 / 64)
    assert p_differ(9, 1) == p_differ(1, 9) == pytest.approx(2 * 11 / 1024)
    assert p_differ(0, 0) == p_differ(4, 4) == 1
    with pytest.raises(ValueError, match="-1"):
        p_differ(-1, 2)
