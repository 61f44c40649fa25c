"""LCM: few steps with a model that was distilled for them (Luo et al. 2023), AnimateLCM's sampler."""

from __future__ import annotations

import torch
from adapt_core.errors import ConfigError
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.sampling import NoiseSource, Score, level, watched
from adapt_learning.diffusion.schedule import Schedule, add_noise, to_clean

DISTILLED_STEPS = 50  # timesteps that LCMs and AnimateLCM are distilled at
_SIGMA_DATA = 0.5
_TIMESTEP_SCALE = 10.0


def lcm_timesteps(schedule: Schedule, steps: int) -> list[int]:
    """`steps` of the 50 timesteps T/50 - 1 .. T - 1 that the model was distilled at, evenly chosen from the noisiest.

    Raises ConfigError for more than 50.
    """
    if steps > DISTILLED_STEPS:
        raise ConfigError(f"sampler.steps: LCM takes at most {DISTILLED_STEPS} steps, not {steps}")
    spacing = schedule.timesteps // DISTILLED_STEPS
    return [(DISTILLED_STEPS - index * DISTILLED_STEPS // steps) * spacing - 1 for index in range(steps)]


def boundary_scalings(timestep: int) -> tuple[float, float]:
    """c_skip and c_out, 1 and 0 at timestep 0, so that a clean sample stays as it is (Luo et al. 2023, section 4.1)."""
    scaled = timestep * _TIMESTEP_SCALE
    root = (scaled**2 + _SIGMA_DATA**2) ** 0.5
    return (_SIGMA_DATA / root) ** 2, scaled / root


@torch.no_grad()
def lcm(
    score: Score,
    prediction: Prediction,
    schedule: Schedule,
    noise: NoiseSource,
    timesteps: list[int],
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """Multistep latent consistency sampling (Luo et al. 2023, algorithm 3); one call of `score` a timestep.

    `noise` draws (b, f, c, h, w) first for the sample to start from, then for each of the `len(timesteps) - 1` times that
    it is noised again. Raises CancelledByUserError before the next step once `should_stop` is true.
    """
    sample = noise()
    for index, now in watched(list(enumerate(timesteps)), progress, should_stop):
        timestep = level(now, sample)
        clean = to_clean(schedule, prediction, score(sample, timestep), sample, timestep)
        c_skip, c_out = boundary_scalings(now)
        sample = c_skip * sample + c_out * clean
        if index + 1 < len(timesteps):
            sample = add_noise(schedule, sample, noise(), level(timesteps[index + 1], sample))
    return sample
