"""AnimateDiff with SparseCtrl as one denoiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from adapt_learning.diffusion.denoiser import Denoiser, Prediction, TextEmbedding
from adapt_learning.priors.sparse_control import FirstFrameControl, PlannedControl, Residuals


class AnimateDiffDenoiser(nn.Module):
    """A UNetMotionModel that imagines the observation and the frames after it. Implements `PlanDenoiser`.

    Predicts noise in the networks' dtype; latents come and go as float32. Texts are attended to with their padding, as
    Stable Diffusion was trained.
    """

    prediction = Prediction.EPSILON

    def __init__(self, unet: Any, control: FirstFrameControl) -> None:
        """`unet` is diffusers' UNetMotionModel."""
        super().__init__()
        self.unet, self.control = unet, control

    def forward(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """See `Denoiser`: (b, f, c, h, w), (b,), text, (b, c, h, w) -> (b, f, c, h, w)."""
        return self.denoise(noisy, timestep, text, self.control(noisy.shape[1], timestep, text, first_frame))

    def for_plan(self, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]) -> Denoiser:
        """See `PlanDenoiser`; SparseCtrl is evaluated once a timestep, for several timesteps together."""
        return _PlannedDenoiser(self, PlannedControl(self.control, text, first_frame, timesteps))

    def denoise(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, residuals: Residuals) -> Tensor:
        """The noise in `noisy` (b, f, c, h, w), steered by `residuals`."""
        predicted = self.unet(
            noisy.to(self.unet.dtype).transpose(1, 2),  # (b, c, f, h, w)
            timestep,
            encoder_hidden_states=text.tokens.to(self.unet.dtype).repeat_interleave(noisy.shape[1], 0),  # (b f, l, d)
            down_block_additional_residuals=residuals.down,
            mid_block_additional_residual=residuals.middle,
            return_dict=False,
        )[0]
        return torch.as_tensor(predicted).transpose(1, 2).float()  # (b, f, c, h, w)


class _PlannedDenoiser:
    """The denoiser of one plan; all rows are at the same timestep."""

    prediction = Prediction.EPSILON

    def __init__(self, denoiser: AnimateDiffDenoiser, control: PlannedControl) -> None:
        self._denoiser, self._control = denoiser, control

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        residuals = self._control.at(int(timestep[0]), noisy.shape[1])
        return self._denoiser.denoise(noisy, timestep, text, residuals)
