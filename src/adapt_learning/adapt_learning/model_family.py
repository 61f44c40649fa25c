"""The models of one preset, built and wired: a preset's name in, the ports out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import torch
from adapt_core.types import WorldSpec
from adapt_core.weights import WeightsRole, WeightsStore

from adapt_learning.clip_text import load_clip_encoder
from adapt_learning.codec import CompactCodecSettings
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.embedded_weights import WeightsPlace, embedded_folder, embedded_version, weights_place
from adapt_learning.factorised_unet import FactorisedSettings
from adapt_learning.improvable_inverse_dynamics import FinetunedInverseDynamics
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.inverse_dynamics import LearnedInverseDynamics
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_versions import InverseDynamicsVersions
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.layers import place
from adapt_learning.planner import ComposedVideoPlanner
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.animatediff import AnimateDiffSettings, load_animatediff
from adapt_learning.priors.animatelcm import load_animatelcm
from adapt_learning.priors.broad import BroadSettings, load_broad
from adapt_learning.stable_diffusion_codec import load_stable_diffusion_codec
from adapt_learning.text import TextEncoder, shared_encoder
from adapt_learning.text_settings import ClipSettings
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.stages import attach_vc1, build_codec, build_inverse_dynamics
from adapt_learning.training.trainer import LocalTrainer
from adapt_learning.video_prior import VideoPrior
from adapt_learning.weights_file import load_weights


class ModelFamily:
    """One preset's models on `device`.

    What this project trains is read from `folder`, the package's own when None; other people's networks come from the
    folders and hub ids that the preset names. Models are loaded when they are asked for: a robot that only follows plans
    never loads a video model, a trainer never loads the prior.
    """

    def __init__(
        self,
        preset: str | Preset = "tiny",
        overrides: Mapping[str, object] | None = None,
        device: torch.device | str = "cpu",
        folder: Path | None = None,
    ) -> None:
        """`overrides` change the preset, e.g. {"sampler.method": "in_domain"}. Raises ConfigError."""
        self.preset = preset if isinstance(preset, Preset) else load_preset(preset, overrides)
        self.device = torch.device(device)
        self.folder = folder or embedded_folder(self.preset.name)

    @property
    def version(self) -> str:
        """The version name of the in-domain weights in `folder`: what planning and SAIL begin with."""
        return embedded_version(self.preset.name)

    def codec(self) -> LatentCodec:
        """The codec. Raises WeightsError."""
        settings = self.preset.codec
        if isinstance(settings, CompactCodecSettings):
            return place(load_weights(build_codec(self.preset), *self._place(WeightsRole.CODEC)), self.device)
        return load_stable_diffusion_codec(settings, self.device, self._foreign_dtype())

    def prior(self) -> VideoPrior:
        """The video prior. Raises WeightsError."""
        settings = self.preset.prior
        if isinstance(settings, BroadSettings):
            return load_broad(self.preset, self._place(WeightsRole.PRIOR), self.device)
        if isinstance(settings, AnimateDiffSettings):
            return load_animatediff(settings, self.device, self._foreign_dtype())
        return load_animatelcm(settings, self.device, self._foreign_dtype())

    @cached_property
    def text_encoder(self) -> TextEncoder:
        """The encoder of the in-domain model's prompts; kept, with the prompts it knows. Raises WeightsError."""
        settings = self.preset.text
        return (
            load_clip_encoder(settings.model, self.device) if isinstance(settings, ClipSettings) else shared_encoder()
        )

    def inverse_dynamics_net(self) -> InverseDynamicsNet:
        """The inverse dynamics network. Raises WeightsError."""
        model = load_weights(build_inverse_dynamics(self.preset), *self._place(WeightsRole.INVERSE_DYNAMICS))
        attach_vc1(model, self.preset.inverse_dynamics)
        return place(model, self.device)

    def versions(self, space: str, store: WeightsStore | None = None, serving: bool = False) -> InDomainVersions:
        """The in-domain weights in `folder` and in `store`, all of latent space `space`.

        float32 for training, in the precision of the preset's plans for `serving`.
        """
        settings = self.preset.in_domain
        half = serving and isinstance(settings, FactorisedSettings) and settings.precision == "bf16"
        return InDomainVersions(self.preset, space, store, self.folder, torch.bfloat16 if half else torch.float32)

    def planner(self, store: WeightsStore | None = None, version: str | None = None) -> ComposedVideoPlanner:
        """A planner that serves `version` (the one in `folder` when None). Raises WeightsError."""
        codec = self.codec()
        versions = self.versions(codec.space, store, serving=True)
        prior = None if self.preset.sampler.method is Method.IN_DOMAIN else self.prior()
        return ComposedVideoPlanner(self.preset, codec, prior, versions, version or self.version, self.text_encoder)

    def inverse_dynamics(self, world: WorldSpec, frame_skip: int) -> LearnedInverseDynamics:
        """Inverse dynamics for `world`, each action pursued for `frame_skip` control steps. Raises ConfigError."""
        return LearnedInverseDynamics(self.inverse_dynamics_net(), self.preset.inverse_dynamics, world, frame_skip)

    def improvable_inverse_dynamics(
        self, world: WorldSpec, frame_skip: int, store: WeightsStore, trainer: LocalTrainer
    ) -> FinetunedInverseDynamics:
        """The same, finetuned beside the in-domain model by `trainer`. Raises ConfigError, WeightsError."""
        versions = InverseDynamicsVersions(self.preset, self.folder, store)
        return FinetunedInverseDynamics(versions, self.version, world, frame_skip, trainer.cache, trainer.folder)

    def trainer(self, store: WeightsStore, folder: Path, latents: Path | None = None) -> LocalTrainer:
        """A trainer that writes to `store` and keeps checkpoints and scalars in `folder`. Raises WeightsError.

        Encoded episodes are kept in `latents`, which several trainers may share, or in `folder`.
        """
        cache = LatentCache(self.codec(), latents or folder / "latents")
        return LocalTrainer(self.versions(cache.codec.space, store), cache, self.text_encoder, folder)

    def _foreign_dtype(self) -> torch.dtype:
        """Precision of other people's networks: the papers' on a GPU, the only fast one on a CPU."""
        return torch.float16 if self.device.type == "cuda" else torch.float32

    def _place(self, role: WeightsRole) -> WeightsPlace:
        return weights_place(self.preset, role, self.folder)
