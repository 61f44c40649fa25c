"""The latent space of Stable Diffusion 1.5: its VAE behind the `LatentCodec` port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from adapt_learning.hub import load_network
from adapt_learning.layers import place

STABLE_DIFFUSION_SPACE = "stable-diffusion-1.5"
_STABLE_DIFFUSION = (4, 8, 0.18215)  # latent channels, pixels per cell each way, scaling factor
_FRAMES_AT_ONCE = 4  # about 2 GB while frames of 512 x 512 are decoded in half precision


@dataclass(frozen=True)
class StableDiffusionCodecSettings:
    """`base` is the hub id or folder whose `vae` is taken."""

    latent_channels: ClassVar[int] = 4

    kind: Literal["stable_diffusion"]
    base: str = "sd-legacy/stable-diffusion-v1-5"


class StableDiffusionCodec(nn.Module):
    """A frozen AutoencoderKL (Rombach et al. 2022). Implements `LatentCodec`.

    Latents are the mean of the encoder's distribution times the scaling factor, the same for the same image (the papers'
    public code draws a sample instead). Video models denoise the latents as they are. A few frames at a time, so that
    memory does not grow with the number of frames.
    """

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae.eval().requires_grad_(False)

    @property
    def space(self) -> str:
        """See `LatentCodec`; told by channels, size and scale, which Stable Diffusion 1 and 2 and their finetunes share."""
        config = self.vae.config
        cell = 2 ** (len(config.block_out_channels) - 1)
        shape = (config.latent_channels, cell, config.scaling_factor)
        if shape == _STABLE_DIFFUSION:
            return STABLE_DIFFUSION_SPACE
        return f"autoencoder-kl-{shape[0]}x{shape[1]}x{shape[2]:g}"

    @property
    def latent_channels(self) -> int:
        """See `LatentCodec`."""
        return int(self.vae.config.latent_channels)

    @property
    def device(self) -> torch.device:
        """See `LatentCodec`."""
        return torch.device(self.vae.device)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """`images` (b, 3, h, w) in [-1, 1] -> latents (b, c, h / 8, w / 8), float32."""
        parts = [self.vae.encode(part).latent_dist.mode().float() for part in self._parts(images)]
        return torch.cat(parts) * self.vae.config.scaling_factor

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Latents (b, c, h / 8, w / 8) -> images (b, 3, h, w), about [-1, 1], float32."""
        parts = self._parts(latents / self.vae.config.scaling_factor)
        return torch.cat([self.vae.decode(part).sample.float() for part in parts])

    def to_targets(self, latents: Tensor, first: Tensor) -> Tensor:
        """`latents` (b, f, c, h, w), as they are."""
        return latents

    def from_targets(self, targets: Tensor, first: Tensor) -> Tensor:
        """Inverse of `to_targets`."""
        return targets

    def _parts(self, frames: Tensor) -> tuple[Tensor, ...]:
        return frames.to(self.vae.dtype).split(_FRAMES_AT_ONCE)


def load_stable_diffusion_codec(
    settings: StableDiffusionCodecSettings, device: torch.device | str, dtype: torch.dtype
) -> StableDiffusionCodec:
    """Raises WeightsError for what cannot be had."""
    from diffusers import AutoencoderKL

    return StableDiffusionCodec(place(load_network(AutoencoderKL, settings.base, "vae", dtype), device))
