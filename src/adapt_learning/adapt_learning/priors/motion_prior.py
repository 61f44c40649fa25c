"""Priors of one kind: a Stable Diffusion U-Net with motion modules, steered by the first frame through SparseCtrl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from adapt_core.errors import WeightsError
from torch import nn

from adapt_learning.clip_text import ClipTextEncoder, load_clip_encoder
from adapt_learning.hub import load_network, locate, quiet
from adapt_learning.layers import place
from adapt_learning.priors.animatediff_denoiser import AnimateDiffDenoiser
from adapt_learning.priors.lora import fuse_lora
from adapt_learning.priors.sparse_control import FirstFrameControl
from adapt_learning.stable_diffusion_codec import STABLE_DIFFUSION_SPACE
from adapt_learning.video_prior import VideoPrior

_LATENT_CHANNELS = 4


@dataclass(frozen=True)
class LoraSource:
    """The file of a low-rank adaptation in a hub id or folder, and how strongly it is added."""

    source: str
    file: str
    scale: float


class MotionPriorSettings(Protocol):
    """Hub ids or folders: `base` with `unet`, `text_encoder` and `tokenizer`; motion adapter; SparseCtrl on latents."""

    @property
    def base(self) -> str: ...

    @property
    def motion_adapter(self) -> str: ...

    @property
    def sparse_control(self) -> str: ...

    @property
    def sparse_control_scale(self) -> float: ...

    @property
    def negative_prompt(self) -> str: ...


def load_motion_prior(
    settings: MotionPriorSettings, lora: LoraSource | None, device: torch.device | str, dtype: torch.dtype
) -> VideoPrior:
    """The prior with its networks in `dtype` (text in float32), `lora` fused. Raises WeightsError, ConfigError."""
    from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel

    encoder = load_clip_encoder(settings.base, device, subfolders=True, empty=settings.negative_prompt)
    unet = load_network(UNet2DConditionModel, settings.base, "unet", dtype)
    unet = with_motion(unet, load_network(MotionAdapter, settings.motion_adapter, "", dtype))
    if lora is not None:
        fuse_lora(unet, locate(lora.source, "", [lora.file]) / lora.file, lora.scale)
    control = load_network(SparseControlNetModel, settings.sparse_control, "", dtype)
    return make_motion_prior(unet, FirstFrameControl(control, settings.sparse_control_scale), encoder, device)


def with_motion(unet: Any, adapter: Any) -> Any:
    """A UNetMotionModel of a UNet2DConditionModel and a MotionAdapter; it shares their weights, none is copied.

    Raises WeightsError when the two do not fit each other.
    """
    from diffusers import UNetMotionModel

    try:
        with quiet():
            with torch.device("meta"):
                joined = UNetMotionModel.from_unet2d(unet, adapter, load_weights=False)
            joined.load_state_dict({**unet.state_dict(), **adapter.state_dict()}, assign=True)
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(
            f"the motion adapter does not fit the U-Net ({reason}): take one for Stable Diffusion 1.5"
        ) from error
    return joined


def make_motion_prior(
    unet: Any, control: FirstFrameControl, encoder: ClipTextEncoder, device: torch.device | str
) -> VideoPrior:
    """The prior of parts in memory, placed on `device`. Raises WeightsError for parts that do not fit together."""
    _check_fit(unet, control.network, encoder)
    with quiet():
        denoiser = place(AnimateDiffDenoiser(unet, control).eval().requires_grad_(False), device)
    parameters = sum(value.numel() for part in (denoiser, encoder.network) for value in part.parameters())
    return VideoPrior(denoiser, encoder, STABLE_DIFFUSION_SPACE, context_frames=1, parameters=parameters)


def _check_fit(unet: Any, control: Any, encoder: ClipTextEncoder) -> None:
    if (unet.config.in_channels, unet.config.out_channels) != (_LATENT_CHANNELS, _LATENT_CHANNELS):
        raise WeightsError(
            f"the U-Net reads {unet.config.in_channels} channels, not 4 of latents: take a plain text-to-image one"
        )
    if encoder.width != unet.config.cross_attention_dim:
        widths = f"{encoder.width} features, the U-Net reads {unet.config.cross_attention_dim}"
        raise WeightsError(f"the text encoder gives {widths}: take both from one model")
    config = control.config
    on_latents = config.use_simplified_condition_embedding and config.concat_conditioning_mask
    if not on_latents or config.conditioning_channels != _LATENT_CHANNELS:
        raise WeightsError("the SparseCtrl model is not conditioned on an image's latents: take the RGB one")
    if _shape(control) != _shape(unet):
        raise WeightsError(f"SparseCtrl is of shape {_shape(control)}, the U-Net {_shape(unet)}: take parts that fit")


def _shape(network: nn.Module) -> tuple[Any, ...]:
    """Channels and blocks of the way down, and the width of a text's tokens."""
    blocks = [len(block.resnets) for block in network.down_blocks]
    return (*network.config.block_out_channels, *blocks, network.config.cross_attention_dim)
