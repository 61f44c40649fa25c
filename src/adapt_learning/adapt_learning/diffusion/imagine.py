"""A batch of plans in latent space: the composed score of two models, sampled."""

from __future__ import annotations

import torch
from adapt_core.errors import WeightsError
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.diffusion.evaluate import Condition, Models, composed_prediction, composed_score
from adapt_learning.diffusion.sampling import NoiseSource
from adapt_learning.diffusion.schedule import Schedule
from adapt_learning.diffusion.settings import SamplerSettings, sample, sampler_timesteps


@torch.no_grad()
def imagine(
    models: Models,
    condition: Condition,
    settings: SamplerSettings,
    schedule: Schedule,
    noise: NoiseSource,
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """What the models denoise to for `condition` (b plans): (b, f, c, h, w) float32, without the context frames.

    `noise` draws (b, k + f, c, h, w), k = `models.context(settings.method)`. Raises WeightsError for a sample that is
    not finite, ConfigError for settings that do not suit the models, CancelledByUserError.
    """
    timesteps = sampler_timesteps(settings, schedule)
    guidance = settings.guidance(condition.demonstrated)
    kind = composed_prediction(settings.method, models, guidance)
    with settings.precision.autocast(condition.first_frame.device):
        score = composed_score(settings.method, models, condition, guidance, schedule, timesteps)
        latents = sample(settings, score, kind, schedule, noise, progress, should_stop)
    if not torch.isfinite(latents).all():
        raise WeightsError(
            "the models imagined numbers that are not finite: choose other weights, or a smaller sampler.guidance_scale"
        )
    return latents[:, models.context(settings.method) :]
