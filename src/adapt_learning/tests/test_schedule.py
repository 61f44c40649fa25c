"""Closed forms of the noise schedules and conversions."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.schedule import (
    Schedule,
    add_noise,
    convert,
    cosine_schedule,
    flow_schedule,
    linear_schedule,
    make_schedule,
    scaled_linear_schedule,
    target,
    to_clean,
    to_epsilon,
    variance_preserving,
)
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

SCHEDULES = {
    "linear": linear_schedule(1000),
    "scaled_linear": scaled_linear_schedule(1000),
    "cosine": cosine_schedule(1000),
    "flow": flow_schedule(1000),
    "shifted flow": flow_schedule(1000, 5.0),
}
PRESERVING = variance_preserving(torch.tensor([0.64], dtype=torch.float64))  # alpha 0.8, sigma 0.6
FLOW = Schedule(torch.tensor([0.75], dtype=torch.float64), torch.tensor([0.25], dtype=torch.float64))
NOW = torch.tensor([0])


def test_variance_preserving_conversions_match_numbers_worked_out_by_hand() -> None:
    clean, noise = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    noisy = add_noise(PRESERVING, clean, noise, NOW)
    velocity = target(PRESERVING, Prediction.V, clean, noise, NOW)
    assert noisy.item() == pytest.approx(0.8 * 2 - 0.6)
    assert velocity.item() == pytest.approx(0.8 * -1 - 0.6 * 2)
    assert to_epsilon(PRESERVING, Prediction.V, velocity, noisy, NOW).item() == pytest.approx(-1)
    assert to_clean(PRESERVING, Prediction.V, velocity, noisy, NOW).item() == pytest.approx(2)
    assert to_clean(PRESERVING, Prediction.EPSILON, noise, noisy, NOW).item() == pytest.approx(2)


def test_flow_conversions_match_numbers_worked_out_by_hand() -> None:
    clean, noise = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    noisy = add_noise(FLOW, clean, noise, NOW)
    flow = target(FLOW, Prediction.FLOW, clean, noise, NOW)
    assert noisy.item() == pytest.approx(0.75 * 2 - 0.25)
    assert flow.item() == pytest.approx(-3)
    assert to_clean(FLOW, Prediction.FLOW, flow, noisy, NOW).item() == pytest.approx(1.25 + 0.25 * 3)
    assert to_epsilon(FLOW, Prediction.FLOW, flow, noisy, NOW).item() == pytest.approx(1.25 - 0.75 * 3)


def pair(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    clean, noise = (torch.randn(2, 2, 3, 4, 4, dtype=torch.float64, generator=generator) for _ in range(2))
    return clean, noise


@given(
    seed=st.integers(0, 10**6),
    name=st.sampled_from(sorted(SCHEDULES)),
    kind=st.sampled_from(Prediction),
    timestep=st.integers(0, 998),
)
def test_a_perfect_prediction_gives_back_noise_and_clean(seed: int, name: str, kind: Prediction, timestep: int) -> None:
    schedule, (clean, noise) = SCHEDULES[name], pair(seed)
    now = torch.tensor([timestep, timestep])
    noisy = add_noise(schedule, clean, noise, now)
    predicted = target(schedule, kind, clean, noise, now)
    torch.testing.assert_close(to_epsilon(schedule, kind, predicted, noisy, now), noise)
    torch.testing.assert_close(to_clean(schedule, kind, predicted, noisy, now), clean)


@given(seed=st.integers(0, 10**6), name=st.sampled_from(sorted(SCHEDULES)), timestep=st.integers(0, 998))
def test_conversions_are_mutual_inverses(seed: int, name: str, timestep: int) -> None:
    schedule, (predicted, noisy) = SCHEDULES[name], pair(seed)
    now = torch.tensor([timestep, timestep])
    for kind, other in product(Prediction, Prediction):
        there = convert(schedule, kind, other, predicted, noisy, now)
        torch.testing.assert_close(convert(schedule, other, kind, there, noisy, now), predicted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", [Prediction.V, Prediction.FLOW])
def test_pure_noise_is_no_singularity_of_v_and_flow(kind: Prediction) -> None:
    schedule, (clean, noise) = flow_schedule(1000), pair(0)
    now = torch.tensor([999, 999])
    predicted = target(schedule, kind, clean, noise, now)
    torch.testing.assert_close(to_clean(schedule, kind, predicted, noise, now), clean)


def test_linear_schedule_is_the_product_of_its_betas() -> None:
    schedule = linear_schedule(3, 0.1, 0.3)
    assert schedule.alphas.square().tolist() == pytest.approx([0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7])
    assert schedule.sigmas.square().tolist() == pytest.approx([0.1, 1 - 0.9 * 0.8, 1 - 0.9 * 0.8 * 0.7])


def test_scaled_linear_schedule_has_roots_in_equal_steps() -> None:
    assert scaled_linear_schedule(3, 0.01, 0.09).alphas.square().tolist() == pytest.approx(
        [0.99, 0.99 * 0.96, 0.99 * 0.96 * 0.91]
    )


def test_cosine_schedule_follows_its_curve_until_betas_are_clipped() -> None:
    def curve(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    schedule = make_schedule("cosine", 1000)
    assert schedule.alphas[499].item() ** 2 == pytest.approx(curve(0.5) / curve(0), rel=1e-9)
    assert schedule.alphas[-1] > 0


def test_flow_schedule_is_straight_until_shifted() -> None:
    assert flow_schedule(4).sigmas.tolist() == pytest.approx([0.25, 0.5, 0.75, 1])
    assert flow_schedule(4, 3.0).sigmas.tolist() == pytest.approx([0.5, 0.75, 0.9, 1])
    assert make_schedule("flow", 4, 3.0).is_flow


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_signal_falls_as_noise_rises(schedule: Schedule) -> None:
    assert (schedule.alphas.diff() < 0).all()
    assert (schedule.sigmas.diff() > 0).all()
