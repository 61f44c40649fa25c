"""The small video denoiser of the embedded models: a 2D U-Net that reads the frames of a clip as channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from adapt_learning.diffusion.denoiser import Prediction, TextEmbedding
from adapt_learning.layers import Attention, ResidualBlock, normalisation, timestep_embedding
from adapt_learning.text import TEXT_DIM


@dataclass(frozen=True)
class CompactSettings:
    """Width of the U-Net's finest level (a multiple of 8) and attention heads."""

    kind: Literal["compact"]
    width: PositiveInt
    heads: PositiveInt


class _Level(nn.Module):
    """Residual blocks, then attention of the cells to each other and to the text's tokens."""

    def __init__(self, inputs: list[int], outputs: int, condition_dim: int, heads: int, attends: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(width, outputs, condition_dim) for width in inputs)
        self.among_cells = Attention(outputs, heads) if attends else None
        self.to_text = Attention(outputs, heads, TEXT_DIM) if attends else None

    def block(self, index: int, x: Tensor, condition: Tensor) -> Tensor:
        hidden: Tensor = self.blocks[index](x, condition)
        return hidden

    def attend(self, x: Tensor, text: TextEmbedding) -> Tensor:
        if self.among_cells is None or self.to_text is None:
            return x
        hidden: Tensor = self.to_text(self.among_cells(x), text.tokens, text.mask)
        return hidden


class VideoUNet(nn.Module):
    """Predicts the velocity of the noisy residuals z_k - z_0 of `frames` future frames from the first frame and a text.

    Frames are channels of one 2D U-Net (three levels of `width`, 2 `width`, 2 `width`); time step and sentence modulate
    every block (FiLM), tokens are attended to at the two coarser levels. Implements the `Denoiser` port.
    """

    prediction = Prediction.V

    def __init__(self, frames: int, latent_channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.frames, self.latent_channels = frames, latent_channels
        fine, coarse, dim = width, 2 * width, 4 * width
        self.time = nn.Sequential(nn.Linear(width, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.sentence = nn.Sequential(nn.Linear(TEXT_DIM, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.stem = nn.Conv2d((frames + 1) * latent_channels, fine, 3, padding=1)
        self.down_fine = _Level([fine, fine], fine, dim, heads, attends=False)
        self.halve_fine = nn.Conv2d(fine, fine, 3, stride=2, padding=1)
        self.down_coarse = _Level([fine, coarse], coarse, dim, heads, attends=True)
        self.halve_coarse = nn.Conv2d(coarse, coarse, 3, stride=2, padding=1)
        self.middle = _Level([coarse, coarse], coarse, dim, heads, attends=True)
        self.up_coarse = _Level([2 * coarse, coarse], coarse, dim, heads, attends=True)
        self.up_fine = _Level([coarse + fine, fine], fine, dim, heads, attends=False)
        self.head = nn.Sequential(
            normalisation(fine), nn.SiLU(), nn.Conv2d(fine, frames * latent_channels, 3, padding=1)
        )

    def forward(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """See `Denoiser`: (b, f, c, h, w), (b,), text, (b, c, h, w) -> (b, f, c, h, w)."""
        b, f, c, h, w = noisy.shape
        x = torch.cat([noisy.reshape(b, f * c, h, w), first_frame], 1)  # (b, (f + 1) c, h, w)
        condition = self.time(timestep_embedding(timestep, self.time[0].in_features)) + self.sentence(text.pooled)
        velocity = self._unet(self.stem(x), functional.silu(condition), text)
        return velocity.reshape(b, f, c, h, w).float()

    def _unet(self, x: Tensor, condition: Tensor, text: TextEmbedding) -> Tensor:
        fine = self._run(self.down_fine, x, condition, text)  # (b, width, h, w)
        coarse = self._run(self.down_coarse, self.halve_fine(fine), condition, text)  # (b, 2 width, h / 2, w / 2)
        x = self._run(self.middle, self.halve_coarse(coarse), condition, text)  # (b, 2 width, h / 4, w / 4)
        x = self._run(self.up_coarse, torch.cat([_double(x), coarse], 1), condition, text)
        x = self._run(self.up_fine, torch.cat([_double(x), fine], 1), condition, text)
        out: Tensor = self.head(x)
        return out

    @staticmethod
    def _run(level: _Level, x: Tensor, condition: Tensor, text: TextEmbedding) -> Tensor:
        for index in range(len(level.blocks)):
            x = level.block(index, x, condition)
        return level.attend(x, text)


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
