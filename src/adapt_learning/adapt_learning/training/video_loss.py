"""The denoising loss of the video models."""

from __future__ import annotations

import torch
from torch import Tensor

from adapt_learning.diffusion.denoiser import Denoiser, Prediction
from adapt_learning.diffusion.schedule import Schedule, add_noise, target
from adapt_learning.training.clips import VideoBatch

MAX_SNR = 5.0


def video_loss(
    model: Denoiser, batch: VideoBatch, schedule: Schedule, text_dropout: float, generator: torch.Generator
) -> Tensor:
    """Mean squared error of the prediction (Ho et al. 2020, eq. 14), with min-SNR weights and text left out at times.

    A share `text_dropout` of the clips loses its text, for classifier-free guidance (Ho and Salimans 2022).
    """
    clean = batch.residual
    b, device = len(clean), clean.device
    timestep = torch.randint(schedule.timesteps, (b,), generator=generator).to(device)
    noise = torch.randn(clean.shape, generator=generator).to(device)
    keep = (torch.rand(b, generator=generator) >= text_dropout).to(device)
    noisy = add_noise(schedule, clean, noise, timestep)
    predicted = model(noisy, timestep, batch.text.where(keep, batch.empty), batch.first)
    error = (predicted - target(schedule, model.prediction, clean, noise, timestep)) ** 2
    return (error.mean((1, 2, 3, 4)) * min_snr_weight(schedule, model.prediction, timestep)).mean()


def min_snr_weight(schedule: Schedule, prediction: Prediction, timestep: Tensor) -> Tensor:
    """Weights (b,) that count an x_0 error at most `MAX_SNR` times (Hang et al. 2023, section 3.4), plus once for v.

    An epsilon error is SNR, a v error SNR + 1 times the x_0 error. The one more keeps v models accurate at the noisiest
    steps: their SNR is close to 0, but a few-step sampler decides there where the clip goes.
    """
    snr = schedule.snr(timestep)
    if prediction is Prediction.EPSILON:
        return snr.clamp(max=MAX_SNR) / snr
    return (snr.clamp(max=MAX_SNR) + 1) / (snr + 1)
