"""The in-domain model of the papers: AVDC's factorised video U-Net with attention to the text at every level.

Ko et al. 2023 (Learning to act from actionless videos) in the latent space of a codec; SAIL adds the attention to the
text's tokens. How its size was found, in millions of parameters:

- AVDC's public U-Net with these widths, 3 blocks a level and no attention to the text has 108.85; here that part has 108.57.
- SAIL states 179.91 with 3 blocks and 156.58 with 2. The difference, 23.33, is one block a level of AVDC's U-Net (23.34):
  what SAIL adds does not grow with the blocks, so it is one attention to the text a level and direction, not one a block.
- The 71.06 that SAIL adds are the frozen text encoder (CLIP ViT-B/32, 63.17) and about 7.9 of attention. That the paper
  counts the encoder is inferred: nothing else that it describes is as large.
- Here: 115.66 and 92.32; with the text encoder 178.83 (0.6 % less than SAIL's) and 155.49 (0.7 % less).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from adapt_learning.diffusion.denoiser import Prediction, TextEmbedding
from adapt_learning.factorised_blocks import (
    CellAttention,
    ClipNorm,
    FactorisedConv,
    FactorisedResidualBlock,
    TextAttention,
    TextPool,
)
from adapt_learning.layers import timestep_embedding


@dataclass(frozen=True)
class FactorisedSettings:
    """Size of the U-Net, and how it is run.

    Level i has `base` * `multipliers`[i] channels, `blocks` residual blocks and half the cells a side of the level before
    it; cells attend to each other at the levels of `cell_attention` (0 is the finest) and in the middle. All channels are
    multiples of `head_channels`, those of one attention head. `text_dim` is the width of the text's tokens. Plans are
    sampled with weights in `precision`; training keeps them in float32. `gradient_checkpointing` trades a third more
    computation in training for most of its memory.
    """

    kind: Literal["factorised"]
    base: PositiveInt
    multipliers: tuple[PositiveInt, ...]
    blocks: PositiveInt
    cell_attention: tuple[int, ...]
    head_channels: PositiveInt
    text_dim: PositiveInt
    precision: Literal["bf16", "fp32"]
    gradient_checkpointing: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that do not go together."""
        if any(self.base * factor % self.head_channels for factor in self.multipliers):
            raise ValueError(f"base {self.base} times each multiplier must be a multiple of head_channels")
        if self.text_dim % self.head_channels:
            raise ValueError(f"text_dim {self.text_dim} must be a multiple of head_channels")
        if not set(self.cell_attention) <= set(range(len(self.multipliers))):
            raise ValueError(f"cell_attention names levels from 0 to {len(self.multipliers) - 1}")


class _Step(nn.Module):
    """A residual block, then attention to the text and of the cells to each other where wanted."""

    def __init__(self, inputs: int, outputs: int, settings: FactorisedSettings, reads: bool, attends: bool) -> None:
        super().__init__()
        head = settings.head_channels
        self.block = FactorisedResidualBlock(inputs, outputs, 4 * settings.base)
        self.to_text = TextAttention(outputs, settings.text_dim, head) if reads else None
        self.to_cells = CellAttention(outputs, head) if attends else None

    def forward(self, x: Tensor, condition: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        x = self.block(x, condition)
        if self.to_text is not None:
            x = self.to_text(x, tokens, mask)
        if self.to_cells is not None:
            x = self.to_cells(x)
        return x


class FactorisedUNet(nn.Module):
    """Predicts the noise in the latents of future frames from the first frame and a text; implements `Denoiser`.

    The first frame's latent is concatenated to every noisy one; timestep and pooled text are added in every block. Runs
    in the precision of its weights. Any number of frames will do; height and width must be halved between the levels.
    """

    prediction = Prediction.EPSILON

    def __init__(self, latent_channels: int, settings: FactorisedSettings) -> None:
        super().__init__()
        base, dim, self.settings = settings.base, 4 * settings.base, settings
        self.time = nn.Sequential(nn.Linear(base, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.text = TextPool(settings.text_dim, dim, settings.head_channels)
        self.stem = FactorisedConv(2 * latent_channels, base)
        widths = [base * factor for factor in settings.multipliers]
        self.down, skips = _down(widths, settings)
        self.shrink = nn.ModuleList(FactorisedConv(width, width, stride=2) for width in widths[:-1])
        attends, coarsest = (True, False), widths[-1]
        self.middle = nn.ModuleList(_Step(coarsest, coarsest, settings, reads=True, attends=a) for a in attends)
        self.up = _up(widths, skips, settings)
        self.grow = nn.ModuleList(FactorisedConv(width, width) for width in widths[:0:-1])
        self.norm, self.head = ClipNorm(base), FactorisedConv(base, latent_channels)
        nn.init.zeros_(self.head.spatial.weight)
        nn.init.zeros_(self.head.spatial.bias)

    def forward(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """See `Denoiser`: (b, f, c, h, w), (b,), text, (b, c, h, w) -> (b, f, c, h, w) float32."""
        dtype, frames = self.head.spatial.weight.dtype, noisy.shape[1]
        both = torch.cat([noisy, first_frame[:, None].expand_as(noisy)], 2).to(dtype)  # (b, f, 2 c, h, w)
        tokens = text.tokens.to(dtype)
        steps = self.time(timestep_embedding(timestep, self.settings.base).to(dtype))
        condition = functional.silu(steps + self.text(tokens, text.mask))
        x = self.stem(both.flatten(0, 1), frames)  # (b f, base, h, w)
        x = self._unet(x, frames, condition, tokens, text.mask)
        x = self.head(functional.silu(self.norm(x, frames)), frames)
        return x.unflatten(0, (-1, frames)).float()

    def _unet(self, x: Tensor, frames: int, *given: Tensor) -> Tensor:
        skips = [x]
        for index, level in enumerate(self.down):
            for step in level:
                x = self._run(step, x, *given)
                skips.append(x)
            if index < len(self.shrink):
                x = self.shrink[index](x, frames)
                skips.append(x)
        for step in self.middle:
            x = self._run(step, x, *given)
        for index, level in enumerate(self.up):
            for step in level:
                x = self._run(step, torch.cat([x, skips.pop()], 1), *given)
            if index < len(self.grow):
                x = self.grow[index](functional.interpolate(x, scale_factor=2.0, mode="nearest"), frames)
        return x

    def _run(self, step: nn.Module, x: Tensor, *given: Tensor) -> Tensor:
        if self.settings.gradient_checkpointing and torch.is_grad_enabled():
            recomputed: Tensor = checkpoint(step, x, *given, use_reentrant=False)
            return recomputed
        out: Tensor = step(x, *given)
        return out


def _down(widths: list[int], settings: FactorisedSettings) -> tuple[nn.ModuleList, list[int]]:
    """The levels from the finest on, and the channels of all that is kept for the way up, the stem's first."""
    levels, kept, channels = nn.ModuleList(), [settings.base], settings.base
    for index, width in enumerate(widths):
        level = nn.ModuleList()
        for block in range(settings.blocks):
            attends = index in settings.cell_attention
            level.append(_Step(channels, width, settings, reads=block == 0, attends=attends))
            channels = width
        levels.append(level)
        kept += [width] * (settings.blocks + (index < len(widths) - 1))
    return levels, kept


def _up(widths: list[int], kept: list[int], settings: FactorisedSettings) -> nn.ModuleList:
    """The levels from the coarsest on; each block reads what a block on the way down kept, one more the level's input."""
    levels, kept, channels = nn.ModuleList(), list(kept), widths[-1]
    for index, width in reversed(list(enumerate(widths))):
        level = nn.ModuleList()
        for block in range(settings.blocks + 1):
            attends = index in settings.cell_attention
            level.append(_Step(channels + kept.pop(), width, settings, reads=block == 0, attends=attends))
            channels = width
        levels.append(level)
    return levels
