"""How noise is scheduled and how plans are sampled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import torch
from adapt_core.ports import StepProgress, StopCheck, never
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor

from adapt_learning.convolution import computes_bf16
from adapt_learning.diffusion.compose import Guidance, Weights
from adapt_learning.diffusion.ddim import Stride, ddim, ddim_transitions
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.flow_euler import flow_euler, flow_timesteps
from adapt_learning.diffusion.lcm import lcm, lcm_timesteps
from adapt_learning.diffusion.sampling import NoiseSource, Score
from adapt_learning.diffusion.schedule import Schedule, ScheduleKind


@dataclass(frozen=True)
class NoiseSettings:
    """The noise schedule that both video models share; `shift` is the flow schedule's."""

    kind: ScheduleKind
    timesteps: PositiveInt
    shift: PositiveFloat = 1.0


class SamplerKind(StrEnum):
    """Which sampler."""

    DDIM = "ddim"
    LCM = "lcm"
    FLOW_EULER = "flow_euler"


class Precision(StrEnum):
    """What float32 models compute plans in; the sampler's own arithmetic is always float32.

    Models that are loaded in a precision of their own keep FP32 here.
    """

    FP32 = "fp32"
    BF16 = "bf16"  # bfloat16 where a model can afford it and the device has instructions for it

    def autocast(self, device: torch.device) -> torch.autocast:
        """The context in which models are called on `device`."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self is Precision.BF16 and computes_bf16(device))


@dataclass(frozen=True)
class SamplerSettings:
    """How plans are sampled; see `adapt_learning.diffusion.compose` for the three numbers of a composition.

    `demonstrated_strength` stands for `prior_strength` where the in-domain model was shown demonstrations of the task: what
    it was shown it knows better than the prior. `steps` are those that change the sample: 24 for the papers' 25 of DDIM.
    `stride` and `identity_step` are DDIM's.
    """

    method: Method
    steps: PositiveInt
    guidance_scale: PositiveFloat
    prior_strength: NonNegativeFloat
    weights: Weights
    kind: SamplerKind = SamplerKind.DDIM
    stride: Stride = Stride.NEXT
    identity_step: bool = False
    precision: Precision = Precision.FP32
    demonstrated_strength: NonNegativeFloat | None = None

    def guidance(self, demonstrated: Tensor | None = None) -> Guidance:
        """The numbers of the composition; `demonstrated` (b,) bool as in `adapt_learning.diffusion.evaluate.Condition`."""
        strength: float | Tensor = self.prior_strength
        if self.demonstrated_strength is not None and demonstrated is not None:
            both = torch.tensor([self.prior_strength, self.demonstrated_strength], device=demonstrated.device)
            strength = both[demonstrated.long()].view(-1, 1, 1, 1, 1)
        return Guidance(self.guidance_scale, strength, self.weights)


def sampler_timesteps(settings: SamplerSettings, schedule: Schedule) -> list[int]:
    """The timesteps at which `sample` calls its score, in that order. Raises ConfigError."""
    match settings.kind:
        case SamplerKind.DDIM:
            return [
                now for now, _ in ddim_transitions(schedule, settings.steps, settings.stride, settings.identity_step)
            ]
        case SamplerKind.LCM:
            return lcm_timesteps(schedule, settings.steps)
        case SamplerKind.FLOW_EULER:
            return flow_timesteps(schedule, settings.steps)


def sample(
    settings: SamplerSettings,
    score: Score,
    prediction: Prediction,
    schedule: Schedule,
    noise: NoiseSource,
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
) -> Tensor:
    """A clean sample (b, f, c, h, w) float32 by the sampler that `settings` name; `score` returns a `prediction`.

    Raises ConfigError, and CancelledByUserError before the next step once `should_stop` is true.
    """
    watch = (progress, should_stop)
    match settings.kind:
        case SamplerKind.DDIM:
            transitions = ddim_transitions(schedule, settings.steps, settings.stride, settings.identity_step)
            return ddim(score, prediction, schedule, noise(), transitions, *watch)
        case SamplerKind.LCM:
            return lcm(score, prediction, schedule, noise, lcm_timesteps(schedule, settings.steps), *watch)
        case SamplerKind.FLOW_EULER:
            timesteps = flow_timesteps(schedule, settings.steps)
            return flow_euler(score, prediction, schedule, noise(), timesteps, *watch)
