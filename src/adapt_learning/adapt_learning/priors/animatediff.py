"""AnimateDiff (Guo et al. 2023) on Stable Diffusion 1.5, steered by the first frame through SparseCtrl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import NonNegativeFloat

from adapt_learning.priors.motion_prior import LoraSource, load_motion_prior
from adapt_learning.video_prior import VideoPrior

_LORA_FILE = "diffusion_pytorch_model.safetensors"


@dataclass(frozen=True)
class AnimateDiffSettings:
    """Where its parts come from, each a hub id or a folder laid out as the hub lays it out."""

    kind: Literal["animatediff"]
    base: str = "sd-legacy/stable-diffusion-v1-5"
    motion_adapter: str = "guoyww/animatediff-motion-adapter-v1-5-3"
    motion_lora: str | None = "guoyww/animatediff-motion-lora-v1-5-3"
    motion_lora_scale: NonNegativeFloat = 1.0
    sparse_control: str = "guoyww/animatediff-sparsectrl-rgb"
    sparse_control_scale: NonNegativeFloat = 1.0
    negative_prompt: str = "bad quality, worse quality"


def load_animatediff(settings: AnimateDiffSettings, device: torch.device | str, dtype: torch.dtype) -> VideoPrior:
    """Raises WeightsError for what cannot be had."""
    lora = settings.motion_lora and LoraSource(settings.motion_lora, _LORA_FILE, settings.motion_lora_scale)
    return load_motion_prior(settings, lora or None, device, dtype)
