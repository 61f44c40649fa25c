"""SparseCtrl (Guo et al. 2023b): the first frame's influence on a motion U-Net, as residuals of its skip connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from adapt_learning.diffusion.denoiser import TextEmbedding

# Of one video of 9 frames of 512 x 512 a timestep's residuals take 120 MB in half precision, those of a plan with two
# prompts and 25 steps 6 GB: as many timesteps are prepared at once as there is room for this many videos.
_VIDEOS_AT_ONCE = 8


@dataclass(frozen=True)
class Residuals:
    """What is added to the U-Net's skips, each (b f, c, h, w), and to its middle block's output."""

    down: tuple[Tensor, ...]
    middle: Tensor


class FirstFrameControl(nn.Module):
    """A SparseControlNetModel that sees the first frame's latent in frame 0, and nothing in the others (mask 0).

    The network ignores the noisy sample: its residuals depend on timestep, text and first frame alone.
    """

    def __init__(self, network: Any, scale: float) -> None:
        """`network` is diffusers' SparseControlNetModel, conditioned on latents; `scale` multiplies its residuals."""
        super().__init__()
        self.network, self.scale = network, scale

    def forward(self, frames: int, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Residuals:
        """Residuals for videos of `frames` frames at `timestep` (b,), `text` (b rows), `first_frame` (b, c, h, w)."""
        first = first_frame.to(self.network.dtype)
        b, c, h, w = first.shape
        condition, mask = first.new_zeros(b, c, frames, h, w), first.new_zeros(b, 1, frames, h, w)
        condition[:, :, 0], mask[:, :, 0] = first, 1
        down, middle = self.network(
            condition,  # instead of a noisy sample; only its shape matters
            timestep,
            encoder_hidden_states=text.tokens.to(first.dtype).repeat_interleave(frames, 0),  # (b f, l, d)
            controlnet_cond=condition,
            conditioning_mask=mask,
            conditioning_scale=self.scale,
            return_dict=False,
        )
        return Residuals(tuple(down), middle)


class PlannedControl:
    """The residuals of one plan, each timestep's computed once, several timesteps in one evaluation."""

    def __init__(
        self, control: FirstFrameControl, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]
    ) -> None:
        """For `text` (b rows) and `first_frame` (b, c, h, w) at `timesteps`, in the order in which they are asked for."""
        self._control, self._text, self._first_frame = control, text, first_frame
        self._timesteps = list(timesteps)
        self._ready: dict[int, Residuals] = {}

    def at(self, timestep: int, frames: int) -> Residuals:
        """Residuals at `timestep` for videos of `frames` frames. Raises ValueError for one that was not planned."""
        if timestep not in self._ready:
            start = self._timesteps.index(timestep)
            together = max(1, _VIDEOS_AT_ONCE // len(self._first_frame))
            self._ready = {}  # makes room first
            self._ready = self._compute(self._timesteps[start : start + together], frames)
        return self._ready[timestep]

    @torch.no_grad()
    def _compute(self, timesteps: list[int], frames: int) -> dict[int, Residuals]:
        b, n = len(self._first_frame), len(timesteps)
        device = self._first_frame.device
        rows = torch.arange(b).repeat(n)  # (n b,)
        timestep = torch.tensor(timesteps, device=device).repeat_interleave(b)
        found = self._control(frames, timestep, self._text[rows.to(device)], self._first_frame[rows.to(device)])
        down = zip(*(part.chunk(n) for part in found.down), strict=True)  # n times (b f, c, h, w) of each skip
        pairs = zip(down, found.middle.chunk(n), strict=True)
        return {now: Residuals(*pair) for now, pair in zip(timesteps, pairs, strict=True)}
