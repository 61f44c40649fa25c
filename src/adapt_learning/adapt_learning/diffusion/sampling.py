"""Deterministic sampling: noise in, clean latents out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.schedule import Schedule, to_clean, to_epsilon

Score = Callable[[Tensor, Tensor], Tensor]  # (noisy (b, f, c, h, w), timestep (b,)) -> prediction (b, f, c, h, w)


def ddim_timesteps(schedule: Schedule, steps: int) -> list[int]:
    """`steps + 1` equally spaced timesteps from the noisiest to 0.

    With steps + 1 = 25 these are the "linspace" timesteps of the papers' 25 DDIM steps; their last one starts at
    timestep 0, leaves the sample as it is, and is not taken here.
    """
    return [round(float(t)) for t in torch.linspace(schedule.timesteps - 1, 0, steps + 1, dtype=torch.float64)]


@torch.no_grad()
def ddim(
    score: Score,
    prediction: Prediction,
    schedule: Schedule,
    noise: Tensor,
    steps: int,
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """DDIM with eta 0 (Song et al. 2021, eq. 12) from `noise` (b, f, c, h, w); one call of `score` a step.

    Raises CancelledByUserError before the next step once `should_stop` is true.
    """
    timesteps = ddim_timesteps(schedule, steps)
    sample = noise
    for done, (now, then) in enumerate(pairwise(timesteps)):
        if should_stop():
            raise CancelledByUserError(f"sampling was cancelled after {done} of {steps} steps")
        sample = _ddim_step(score, prediction, schedule, sample, now, then)
        if progress is not None:
            progress(done + 1, steps)
    return sample


def _ddim_step(score: Score, prediction: Prediction, schedule: Schedule, sample: Tensor, now: int, then: int) -> Tensor:
    timestep = torch.full((len(sample),), now, dtype=torch.int64, device=sample.device)
    predicted = score(sample, timestep)
    clean = to_clean(schedule, prediction, predicted, sample, timestep)
    epsilon = to_epsilon(schedule, prediction, predicted, sample, timestep)
    target = torch.full_like(timestep, then)
    return schedule.alpha(target, sample) * clean + schedule.sigma(target, sample) * epsilon
