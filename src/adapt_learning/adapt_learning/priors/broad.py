"""The embedded prior: a stand-in for an internet video model that fits in a wheel.

It saw what the in-domain model did not: other tasks, other cameras, colours and light. A full-size prior takes its
place in a file beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from adapt_core.errors import ConfigError
from pydantic import PositiveInt

from adapt_learning.codec import Codec
from adapt_learning.layers import place
from adapt_learning.pointer import PointerSettings
from adapt_learning.text import shared_encoder
from adapt_learning.video_prior import VideoPrior
from adapt_learning.video_unet import VideoUNet
from adapt_learning.weights_file import load_weights

if TYPE_CHECKING:
    from adapt_learning.embedded_weights import WeightsPlace
    from adapt_learning.preset import Preset


@dataclass(frozen=True)
class BroadSettings:
    """Width of the U-Net's finest level (a multiple of 8), attention heads, and what points it to what the text names.

    A `broad` prior saw the tasks that it is judged by in foreign scenes, as an internet model would; a `strict` one never.
    """

    kind: Literal["broad", "strict"]
    width: PositiveInt
    heads: PositiveInt
    pointer: PointerSettings | None = None


def build_broad_prior(preset: Preset) -> VideoUNet:
    """A fresh prior of `preset`'s size. Raises ConfigError for a preset with another kind of prior."""
    settings = preset.prior
    if not isinstance(settings, BroadSettings):
        raise ConfigError(f"preset {preset.name} has the prior {settings.kind}, which is not made here but loaded")
    channels = preset.codec.latent_channels
    return VideoUNet(preset.future_frames, channels, settings.width, settings.heads, settings.pointer)


def load_broad(preset: Preset, weights: WeightsPlace, device: torch.device | str) -> VideoPrior:
    """The prior of `preset` with these weights; its text encoder is the in-domain model's. Raises WeightsError."""
    model = place(load_weights(build_broad_prior(preset), *weights), device)
    parameters = sum(value.numel() for value in model.parameters())
    return VideoPrior(model, shared_encoder(), Codec.space, context_frames=0, parameters=parameters)
