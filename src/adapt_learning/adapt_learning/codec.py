"""The latent codec: images into 8 times smaller latents and back (a small VAE; Kingma and Welling 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from adapt_core.types import Frames
from pydantic import NonNegativeFloat, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from adapt_learning.layers import ResidualBlock, normalisation

_FOLD = 4  # pixels folded into channels before the first convolution; one strided convolution completes the factor 8


@dataclass(frozen=True)
class CompactCodecSettings:
    """Latent channels, network width, weight of the KL term and extra weight of the pixels that move."""

    kind: Literal["compact"]
    latent_channels: PositiveInt
    width: PositiveInt
    kl_weight: NonNegativeFloat
    motion_weight: NonNegativeFloat


class Codec(nn.Module):
    """Encoder and decoder between images in [-1, 1] (b, 3, h, w) and latents (b, c, h / 8, w / 8).

    `mean` and `std` (c,) make latents zero-mean and unit-variance; `residual_std` () does so for differences of two
    frames' latents. The three are measured on training data and travel with the weights. Implements `LatentCodec`.
    """

    space = "compact"

    mean: Tensor
    std: Tensor
    residual_std: Tensor

    def __init__(self, latent_channels: int, width: int) -> None:
        super().__init__()
        self.latent_channels = latent_channels
        folded = 3 * _FOLD * _FOLD
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(_FOLD),
            nn.Conv2d(folded, width, 3, padding=1),
            ResidualBlock(width, width),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            ResidualBlock(2 * width, 2 * width),
            normalisation(2 * width),
            nn.SiLU(),
            nn.Conv2d(2 * width, 2 * latent_channels, 3, padding=1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(latent_channels, 2 * width, 3, padding=1),
            ResidualBlock(2 * width, 2 * width),
            ResidualBlock(2 * width, 2 * width),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(2 * width, width, 3, padding=1),
            ResidualBlock(width, width),
            ResidualBlock(width, width),
            normalisation(width),
            nn.SiLU(),
            nn.Conv2d(width, folded, 3, padding=1),
            nn.PixelShuffle(_FOLD),
        )
        self.register_buffer("mean", torch.zeros(latent_channels))
        self.register_buffer("std", torch.ones(latent_channels))
        self.register_buffer("residual_std", torch.ones(()))

    @property
    def device(self) -> torch.device:
        """See `LatentCodec`."""
        return self.mean.device

    def moments(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the unnormalised latents of `images` (b, 3, h, w)."""
        mean, log_variance = self.encoder(images).chunk(2, 1)
        return mean, log_variance.clamp(-20, 10)

    def encode(self, images: Tensor) -> Tensor:
        """`images` (b, 3, h, w) in [-1, 1] -> normalised latents (b, c, h / 8, w / 8), their distribution's mean."""
        return (self.moments(images)[0].float() - self._shaped(self.mean)) / self._shaped(self.std)

    def decode(self, latents: Tensor) -> Tensor:
        """Normalised latents (b, c, h / 8, w / 8) -> images (b, 3, h, w), about [-1, 1]."""
        images: Tensor = self.decoder(latents * self._shaped(self.std) + self._shaped(self.mean))
        return images.float()

    @torch.no_grad()
    def measure(self, latents: Tensor) -> None:
        """Set `mean`, `std` and `residual_std` from clips' `latents` (n, f, c, h, w), normalised with the old ones."""
        raw = latents * self._shaped(self.std) + self._shaped(self.mean)
        mean, std = raw.mean((0, 1, 3, 4)), raw.std((0, 1, 3, 4))
        self.mean.copy_(mean)
        self.std.copy_(std)
        clean = (raw - self._shaped(mean)) / self._shaped(std)
        self.residual_std.copy_((clean[:, 1:] - clean[:, :1]).std())

    def to_targets(self, latents: Tensor, first: Tensor) -> Tensor:
        """`latents` (b, f, c, h, w) of future frames, relative to `first` (b, c, h, w): what video models predict."""
        return (latents - first[:, None]) / self.residual_std

    def from_targets(self, residual: Tensor, first: Tensor) -> Tensor:
        """Inverse of `to_targets`."""
        return residual * self.residual_std + first[:, None]

    @staticmethod
    def _shaped(values: Tensor) -> Tensor:
        return values[:, None, None]


def codec_loss(codec: Codec, images: Tensor, weight: Tensor, noise: Tensor, kl_weight: float) -> Tensor:
    """Weighted absolute error plus `kl_weight` times the KL divergence to the unit normal (Kingma and Welling, eq. 10).

    `images` (b, 3, h, w) in [-1, 1], `weight` (b, 1, h, w) of each pixel, `noise` (b, c, h / 8, w / 8).
    """
    mean, log_variance = codec.moments(images)
    latents = mean + noise * (0.5 * log_variance).exp()
    error = (codec.decoder(latents).float() - images).abs() * weight
    divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).float().mean()
    return error.mean() / weight.mean() + kl_weight * divergence


def motion_weight(frames: Tensor, strength: float) -> Tensor:
    """Weight of each pixel, 1 where nothing moves in an episode and up to 1 + `strength` where much does.

    `frames` (f, 3, h, w) float of one episode -> (1, h, w). Most of a scene is empty; the arm and what it moves matter.
    """
    spread = frames.std(0).mean(0)[None, None]  # (1, 1, h, w)
    spread = functional.avg_pool2d(spread, 9, stride=1, padding=4, count_include_pad=False)
    return 1 + strength * (spread / spread.max().clamp_min(1e-6)).sqrt()[0]


def to_images(frames: Frames | Tensor) -> Tensor:
    """(f, h, w, 3) uint8, an array or a tensor -> (f, 3, h, w) float32 in [-1, 1]."""
    pixels = frames if isinstance(frames, Tensor) else torch.from_numpy(np.ascontiguousarray(frames))
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_frames(images: Tensor) -> Frames:
    """(f, 3, h, w) in [-1, 1] -> (f, h, w, 3) uint8."""
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
