"""AnimateLCM (Wang et al. 2024): AnimateDiff distilled to a few steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import NonNegativeFloat

from adapt_learning.priors.motion_prior import LoraSource, load_motion_prior
from adapt_learning.video_prior import VideoPrior

_LORA_FILE = "AnimateLCM_sd15_t2v_lora.safetensors"


@dataclass(frozen=True)
class AnimateLcmSettings:
    """Where its parts come from, each a hub id or a folder laid out as the hub lays it out."""

    kind: Literal["animatelcm"]
    base: str = "emilianJR/epiCRealism"
    motion_adapter: str = "wangfuyun/AnimateLCM"
    lcm_lora: str = "wangfuyun/AnimateLCM"
    lcm_lora_scale: NonNegativeFloat = 0.8
    sparse_control: str = "guoyww/animatediff-sparsectrl-rgb"
    sparse_control_scale: NonNegativeFloat = 1.0
    negative_prompt: str = "bad quality, worse quality"


def load_animatelcm(settings: AnimateLcmSettings, device: torch.device | str, dtype: torch.dtype) -> VideoPrior:
    """Raises WeightsError for what cannot be had."""
    lora = LoraSource(settings.lcm_lora, _LORA_FILE, settings.lcm_lora_scale)
    return load_motion_prior(settings, lora, device, dtype)
