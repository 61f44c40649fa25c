"""Says where in the first frame the thing is that a text names: a map that a video model reads as one more channel.

Inside a denoising loss words are learned late: most of a noisy clip can be denoised without them. Finding what is named
in a picture is learned in minutes (referring expressions, Kazemzadeh et al. 2014), and what is left to the video model is
to go where the map points.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.layers import ResidualBlock, normalisation
from adapt_learning.text import TEXT_DIM

_BLOCKS = 2


@dataclass(frozen=True)
class PointerSettings:
    """Features of an image cell, and of a text (a multiple of 8)."""

    width: PositiveInt


class Pointer(nn.Module):
    """Compares what is in each cell of an image with a text, as CLIP compares whole images (Radford et al. 2021).

    `mean_text` (d,), that of all prompts, is subtracted from a text's embedding: sentences that differ in one word are
    nearly alike before. It is measured on training data and travels with the weights.
    """

    mean_text: Tensor

    def __init__(self, latent_channels: int, width: int) -> None:
        super().__init__()
        self.image = nn.Sequential(
            nn.Conv2d(latent_channels, width, 3, padding=1),
            *(ResidualBlock(width, width) for _ in range(_BLOCKS)),
            normalisation(width),
            nn.SiLU(),
            nn.Conv2d(width, width, 1),
        )
        self.text = nn.Linear(TEXT_DIM, width)
        self.register_buffer("mean_text", torch.zeros(TEXT_DIM))

    def scores(self, first_frame: Tensor, text: TextEmbedding) -> Tensor:
        """How well each cell of `first_frame` (b, c, h, w) fits the text: (b, h, w), any number."""
        cells = self.image(first_frame)  # (b, width, h, w)
        wanted = self.text(text.pooled - self.mean_text)  # (b, width)
        return torch.einsum("bchw,bc->bhw", cells, wanted).float()

    def forward(self, first_frame: Tensor, text: TextEmbedding) -> Tensor:
        """The map (b, 1, h, w): 1 in the cell that fits best, the others in proportion; 0 where there is no text."""
        scores = self.scores(first_frame, text)
        relative = (scores - scores.amax((1, 2), keepdim=True)).exp()
        given = text.pooled.abs().amax(1) > 0  # (b,)
        return (relative * given[:, None, None])[:, None]

    @torch.no_grad()
    def measure(self, texts: TextEmbedding) -> None:
        """Set `mean_text` from the training prompts."""
        self.mean_text.copy_(texts.pooled.mean(0))
