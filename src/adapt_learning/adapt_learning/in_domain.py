"""The in-domain video model: small, trained on a robot's own demonstrations, finetuned by SAIL."""

from __future__ import annotations

from adapt_learning.preset import Preset
from adapt_learning.video_unet import VideoUNet


def build_in_domain(preset: Preset) -> VideoUNet:
    """A fresh in-domain model of `preset`'s size."""
    return VideoUNet(preset.future_frames, preset.codec.latent_channels, preset.in_domain.width, preset.in_domain.heads)
