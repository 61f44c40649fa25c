"""Noise schedules and the conversions between what diffusion models predict.

Throughout x_t = alpha_t * x_0 + sigma_t * epsilon. Variance-preserving schedules have alpha_t^2 + sigma_t^2 = 1, alpha_t^2
the "alpha-bar" of Ho et al. 2020 (DDPM, eq. 4); flow schedules have alpha_t + sigma_t = 1. Every conversion holds for both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction

ScheduleKind = Literal["linear", "scaled_linear", "cosine", "flow"]
FIRST_BETA, LAST_BETA = 0.00085, 0.012  # Stable Diffusion 1.5's
_MAX_BETA = 0.999  # Nichol and Dhariwal 2021, section 3.2
_COSINE_OFFSET = 0.008


@dataclass(frozen=True, eq=False)
class Schedule:
    """A discrete noise schedule: signal amplitudes `alphas` (t,), falling, and noise amplitudes `sigmas` (t,), float64."""

    alphas: Tensor
    sigmas: Tensor

    @property
    def timesteps(self) -> int:
        """Number of noise levels."""
        return len(self.alphas)

    def alpha(self, timestep: Tensor, like: Tensor) -> Tensor:
        """Signal amplitude at `timestep` (b,) int64, shaped to multiply `like` (b, ...)."""
        return _take(_on_device(self, like.device)[0], timestep, like)

    def sigma(self, timestep: Tensor, like: Tensor) -> Tensor:
        """Noise amplitude at `timestep` (b,) int64, shaped to multiply `like` (b, ...)."""
        return _take(_on_device(self, like.device)[1], timestep, like)

    def snr(self, timestep: Tensor) -> Tensor:
        """Signal-to-noise ratio alpha^2 / sigma^2 at `timestep` (b,) int64, (b,) float32."""
        alphas, sigmas = _on_device(self, timestep.device)
        return ((alphas[timestep] / sigmas[timestep]) ** 2).float()

    @property
    def is_flow(self) -> bool:
        """Whether alpha + sigma = 1 at every level."""
        return bool(torch.allclose(self.alphas + self.sigmas, torch.ones_like(self.alphas)))


def variance_preserving(alpha_bar: Tensor) -> Schedule:
    """The schedule of `alpha_bar` (t,) float64: alpha^2 = alpha-bar, sigma^2 = 1 - alpha-bar (DDPM, eq. 4)."""
    return Schedule(alpha_bar.sqrt(), (1 - alpha_bar).sqrt())


def linear_schedule(timesteps: int, first_beta: float = FIRST_BETA, last_beta: float = LAST_BETA) -> Schedule:
    """Betas in equal steps (DDPM, section 4): AnimateDiff's and the papers' setting."""
    betas = torch.linspace(first_beta, last_beta, timesteps, dtype=torch.float64)
    return variance_preserving(torch.cumprod(1 - betas, 0))


def scaled_linear_schedule(timesteps: int, first_beta: float = FIRST_BETA, last_beta: float = LAST_BETA) -> Schedule:
    """Square roots of beta in equal steps: what Stable Diffusion 1.5 was trained with (Rombach et al. 2022)."""
    roots = torch.linspace(first_beta**0.5, last_beta**0.5, timesteps, dtype=torch.float64)
    return variance_preserving(torch.cumprod(1 - roots**2, 0))


def cosine_schedule(timesteps: int) -> Schedule:
    """Nichol and Dhariwal 2021, eq. 17."""
    steps = torch.arange(timesteps + 1, dtype=torch.float64) / timesteps
    curve = torch.cos((steps + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * math.pi / 2) ** 2
    betas = (1 - curve[1:] / curve[:-1]).clamp(max=_MAX_BETA)
    return variance_preserving(torch.cumprod(1 - betas, 0))


def flow_schedule(timesteps: int, shift: float = 1.0) -> Schedule:
    """Straight paths, sigma = s' and alpha = 1 - s' for s = 1/t .. 1 (Liu et al. 2023, eq. 1).

    s' = shift * s / (1 + (shift - 1) * s) spends more levels on high noise (Esser et al. 2024, section 5.3.2); Stable
    Diffusion 3 and Wan use 3 to 5.
    """
    straight = torch.arange(1, timesteps + 1, dtype=torch.float64) / timesteps
    sigmas = shift * straight / (1 + (shift - 1) * straight)
    return Schedule(1 - sigmas, sigmas)


def make_schedule(kind: ScheduleKind, timesteps: int, shift: float = 1.0) -> Schedule:
    """The schedule that a preset names; `shift` is the flow schedule's."""
    if kind == "flow":
        return flow_schedule(timesteps, shift)
    return {"linear": linear_schedule, "scaled_linear": scaled_linear_schedule, "cosine": cosine_schedule}[kind](
        timesteps
    )


def add_noise(schedule: Schedule, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """x_t of `clean` x_0 (b, ...) and `noise` (b, ...) at `timestep` (b,) (DDPM, eq. 4)."""
    return schedule.alpha(timestep, clean) * clean + schedule.sigma(timestep, clean) * noise


def target(schedule: Schedule, kind: Prediction, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """What a model of `kind` should return for x_t made of `clean` and `noise` (b, ...)."""
    match kind:
        case Prediction.EPSILON:
            return noise
        case Prediction.FLOW:
            return noise - clean
        case _:
            return schedule.alpha(timestep, clean) * noise - schedule.sigma(timestep, clean) * clean


def to_epsilon(schedule: Schedule, kind: Prediction, predicted: Tensor, noisy: Tensor, timestep: Tensor) -> Tensor:
    """The noise that a prediction (b, ...) about x_t `noisy` (b, ...) implies.

    (alpha * v + sigma * x_t) / (alpha^2 + sigma^2), and (x_t + alpha * u) / (alpha + sigma) for the flow u.
    """
    if kind is Prediction.EPSILON:
        return predicted
    alpha, sigma = schedule.alpha(timestep, noisy), schedule.sigma(timestep, noisy)
    if kind is Prediction.FLOW:
        return (noisy + alpha * predicted) / (alpha + sigma)
    return (alpha * predicted + sigma * noisy) / (alpha**2 + sigma**2)


def to_clean(schedule: Schedule, kind: Prediction, predicted: Tensor, noisy: Tensor, timestep: Tensor) -> Tensor:
    """The clean x_0 that a prediction (b, ...) about x_t `noisy` (b, ...) implies.

    (x_t - sigma * epsilon) / alpha, (alpha * x_t - sigma * v) / (alpha^2 + sigma^2), and (x_t - sigma * u) / (alpha +
    sigma) for the flow u. From epsilon it is infinite where alpha = 0, at the first level of a flow schedule.
    """
    alpha, sigma = schedule.alpha(timestep, noisy), schedule.sigma(timestep, noisy)
    match kind:
        case Prediction.EPSILON:
            return (noisy - sigma * predicted) / alpha
        case Prediction.FLOW:
            return (noisy - sigma * predicted) / (alpha + sigma)
        case _:
            return (alpha * noisy - sigma * predicted) / (alpha**2 + sigma**2)


def convert(
    schedule: Schedule, kind: Prediction, to: Prediction, predicted: Tensor, noisy: Tensor, timestep: Tensor
) -> Tensor:
    """A prediction (b, ...) of `kind` about x_t `noisy` (b, ...) as one of kind `to`."""
    if kind is to:
        return predicted
    epsilon = to_epsilon(schedule, kind, predicted, noisy, timestep)
    if to is Prediction.EPSILON:
        return epsilon
    return target(schedule, to, to_clean(schedule, kind, predicted, noisy, timestep), epsilon, timestep)


@lru_cache(maxsize=32)
def _on_device(schedule: Schedule, device: torch.device) -> tuple[Tensor, Tensor]:
    return schedule.alphas.to(device), schedule.sigmas.to(device)


def _take(values: Tensor, timestep: Tensor, like: Tensor) -> Tensor:
    taken = values[timestep.to(values.device)].to(like.dtype)  # (b,)
    return taken.reshape(-1, *[1] * (like.dim() - 1))
