"""The denoising loss and its weights."""

from __future__ import annotations

import pytest
import torch
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.schedule import (
    Schedule,
    add_noise,
    cosine_schedule,
    flow_schedule,
    target,
    to_clean,
    variance_preserving,
)
from adapt_learning.training.draws import Draws
from adapt_learning.training.video_loss import draw_timesteps, min_snr_weight


def test_min_snr_weights_worked_out_by_hand() -> None:
    preserving = variance_preserving(torch.tensor([0.99, 0.5], dtype=torch.float64))  # signal-to-noise ratios 99 and 1
    timestep = torch.tensor([0, 1])
    assert min_snr_weight(preserving, Prediction.EPSILON, timestep, 5).tolist() == pytest.approx([5 / 99, 1])
    assert min_snr_weight(preserving, Prediction.V, timestep, 5).tolist() == pytest.approx([6 / 100, 1])
    flow = flow_schedule(4)  # sigma 1/4, 1/2, 3/4, 1: signal-to-noise ratios 9, 1, 1/9, 0
    weights = min_snr_weight(flow, Prediction.FLOW, torch.arange(4), 5)
    assert weights.tolist() == pytest.approx([6 / 16, 2 / 4, 10 / 16, 1])
    assert min_snr_weight(flow, Prediction.EPSILON, torch.arange(4), 5).tolist() == pytest.approx([5 / 9, 1, 1, 1])


@pytest.mark.parametrize("prediction", Prediction)
@pytest.mark.parametrize("schedule", [cosine_schedule(100), flow_schedule(100)], ids=["cosine", "flow"])
def test_an_error_of_the_clean_clip_counts_alike_whatever_is_predicted(
    schedule: Schedule, prediction: Prediction
) -> None:
    timestep = torch.tensor([0, 30, 60, 90])
    clean, noise, wrong = torch.randn(3, 4, 6, dtype=torch.float64)
    noisy = add_noise(schedule, clean, noise, timestep)
    right = target(schedule, prediction, clean, noise, timestep)
    error = to_clean(schedule, prediction, right + wrong, noisy, timestep) - clean  # (4, 6)
    counted = min_snr_weight(schedule, prediction, timestep, 5).double() * wrong.square().mean(1)
    times = schedule.snr(timestep).double().clamp(max=5) + (prediction is not Prediction.EPSILON)
    torch.testing.assert_close(counted, times * error.square().mean(1), rtol=1e-4, atol=1e-6)


def test_noisiness_has_every_other_clip_in_the_noisiest_quarter() -> None:
    uniform, noisy = (draw_timesteps(Draws(0, 0, range(4000)), 1000, noisiness) for noisiness in (1.0, 2.0))
    for drawn in (uniform, noisy):
        assert drawn.dtype == torch.int64 and drawn.min() >= 0 and drawn.max() <= 999
    assert float((uniform >= 750).float().mean()) == pytest.approx(0.25, abs=0.03)
    assert float((noisy >= 750).float().mean()) == pytest.approx(0.5, abs=0.03)
