"""The in-domain video model: small, trained on a robot's own demonstrations, finetuned by SAIL."""

from __future__ import annotations

from adapt_learning.factorised_unet import FactorisedUNet
from adapt_learning.preset import Preset
from adapt_learning.video_unet import CompactSettings, VideoUNet

InDomainModel = VideoUNet | FactorisedUNet


def build_in_domain(preset: Preset) -> InDomainModel:
    """A fresh in-domain model of `preset`'s kind and size."""
    settings, channels = preset.in_domain, preset.codec.latent_channels
    if isinstance(settings, CompactSettings):
        return VideoUNet(preset.future_frames, channels, settings.width, settings.heads, settings.pointer)
    return FactorisedUNet(channels, settings)
