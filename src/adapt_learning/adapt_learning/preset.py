"""Presets: which models, how large, how they are trained and how plans are sampled; `config/models/<preset>.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from adapt_core.config import from_data, overridden
from adapt_core.errors import ConfigError
from adapt_core.model_presets import read_preset
from adapt_core.paths import config_file
from adapt_core.weights import WeightsRole
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from adapt_learning.codec import CompactCodecSettings
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.settings import NoiseSettings, SamplerSettings
from adapt_learning.factorised_unet import FactorisedSettings
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings
from adapt_learning.priors.animatediff import AnimateDiffSettings
from adapt_learning.priors.animatelcm import AnimateLcmSettings
from adapt_learning.priors.broad import BroadSettings
from adapt_learning.stable_diffusion_codec import StableDiffusionCodecSettings
from adapt_learning.text import TEXT_DIM
from adapt_learning.text_settings import MiniLmSettings, TextSettings
from adapt_learning.training.settings import TrainingSettings
from adapt_learning.video_unet import CompactSettings

CODEC_FACTOR = 8  # pixels per latent cell, each way

CodecSettings = Annotated[CompactCodecSettings | StableDiffusionCodecSettings, Field(discriminator="kind")]
PriorSettings = Annotated[
    BroadSettings | AnimateDiffSettings | AnimateLcmSettings,
    Field(discriminator="kind"),
]
InDomainSettings = Annotated[CompactSettings | FactorisedSettings, Field(discriminator="kind")]


@dataclass(frozen=True)
class MethodSettings:
    """What a method changes of the preset's sampler."""

    guidance_scale: PositiveFloat | None = None
    prior_strength: NonNegativeFloat | None = None
    demonstrated_strength: NonNegativeFloat | None = None


@dataclass(frozen=True)
class SharedWeights:
    """The weights of these `roles` are those of another `preset`, and are not trained again for this one."""

    preset: str
    roles: tuple[WeightsRole, ...]


@dataclass(frozen=True)
class Preset:
    """Everything about a family of models that share one latent space.

    `sampler` is complete; `methods` is where the numbers of another method than the preset's own come from.
    """

    name: str
    image_size: PositiveInt  # pixels, square
    future_frames: PositiveInt
    noise: NoiseSettings
    codec: CodecSettings
    prior: PriorSettings
    in_domain: InDomainSettings
    text: TextSettings  # of the in-domain model; a prior brings its own
    inverse_dynamics: InverseDynamicsSettings
    sampler: SamplerSettings
    training: TrainingSettings
    shares: SharedWeights | None = None
    methods: Mapping[Method, MethodSettings] = field(default_factory=dict)

    @property
    def latent_size(self) -> int:
        """Height and width of a latent frame."""
        return self.image_size // CODEC_FACTOR


def load_preset(name: str, overrides: Mapping[str, object] | None = None) -> Preset:
    """Read `config/models/<name>.yaml` and what it extends; `overrides` as in `adapt_core.config.load_yaml`.

    Raises ConfigError for unknown presets, keys and types, an image size that the models cannot halve, and a text encoder
    that the in-domain model cannot read.
    """
    path = config_file("models", f"{name}.yaml")
    given = {"name": name, **(overrides or {})}
    data = _of_method(overridden(read_preset(name), given), given)
    preset = from_data(data, Preset, str(path))
    _check_size(preset, str(path))
    _check_text(preset, str(path))
    return preset


def _of_method(data: Any, given: Mapping[str, object]) -> Any:
    """`data` with the sampler's numbers of its method, where they are not `given` themselves."""
    try:
        changes = data["methods"][data["sampler"]["method"]]
        changes = {f"sampler.{key}": value for key, value in changes.items()}
    except (KeyError, TypeError, AttributeError):  # no such table, or data that is refused soon
        return data
    return overridden(data, {key: value for key, value in changes.items() if key not in given})


def _check_size(preset: Preset, where: str) -> None:
    levels = 3 if isinstance(preset.in_domain, CompactSettings) else len(preset.in_domain.multipliers)
    multiple = CODEC_FACTOR * 2 ** (levels - 1)
    if preset.image_size % multiple:
        raise ConfigError(f"{where}: image_size: must be a multiple of {multiple}, not {preset.image_size}")


def _check_text(preset: Preset, where: str) -> None:
    model, is_minilm = preset.in_domain, isinstance(preset.text, MiniLmSettings)
    if isinstance(model, CompactSettings) and not is_minilm:
        raise ConfigError(f"{where}: text.kind: an in-domain model of the kind compact reads minilm only")
    if isinstance(model, FactorisedSettings) and is_minilm and model.text_dim != TEXT_DIM:
        raise ConfigError(f"{where}: in_domain.text_dim: must be {TEXT_DIM} for minilm, not {model.text_dim}")
