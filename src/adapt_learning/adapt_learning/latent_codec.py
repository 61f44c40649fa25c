"""The port to the latent space that the video models of one composition share."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class LatentCodec(Protocol):
    """Images into latents and back."""

    @property
    def space(self) -> str:
        """Name of the latent space; the models of one composition must agree on it."""
        ...

    @property
    def latent_channels(self) -> int:
        """Channels c of a latent frame."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the codec is."""
        ...

    def encode(self, images: Tensor) -> Tensor:
        """`images` (b, 3, h, w) in [-1, 1] -> normalised latents (b, c, h / 8, w / 8), float32."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """Normalised latents (b, c, h / 8, w / 8) -> images (b, 3, h, w), about [-1, 1], float32."""
        ...

    def to_targets(self, latents: Tensor, first: Tensor) -> Tensor:
        """What video models denoise, made of frames' `latents` (b, f, c, h, w) and of the first frame's (b, c, h, w)."""
        ...

    def from_targets(self, targets: Tensor, first: Tensor) -> Tensor:
        """Inverse of `to_targets`."""
        ...
