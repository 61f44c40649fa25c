"""What stands in for trained or remote parts in the plan benchmarks."""

from __future__ import annotations

from typing import Any

import torch
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.factorised_unet import FactorisedUNet
from adapt_learning.layers import place
from adapt_learning.preset import Preset
from torch import Tensor


class Recording:
    """A codec that remembers what was denoised last; implements `LatentCodec`."""

    def __init__(self, codec: Any) -> None:
        self._codec = codec
        self.latents = torch.empty(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codec, name)

    def from_targets(self, targets: Tensor, first: Tensor) -> Tensor:
        """See `LatentCodec`."""
        self.latents = targets[0]
        return self._codec.from_targets(targets, first)


class RandomInDomain:
    """An in-domain model with random weights in place of stored versions."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset

    def load(self, version: str, device: torch.device | str = "cpu") -> FactorisedUNet:
        """The same weights whatever the version, in the precision of the preset's plans."""
        torch.manual_seed(1)
        model = FactorisedUNet(4, self._preset.in_domain).eval()
        for value in model.parameters():
            value.data.add_(0.02 * torch.randn_like(value))
        return place(model.to(torch.bfloat16 if self._preset.in_domain.precision == "bf16" else torch.float32), device)


class RandomText:
    """Tokens as many and as wide as CLIP's in place of its encoder."""

    def __init__(self, preset: Preset, device: str) -> None:
        self._width, self._device = preset.in_domain.text_dim, device

    def encode(self, prompts: list[str]) -> TextEmbedding:
        """See `TextEncoder`."""
        tokens = torch.randn(1, 77, self._width, generator=torch.Generator().manual_seed(2)).to(self._device)
        tokens = tokens.expand(len(prompts), -1, -1)
        return TextEmbedding(tokens, torch.ones(tokens.shape[:2], dtype=torch.bool, device=self._device), tokens[:, 0])

    def empty(self, rows: int) -> TextEmbedding:
        """See `TextEncoder`."""
        text = self.encode([""] * rows)
        return TextEmbedding(0 * text.tokens, text.mask, 0 * text.pooled)
