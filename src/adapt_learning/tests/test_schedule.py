"""Closed forms of the noise schedules and conversions."""

from __future__ import annotations

import math

import pytest
import torch
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.schedule import (
    Schedule,
    add_noise,
    cosine_schedule,
    linear_schedule,
    make_schedule,
    target,
    to_clean,
    to_epsilon,
)
from adapt_learning.training.video_loss import min_snr_weight

HALF = Schedule(torch.tensor([0.64], dtype=torch.float64))  # alpha 0.8, sigma 0.6
NOW = torch.tensor([0])


def test_conversions_match_numbers_worked_out_by_hand() -> None:
    clean, noise = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    noisy = add_noise(HALF, clean, noise, NOW)
    velocity = target(HALF, Prediction.V, clean, noise, NOW)
    assert noisy.item() == pytest.approx(0.8 * 2 - 0.6)
    assert velocity.item() == pytest.approx(0.8 * -1 - 0.6 * 2)
    assert to_epsilon(HALF, Prediction.V, velocity, noisy, NOW).item() == pytest.approx(-1)
    assert to_clean(HALF, Prediction.V, velocity, noisy, NOW).item() == pytest.approx(2)
    assert to_clean(HALF, Prediction.EPSILON, noise, noisy, NOW).item() == pytest.approx(2)


@pytest.mark.parametrize("kind", list(Prediction))
@pytest.mark.parametrize("schedule", [linear_schedule(1000), cosine_schedule(1000)])
def test_a_perfect_prediction_gives_back_noise_and_clean(kind: Prediction, schedule: Schedule) -> None:
    clean, noise = torch.randn(4, 2, 3, 5, 5, dtype=torch.float64), torch.randn(4, 2, 3, 5, 5, dtype=torch.float64)
    timestep = torch.tensor([0, 100, 500, 900])
    noisy = add_noise(schedule, clean, noise, timestep)
    predicted = target(schedule, kind, clean, noise, timestep)
    torch.testing.assert_close(to_epsilon(schedule, kind, predicted, noisy, timestep), noise)
    torch.testing.assert_close(to_clean(schedule, kind, predicted, noisy, timestep), clean)


def test_linear_schedule_is_the_product_of_its_betas() -> None:
    schedule = linear_schedule(3, 0.1, 0.3)
    assert schedule.alpha_bar.tolist() == pytest.approx([0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7])


def test_cosine_schedule_follows_its_curve_until_betas_are_clipped() -> None:
    def curve(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    schedule = make_schedule("cosine", 1000)
    assert schedule.alpha_bar[499].item() == pytest.approx(curve(0.5) / curve(0), rel=1e-9)
    assert schedule.alpha_bar[-1] > 0
    assert (schedule.alpha_bar.diff() < 0).all()


def test_min_snr_weights() -> None:
    schedule = Schedule(torch.tensor([0.99, 0.5], dtype=torch.float64))  # signal-to-noise ratios 99 and 1
    timestep = torch.tensor([0, 1])
    assert min_snr_weight(schedule, Prediction.EPSILON, timestep).tolist() == pytest.approx([5 / 99, 1])
    assert min_snr_weight(schedule, Prediction.V, timestep).tolist() == pytest.approx([6 / 100, 1])
