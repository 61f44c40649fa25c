"""Noise schedules and the conversions between what diffusion models predict.

Throughout x_t = alpha_t * x_0 + sigma_t * epsilon with alpha_t^2 + sigma_t^2 = 1, alpha_t^2 the "alpha-bar" of
Ho et al. 2020 (DDPM, eq. 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction

ScheduleKind = Literal["linear", "cosine"]
_MAX_BETA = 0.999  # Nichol and Dhariwal 2021, section 3.2
_COSINE_OFFSET = 0.008


@dataclass(frozen=True)
class Schedule:
    """A discrete noise schedule: `alpha_bar` (t,) float64, falling."""

    alpha_bar: Tensor

    @property
    def timesteps(self) -> int:
        """Number of noise levels."""
        return len(self.alpha_bar)

    def alpha(self, timestep: Tensor, like: Tensor) -> Tensor:
        """Signal amplitude at `timestep` (b,), shaped to multiply `like` (b, ...)."""
        return self._take(self.alpha_bar.sqrt(), timestep, like)

    def sigma(self, timestep: Tensor, like: Tensor) -> Tensor:
        """Noise amplitude at `timestep` (b,), shaped to multiply `like` (b, ...)."""
        return self._take((1 - self.alpha_bar).sqrt(), timestep, like)

    def snr(self, timestep: Tensor) -> Tensor:
        """Signal-to-noise ratio alpha^2 / sigma^2 at `timestep` (b,), (b,) float32."""
        alpha_bar = self.alpha_bar[timestep.cpu()].to(timestep.device)
        return (alpha_bar / (1 - alpha_bar)).float()

    @staticmethod
    def _take(values: Tensor, timestep: Tensor, like: Tensor) -> Tensor:
        taken = values[timestep.cpu()].to(like.device, like.dtype)  # (b,)
        return taken.reshape(-1, *[1] * (like.dim() - 1))


def linear_schedule(timesteps: int, first_beta: float = 0.00085, last_beta: float = 0.012) -> Schedule:
    """Betas in equal steps; the bounds are Stable Diffusion 1.5's (DDPM, section 4)."""
    betas = torch.linspace(first_beta, last_beta, timesteps, dtype=torch.float64)
    return Schedule(torch.cumprod(1 - betas, 0))


def cosine_schedule(timesteps: int) -> Schedule:
    """Nichol and Dhariwal 2021, eq. 17."""
    steps = torch.arange(timesteps + 1, dtype=torch.float64) / timesteps
    curve = torch.cos((steps + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * math.pi / 2) ** 2
    betas = (1 - curve[1:] / curve[:-1]).clamp(max=_MAX_BETA)
    return Schedule(torch.cumprod(1 - betas, 0))


def make_schedule(kind: ScheduleKind, timesteps: int) -> Schedule:
    """The schedule that a preset names."""
    return cosine_schedule(timesteps) if kind == "cosine" else linear_schedule(timesteps)


def add_noise(schedule: Schedule, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """x_t of `clean` x_0 (b, ...) and `noise` (b, ...) at `timestep` (b,) (DDPM, eq. 4)."""
    return schedule.alpha(timestep, clean) * clean + schedule.sigma(timestep, clean) * noise


def target(schedule: Schedule, kind: Prediction, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """What a model of `kind` should return for x_t made of `clean` and `noise` (b, ...)."""
    if kind is Prediction.EPSILON:
        return noise
    return schedule.alpha(timestep, clean) * noise - schedule.sigma(timestep, clean) * clean


def to_epsilon(schedule: Schedule, kind: Prediction, predicted: Tensor, noisy: Tensor, timestep: Tensor) -> Tensor:
    """The noise that a prediction implies: epsilon = alpha * v + sigma * x_t."""
    if kind is Prediction.EPSILON:
        return predicted
    return schedule.alpha(timestep, noisy) * predicted + schedule.sigma(timestep, noisy) * noisy


def to_clean(schedule: Schedule, kind: Prediction, predicted: Tensor, noisy: Tensor, timestep: Tensor) -> Tensor:
    """The clean x_0 that a prediction implies: alpha * x_t - sigma * v, or (x_t - sigma * epsilon) / alpha."""
    alpha, sigma = schedule.alpha(timestep, noisy), schedule.sigma(timestep, noisy)
    if kind is Prediction.EPSILON:
        return (noisy - sigma * predicted) / alpha
    return alpha * noisy - sigma * predicted
