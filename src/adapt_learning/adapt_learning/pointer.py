"""Says where in the first frame the thing is that a text names, and brings that to the middle of what a video model sees.

Inside a denoising loss words are learned late: most of a noisy clip can be denoised without them. Finding what is named
in a picture is learned in minutes (referring expressions, Kazemzadeh et al. 2014). What is left to the video model is to
act on what is in the middle (as with spatial transformers, Jaderberg et al. 2015): no word has to be learned for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

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


class Pointed(NamedTuple):
    """The `cell` (b, 2) int64, row and column, that fits best, and its `place` (b, 3): x and y from -1 to 1, and a 1.

    Where there is no text: the middle cell, and 0.
    """

    cell: Tensor
    place: Tensor

    def centred(self, x: Tensor) -> Tensor:
        """`x` (b, c, h, w) shifted so that the cell comes to the middle; what leaves on one side enters on the other."""
        return self._shifted(x, self.cell)

    def back(self, x: Tensor) -> Tensor:
        """The inverse of `centred`."""
        middle = torch.tensor([x.shape[2] // 2, x.shape[3] // 2], device=x.device)
        return self._shifted(x, 2 * middle - self.cell)

    @staticmethod
    def _shifted(x: Tensor, cell: Tensor) -> Tensor:
        b, _, h, w = x.shape
        rows = (torch.arange(h, device=x.device) + cell[:, :1] - h // 2) % h  # (b, h)
        columns = (torch.arange(w, device=x.device) + cell[:, 1:] - w // 2) % w  # (b, w)
        numbers = torch.arange(b, device=x.device)[:, None, None]
        return x[numbers, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)  # from (b, h, w, c)


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

    def forward(self, first_frame: Tensor, text: TextEmbedding) -> Pointed:
        """Where the text's thing is in `first_frame` (b, c, h, w)."""
        scores = self.scores(first_frame, text)
        h, w = scores.shape[1:]
        best = scores.flatten(1).argmax(-1)
        cell = torch.stack([best // w, best % w], 1)  # (b, 2)
        given = text.pooled.abs().amax(1, keepdim=True) > 0  # (b, 1)
        size = torch.tensor([h, w], device=cell.device)
        y, x = ((2 * cell + 1) / size - 1).unbind(1)
        place = torch.stack([x, y, torch.ones_like(x)], 1) * given
        return Pointed(torch.where(given, cell, size // 2), place)

    @torch.no_grad()
    def measure(self, texts: TextEmbedding) -> None:
        """Set `mean_text` from the training prompts."""
        self.mean_text.copy_(texts.pooled.mean(0))
