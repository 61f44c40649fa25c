"""Random numbers that belong to an example."""

from __future__ import annotations

import torch
from adapt_learning.training.draws import Draws
from hypothesis import given
from hypothesis import strategies as st


def drawn(draws: Draws) -> list[torch.Tensor]:
    return [draws.integers(1000), draws.noise(2, 3), draws.shares(), draws.noise()]


@given(seed=st.integers(0, 2**40), step=st.integers(0, 10**7), size=st.integers(2, 9), data=st.data())
def test_an_example_draws_the_same_whoever_works_on_it(seed: int, step: int, size: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, size - 1))
    whole = drawn(Draws(seed, step, range(size)))
    parts = zip(drawn(Draws(seed, step, range(cut))), drawn(Draws(seed, step, range(cut, size))), strict=True)
    for value, pair in zip(whole, parts, strict=True):
        assert torch.equal(torch.cat(pair), value)


def test_seeds_steps_and_rows_differ() -> None:
    places = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    values = {Draws(seed, step, range(row, row + 1)).noise().item() for seed, step, row in places}
    assert len(values) == 4


def test_values_are_where_they_should_be() -> None:
    draws = Draws(0, 0, range(4000))
    assert len(draws) == 4000
    integers = draws.integers(3)
    assert integers.unique().tolist() == [0, 1, 2]
    noise = draws.noise(4)
    assert noise.shape == (4000, 4)
    assert abs(noise.mean()) < 0.05 and abs(noise.std() - 1) < 0.05
    shares = draws.shares()
    assert shares.min() >= 0 and shares.max() <= 1 and abs(shares.mean() - 0.5) < 0.05
