"""The embedded prior: a stand-in for an internet video model that fits in a wheel.

It saw what the in-domain model did not: other tasks, other cameras, colours and light. A full-size prior takes its
place in a file beside this one.
"""

from __future__ import annotations

from adapt_learning.preset import Preset
from adapt_learning.video_unet import VideoUNet


def build_broad_prior(preset: Preset) -> VideoUNet:
    """A fresh prior of `preset`'s size."""
    return VideoUNet(preset.future_frames, preset.codec.latent_channels, preset.prior.width, preset.prior.heads)
