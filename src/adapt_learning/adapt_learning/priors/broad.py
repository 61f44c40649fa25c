"""The embedded prior: a stand-in for an internet video model that fits in a wheel.

It saw what the in-domain model did not: other tasks, other cameras, colours and light. A full-size prior takes its
place in a file beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from adapt_core.errors import ConfigError
from pydantic import PositiveInt

from adapt_learning.video_unet import VideoUNet

if TYPE_CHECKING:
    from adapt_learning.preset import Preset


@dataclass(frozen=True)
class BroadSettings:
    """Width of the U-Net's finest level (a multiple of 8) and attention heads."""

    kind: Literal["broad"]
    width: PositiveInt
    heads: PositiveInt


def build_broad_prior(preset: Preset) -> VideoUNet:
    """A fresh prior of `preset`'s size. Raises ConfigError for a preset with another kind of prior."""
    settings = preset.prior
    if not isinstance(settings, BroadSettings):
        raise ConfigError(f"preset {preset.name} has the prior {settings.kind}, which is not made here but loaded")
    return VideoUNet(preset.future_frames, preset.codec.latent_channels, settings.width, settings.heads)
