"""Compositions against numbers worked out by hand and against the equations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from adapt_learning.diffusion.compose import (
    Guidance,
    Weights,
    in_domain_only,
    inverse_probabilistic_adaptation,
    probabilistic_adaptation,
    vanilla_guidance,
)
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.schedule import cosine_schedule, flow_schedule, to_clean, to_epsilon
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

SHAPE = (2, 3, 4, 5, 5)
COMPOSITIONS = [inverse_probabilistic_adaptation, probabilistic_adaptation]


def guidance(weights: Weights, scale: float = 2.5, strength: float = 0.5) -> Guidance:
    return Guidance(scale, strength, weights)


def test_compositions_by_hand() -> None:
    empty, with_text, other = torch.tensor(1.0), torch.tensor(3.0), torch.tensor(4.0)
    literal = guidance(Weights.LITERAL)
    assert vanilla_guidance(empty, with_text, literal).item() == pytest.approx(1 + 2.5 * 2)
    assert in_domain_only(empty, with_text, literal).item() == pytest.approx(6)
    expected = 1 + 2.5 * (3 + 0.5 * 4 - 1)
    unit = 1 + 2.5 * ((3 + 0.5 * 4) / 1.5 - 1)
    for composition in COMPOSITIONS:
        assert composition(empty, with_text, other, literal).item() == pytest.approx(expected)
        assert composition(empty, with_text, other, guidance(Weights.NORMALISED)).item() == pytest.approx(
            expected / 2.25
        )
        assert composition(empty, with_text, other, guidance(Weights.UNIT_SUM)).item() == pytest.approx(unit)


def test_each_plan_of_a_batch_has_its_strength() -> None:
    empty, with_text, other = (torch.full((2, 1, 1, 1, 1), value) for value in (1.0, 3.0, 4.0))
    strengths = torch.tensor([0.5, 4.0]).view(2, 1, 1, 1, 1)
    by_hand = {
        Weights.LITERAL: [1 + 2.5 * (3 + 0.5 * 4 - 1), 1 + 2.5 * (3 + 4 * 4 - 1)],
        Weights.NORMALISED: [11 / 2.25, 46 / 11],
        Weights.UNIT_SUM: [1 + 2.5 * (5 / 1.5 - 1), 1 + 2.5 * (19 / 5 - 1)],
    }
    for weights, expected in by_hand.items():
        for composition in COMPOSITIONS:
            found = composition(empty, with_text, other, Guidance(2.5, strengths, weights))
            torch.testing.assert_close(found.flatten(), torch.tensor(expected))


def some(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return tuple(torch.randn(4, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)))


@given(seed=st.integers(0, 10**6), scale=st.floats(0.1, 10), strength=st.floats(0, 3))
def test_compositions_follow_their_equations(seed: int, scale: float, strength: float) -> None:
    g, g_text, d, d_text = some(seed)
    literal = guidance(Weights.LITERAL, scale, strength)
    ipa = g + scale * (g_text + strength * d_text - g)
    pa = d + scale * (d_text + strength * g_text - d)
    torch.testing.assert_close(inverse_probabilistic_adaptation(g, g_text, d_text, literal), ipa)
    torch.testing.assert_close(probabilistic_adaptation(d, d_text, g_text, literal), pa)


@pytest.mark.parametrize("weights", [Weights.NORMALISED, Weights.UNIT_SUM])
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_weights_that_sum_to_one_leave_what_all_agree_on(composition: Callable[..., Tensor], weights: Weights) -> None:
    same = torch.randn(SHAPE)
    torch.testing.assert_close(composition(same, same, same, guidance(weights)), same)


@pytest.mark.parametrize("weights", list(Weights))
def test_strength_zero_leaves_the_leading_model_alone(weights: Weights) -> None:
    empty, with_text, other = torch.randn(3, *SHAPE)
    alone = guidance(weights, strength=0.0)
    expected = vanilla_guidance(empty, with_text, alone)
    torch.testing.assert_close(inverse_probabilistic_adaptation(empty, with_text, other, alone), expected)


@given(seed=st.integers(0, 10**6), scale=st.floats(0.5, 8), strength=st.floats(0, 2), timestep=st.integers(1, 900))
def test_unit_weights_compose_alike_in_v_flow_epsilon_and_clean(
    seed: int, scale: float, strength: float, timestep: int
) -> None:
    *scores, noisy = some(seed)
    now = torch.tensor([timestep] * len(noisy))
    cases = [(Prediction.V, cosine_schedule(1000)), (Prediction.FLOW, flow_schedule(1000, 3.0))]
    for (kind, schedule), weights in [(case, w) for case in cases for w in (Weights.NORMALISED, Weights.UNIT_SUM)]:
        with_weights = guidance(weights, scale, strength)
        native = inverse_probabilistic_adaptation(*scores, with_weights)
        for convert in (to_epsilon, to_clean):
            converted = [convert(schedule, kind, score, noisy, now) for score in scores]
            composed = inverse_probabilistic_adaptation(*converted, with_weights)
            torch.testing.assert_close(convert(schedule, kind, native, noisy, now), composed, rtol=1e-6, atol=1e-6)


def test_literal_weights_compose_otherwise_in_v() -> None:
    *scores, noisy = some(0)
    schedule, now, literal = cosine_schedule(1000), torch.tensor([500, 500]), guidance(Weights.LITERAL)
    native = to_epsilon(schedule, Prediction.V, inverse_probabilistic_adaptation(*scores, literal), noisy, now)
    converted = [to_epsilon(schedule, Prediction.V, score, noisy, now) for score in scores]
    assert (native - inverse_probabilistic_adaptation(*converted, literal)).abs().max() > 0.1
