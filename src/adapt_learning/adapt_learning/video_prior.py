"""A broad video model with everything that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_learning.diffusion.denoiser import Denoiser
from adapt_learning.text import TextEncoder


@dataclass(frozen=True)
class VideoPrior:
    """A prior as a composition needs it; `adapt_learning.priors` makes them.

    `encoder` embeds its prompts (its "no text" may be a negative prompt); `space` is the latent space it was trained in;
    `context_frames` is how many frames it denoises before the imagined ones, to be thrown away: 1 for models that draw
    the observation itself as their first frame, else 0. `parameters` counts all its networks but the codec.
    """

    denoiser: Denoiser
    encoder: TextEncoder
    space: str
    context_frames: int
    parameters: int
