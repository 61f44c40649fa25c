"""DDIM: the deterministic sampler of the papers (Song et al. 2021)."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

import torch
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.sampling import Score, level, watched
from adapt_learning.diffusion.schedule import Schedule, to_clean, to_epsilon


class Stride(StrEnum):
    """How far down a DDIM step goes."""

    NEXT = "next"  # to the next step's timestep (Song et al. 2021)
    EVEN = "even"  # by the whole part of T / (steps + 1), as the papers' implementation: a level or two above the next


Transition = tuple[int, int]  # a step from the first timestep's noise level to the second's


def ddim_transitions(
    schedule: Schedule, steps: int, stride: Stride = Stride.NEXT, identity_step: bool = False
) -> list[Transition]:
    """The `steps` transitions between `steps + 1` equally spaced timesteps from the noisiest to 0 ("linspace").

    The papers' 25 steps are `steps=24, stride=Stride.EVEN`: of their 25 timesteps the last is 0, where the sample's noise
    level is the final one already. `identity_step` evaluates there all the same, which leaves the sample as it is.
    """
    timesteps = [round(float(t)) for t in torch.linspace(schedule.timesteps - 1, 0, steps + 1, dtype=torch.float64)]
    even = schedule.timesteps // (steps + 1)
    transitions = [(now, then if stride is Stride.NEXT else now - even) for now, then in pairwise(timesteps)]
    return [*transitions, (0, 0)] if identity_step else transitions


@torch.no_grad()
def ddim(
    score: Score,
    prediction: Prediction,
    schedule: Schedule,
    noise: Tensor,
    transitions: list[Transition],
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """DDIM with eta 0 (Song et al. 2021, eq. 12) from `noise` (b, f, c, h, w); one call of `score` a transition.

    `prediction` is what the score returns; samples are never clipped. Raises CancelledByUserError before the next step
    once `should_stop` is true.
    """
    sample = noise
    for now, then in watched(transitions, progress, should_stop):
        timestep, target = level(now, sample), level(then, sample)
        predicted = score(sample, timestep)
        clean = to_clean(schedule, prediction, predicted, sample, timestep)
        epsilon = to_epsilon(schedule, prediction, predicted, sample, timestep)
        sample = schedule.alpha(target, sample) * clean + schedule.sigma(target, sample) * epsilon
    return sample
