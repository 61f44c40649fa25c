"""The denoising loss of the video models."""

from __future__ import annotations

from torch import Tensor

from adapt_learning.diffusion.denoiser import Denoiser, Prediction
from adapt_learning.diffusion.schedule import Schedule, add_noise, target
from adapt_learning.training.clips import VideoBatch
from adapt_learning.training.draws import Draws
from adapt_learning.training.settings import TrainSettings


def video_loss(model: Denoiser, batch: VideoBatch, schedule: Schedule, settings: TrainSettings, draws: Draws) -> Tensor:
    """Mean squared error of the prediction (Ho et al. 2020, eq. 14), with min-SNR weights and text left out at times.

    A share `text_dropout` of the clips loses its text, for classifier-free guidance (Ho and Salimans 2022).
    """
    clean = batch.targets
    device = clean.device
    timestep = draw_timesteps(draws, schedule.timesteps, settings.noisiness).to(device)
    noise = draws.noise(*clean.shape[1:]).to(device)
    keep = (draws.shares() >= settings.text_dropout).to(device)
    noisy = add_noise(schedule, clean, noise, timestep)
    predicted = model(noisy, timestep, batch.text.where(keep, batch.empty), batch.first)
    error = (predicted - target(schedule, model.prediction, clean, noise, timestep)) ** 2
    each = error.mean((1, 2, 3, 4))  # (b,)
    if settings.min_snr_gamma is not None:
        each = each * min_snr_weight(schedule, model.prediction, timestep, settings.min_snr_gamma)
    return each.mean()


def draw_timesteps(draws: Draws, timesteps: int, noisiness: float) -> Tensor:
    """Time steps (b,) int64, uniform where `noisiness` is 1; where it is 2, every other one is of the noisiest quarter."""
    if noisiness == 1.0:
        return draws.integers(timesteps)
    return ((1 - draws.shares() ** noisiness) * timesteps).long().clamp(max=timesteps - 1)


def min_snr_weight(schedule: Schedule, prediction: Prediction, timestep: Tensor, gamma: float) -> Tensor:
    """Weights (b,) that count an x_0 error at most `gamma` times (Hang et al. 2023, section 3.4), plus once for v and flow.

    An epsilon error is alpha / sigma times the x_0 error that it causes, a v error (alpha^2 + sigma^2) / sigma times, a
    flow error (alpha + sigma) / sigma times. The one more keeps v and flow models accurate at the noisiest steps: their
    signal-to-noise ratio is close to 0, but a few-step sampler decides there where the clip goes.
    """
    snr = schedule.snr(timestep)
    if prediction is Prediction.EPSILON:
        return (gamma / snr).clamp(max=1)
    alpha, sigma = schedule.alpha(timestep, snr), schedule.sigma(timestep, snr)
    times = (alpha + sigma if prediction is Prediction.FLOW else alpha**2 + sigma**2) / sigma
    return (snr.clamp(max=gamma) + 1) / times**2
