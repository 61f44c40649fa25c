"""DDIM: where it lands, that it repeats, that it stops."""

from __future__ import annotations

import pytest
import torch
from adapt_core.errors import CancelledByUserError
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.sampling import Score, ddim, ddim_timesteps
from adapt_learning.diffusion.schedule import Schedule, cosine_schedule, linear_schedule
from torch import Tensor

SCHEDULE = cosine_schedule(1000)
CLEAN = torch.randn(2, 3, 4, 5, 5, generator=torch.Generator().manual_seed(1))
NOISE = torch.randn(CLEAN.shape, generator=torch.Generator().manual_seed(2))


def oracle(schedule: Schedule, clean: Tensor) -> Score:
    """A model that knows what is under the noise, and says so as a velocity."""

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        alpha, sigma = schedule.alpha(timestep, noisy), schedule.sigma(timestep, noisy)
        return (alpha * noisy - clean) / sigma

    return score


@pytest.mark.parametrize("steps", [1, 5, 24])
def test_a_model_that_knows_the_answer_is_followed_to_it(steps: int) -> None:
    sample = ddim(oracle(SCHEDULE, CLEAN), Prediction.V, SCHEDULE, NOISE, steps)
    alpha, sigma = SCHEDULE.alpha_bar[0].sqrt().item(), (1 - SCHEDULE.alpha_bar[0]).sqrt().item()
    assert (sample - alpha * CLEAN).abs().max() < 6 * sigma


def test_24_steps_visit_the_25_linspace_timesteps_of_the_papers() -> None:
    timesteps = ddim_timesteps(linear_schedule(1000), 24)
    assert timesteps[0] == 999
    assert timesteps[-1] == 0
    assert len(timesteps) == 25


def test_sampling_repeats_exactly_and_reports_each_step() -> None:
    seen: list[tuple[int, int]] = []
    first = ddim(oracle(SCHEDULE, CLEAN), Prediction.V, SCHEDULE, NOISE, 4, lambda done, of: seen.append((done, of)))
    again = ddim(oracle(SCHEDULE, CLEAN), Prediction.V, SCHEDULE, NOISE, 4)
    assert torch.equal(first, again)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_cancelling_takes_effect_within_a_step() -> None:
    calls: list[int] = []

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        calls.append(int(timestep[0]))
        return noisy

    with pytest.raises(CancelledByUserError, match="after 2 of 10"):
        ddim(score, Prediction.V, SCHEDULE, NOISE, 10, should_stop=lambda: len(calls) == 2)
    assert len(calls) == 2
