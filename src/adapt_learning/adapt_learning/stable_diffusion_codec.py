"""The latent space of Stable Diffusion 1.5: its VAE behind the `LatentCodec` port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from adapt_learning.latent_codec import LatentCodec


@dataclass(frozen=True)
class StableDiffusionCodecSettings:
    """`base` is the hub id or folder whose `vae` is taken."""

    latent_channels: ClassVar[int] = 4

    kind: Literal["stable_diffusion"]
    base: str = "sd-legacy/stable-diffusion-v1-5"


def load_stable_diffusion_codec(
    settings: StableDiffusionCodecSettings, device: torch.device | str, dtype: torch.dtype
) -> LatentCodec:
    """Raises WeightsError for what cannot be had."""
    raise NotImplementedError
