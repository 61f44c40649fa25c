"""Presets: the sizes of the models, how they are trained and how plans are sampled; `config/models/<preset>.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.config import load_yaml
from adapt_core.errors import ConfigError
from adapt_core.paths import config_file
from pydantic import NonNegativeFloat, PositiveInt

from adapt_learning.diffusion.settings import NoiseSettings, SamplerSettings
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings
from adapt_learning.training.settings import TrainingSettings

CODEC_FACTOR = 8  # pixels per latent cell, each way


@dataclass(frozen=True)
class CodecSettings:
    """Latent channels, network width, weight of the KL term and extra weight of the pixels that move."""

    latent_channels: PositiveInt
    width: PositiveInt
    kl_weight: NonNegativeFloat
    motion_weight: NonNegativeFloat


@dataclass(frozen=True)
class VideoSettings:
    """Width of the U-Net's finest level (a multiple of 8) and attention heads, for both video models."""

    width: PositiveInt
    heads: PositiveInt


@dataclass(frozen=True)
class Preset:
    """Everything about a family of models that share one latent space."""

    name: str
    image_size: PositiveInt  # pixels, square
    future_frames: PositiveInt
    noise: NoiseSettings
    codec: CodecSettings
    prior: VideoSettings
    in_domain: VideoSettings
    inverse_dynamics: InverseDynamicsSettings
    sampler: SamplerSettings
    training: TrainingSettings

    @property
    def latent_size(self) -> int:
        """Height and width of a latent frame."""
        return self.image_size // CODEC_FACTOR


def load_preset(name: str, overrides: dict[str, object] | None = None) -> Preset:
    """Read `config/models/<name>.yaml`; `overrides` as in `adapt_core.config.load_yaml`.

    Raises ConfigError for unknown presets, keys and types, and for an image size that the codec cannot halve thrice.
    """
    path = config_file("models", f"{name}.yaml")
    preset = load_yaml(path, Preset, {"name": name, **(overrides or {})})
    if preset.image_size % (CODEC_FACTOR * 4):
        raise ConfigError(f"{path}: image_size: must be a multiple of {CODEC_FACTOR * 4}, not {preset.image_size}")
    return preset
