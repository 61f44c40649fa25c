"""The port through which every video model is called, whoever made it.

A foreign model is wrapped once to this signature; samplers and compositions never know whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor


class Prediction(StrEnum):
    """What a denoiser returns, with x_t = alpha * x_0 + sigma * epsilon."""

    EPSILON = "epsilon"  # the noise
    V = "v"  # the velocity alpha * epsilon - sigma * x_0 (Salimans and Ho 2022, appendix D)
    FLOW = "flow"  # the flow epsilon - x_0, where alpha = 1 - sigma (Lipman et al. 2023; Liu et al. 2023)


@dataclass(frozen=True)
class TextEmbedding:
    """Embedded prompts of one text encoder.

    `tokens` (b, l, d) float, `mask` (b, l) bool (True where there is a token), `pooled` (b, d) float.
    """

    tokens: Tensor
    mask: Tensor
    pooled: Tensor

    def where(self, keep: Tensor, other: TextEmbedding) -> TextEmbedding:
        """These rows where `keep` (b,) bool is True, those of `other` elsewhere."""
        rows = keep[:, None]
        return TextEmbedding(
            torch.where(rows[..., None], self.tokens, other.tokens),
            torch.where(rows, self.mask, other.mask),
            torch.where(rows, self.pooled, other.pooled),
        )

    def __getitem__(self, index: Tensor) -> TextEmbedding:
        """The rows of `index` (n,) int64."""
        return TextEmbedding(self.tokens[index], self.mask[index], self.pooled[index])

    def to(self, device: torch.device | str) -> TextEmbedding:
        """The same on `device`."""
        return TextEmbedding(self.tokens.to(device), self.mask.to(device), self.pooled.to(device))


def join_texts(first: TextEmbedding, second: TextEmbedding) -> TextEmbedding:
    """Both batches, one after the other."""
    return TextEmbedding(
        torch.cat([first.tokens, second.tokens]),
        torch.cat([first.mask, second.mask]),
        torch.cat([first.pooled, second.pooled]),
    )


class Denoiser(Protocol):
    """A video diffusion model in the latent space of its codec."""

    @property
    def prediction(self) -> Prediction:
        """What the model returns."""
        ...

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """Predict from `noisy` (b, f, c, h, w) at `timestep` (b,) int64, `text` (b rows), `first_frame` (b, c, h, w).

        Returns (b, f, c, h, w) float, of the kind that `prediction` says.
        """
        ...


@runtime_checkable
class PlanDenoiser(Denoiser, Protocol):
    """A denoiser of which some part depends on the timestep, the text and the first frame only."""

    def for_plan(self, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]) -> Denoiser:
        """A denoiser for these (b rows) at these timesteps, with that part computed already.

        It is called with the very `text` and `first_frame` given here.
        """
        ...
