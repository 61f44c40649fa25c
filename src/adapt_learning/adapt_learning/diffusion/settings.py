"""How noise is scheduled and how plans are sampled."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.schedule import ScheduleKind


@dataclass(frozen=True)
class NoiseSettings:
    """The noise schedule that both video models share."""

    kind: ScheduleKind
    timesteps: PositiveInt


@dataclass(frozen=True)
class SamplerSettings:
    """How plans are sampled; see `adapt_learning.diffusion.compose` for the three numbers of a composition."""

    method: Method
    steps: PositiveInt
    guidance_scale: PositiveFloat
    prior_strength: NonNegativeFloat
    normalised: bool
