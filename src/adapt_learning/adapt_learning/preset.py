"""Presets: the sizes of the models, how they are trained and how plans are sampled; `config/models/<preset>.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapt_core.config import load_yaml
from adapt_core.errors import ConfigError
from adapt_core.paths import config_file
from adapt_core.types import ActionSpace
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.schedule import ScheduleKind

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
class InverseDynamicsSettings:
    """Network width; what is predicted; for `raw`, how many numbers an action has (0 for `end_effector`)."""

    width: PositiveInt
    space: ActionSpace
    raw_dim: NonNegativeInt = 0


@dataclass(frozen=True)
class NoiseSettings:
    """The noise schedule that both video models share."""

    kind: ScheduleKind
    timesteps: PositiveInt


@dataclass(frozen=True)
class SamplerSettings:
    """How plans are sampled; see `adapt_learning.diffusion.compose` for the three numbers of a composition."""

    method: Method
    steps: PositiveInt
    guidance_scale: PositiveFloat
    prior_strength: NonNegativeFloat
    normalised: bool


@dataclass(frozen=True)
class TrainSettings:
    """One training: AdamW steps, examples a step, peak learning rate (linear warm-up, then cosine or constant).

    `ema` is the decay of the averaged weights that are kept; `text_dropout` the share of examples whose text is left
    out; `checkpoint_every` in steps; `bf16` runs forward passes in bfloat16.
    """

    steps: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    warmup: NonNegativeInt
    decay: Literal["cosine", "constant"]
    ema: NonNegativeFloat
    checkpoint_every: PositiveInt
    bf16: bool
    text_dropout: NonNegativeFloat = 0.0
    weight_decay: NonNegativeFloat = 0.01


@dataclass(frozen=True)
class TrainingSettings:
    """The four trainings of a preset; `finetune` holds what a finetuning request leaves open."""

    codec: TrainSettings
    prior: TrainSettings
    in_domain: TrainSettings
    inverse_dynamics: TrainSettings
    finetune: TrainSettings


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
