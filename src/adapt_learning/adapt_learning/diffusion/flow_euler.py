"""Euler's method along the probability flow of flow-matching models (Lipman et al. 2023; Liu et al. 2023)."""

from __future__ import annotations

from itertools import pairwise

import torch
from adapt_core.errors import ConfigError
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.sampling import Score, level, watched
from adapt_learning.diffusion.schedule import Schedule, convert


def flow_timesteps(schedule: Schedule, steps: int) -> list[int]:
    """`steps` timesteps from the noisiest, equally spaced before the schedule's shift, the end of the last step left out.

    Raises ConfigError where the schedule is no flow.
    """
    if not schedule.is_flow:
        raise ConfigError("sampler.kind flow_euler needs alpha = 1 - sigma: set noise.kind: flow, or choose ddim")
    return [round(schedule.timesteps * (steps - index) / steps) - 1 for index in range(steps)]


@torch.no_grad()
def flow_euler(
    score: Score,
    prediction: Prediction,
    schedule: Schedule,
    noise: Tensor,
    timesteps: list[int],
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """Euler steps of dx / dsigma = epsilon - x_0 (Liu et al. 2023, algorithm 1) from `noise` (b, f, c, h, w) to sigma = 0.

    One call of `score` a timestep. Raises CancelledByUserError before the next step once `should_stop` is true.
    """
    sigmas = [*(float(schedule.sigmas[t]) for t in timesteps), 0.0]
    sample = noise
    for now, (sigma, next_sigma) in watched(list(zip(timesteps, pairwise(sigmas), strict=True)), progress, should_stop):
        timestep = level(now, sample)
        flow = convert(schedule, prediction, Prediction.FLOW, score(sample, timestep), sample, timestep)
        sample = sample + (next_sigma - sigma) * flow
    return sample
