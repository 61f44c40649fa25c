"""The models that come with this package, built and wired: a preset's name in, the ports out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from adapt_core.types import WorldSpec
from adapt_core.weights import WeightsRole, WeightsStore

from adapt_learning.codec import Codec
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.frame_pair_net import FramePairNet
from adapt_learning.in_domain_versions import InDomainVersions, embedded_folder, embedded_version
from adapt_learning.inverse_dynamics import LearnedInverseDynamics
from adapt_learning.layers import place
from adapt_learning.planner import ComposedVideoPlanner
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.broad import build_broad_prior
from adapt_learning.text import shared_encoder
from adapt_learning.training.stages import build_codec, build_inverse_dynamics
from adapt_learning.training.trainer import LocalTrainer
from adapt_learning.video_prior import VideoPrior
from adapt_learning.video_unet import VideoUNet
from adapt_learning.weights_file import load_weights, weights_name


class Embedded:
    """One preset with its shipped weights, on `device`; `folder` is where they lie when not in the package.

    Models are read from disk when they are asked for; a robot that only follows plans never loads a video model.
    """

    def __init__(
        self,
        preset: str | Preset = "tiny",
        overrides: Mapping[str, object] | None = None,
        device: torch.device | str = "cpu",
        folder: Path | None = None,
    ) -> None:
        """`overrides` change the preset, e.g. {"sampler.method": "in_domain"}. Raises ConfigError."""
        self.preset = preset if isinstance(preset, Preset) else load_preset(preset, dict(overrides or {}))
        self.device = device
        self.folder = folder or embedded_folder(self.preset.name)

    @property
    def version(self) -> str:
        """The version name of the embedded in-domain weights: what planning and SAIL begin with."""
        return embedded_version(self.preset.name)

    def codec(self) -> Codec:
        """The codec. Raises WeightsError."""
        model = load_weights(build_codec(self.preset), *self._place(WeightsRole.CODEC))
        return place(model, self.device)

    def prior(self) -> VideoUNet:
        """The broad prior. Raises WeightsError."""
        model = load_weights(build_broad_prior(self.preset), *self._place(WeightsRole.PRIOR))
        return place(model, self.device)

    def inverse_dynamics_net(self) -> FramePairNet:
        """The inverse dynamics network. Raises WeightsError."""
        model = load_weights(build_inverse_dynamics(self.preset), *self._place(WeightsRole.INVERSE_DYNAMICS))
        return place(model, self.device)

    def versions(self, store: WeightsStore | None = None) -> InDomainVersions:
        """The in-domain weights: embedded and of `store`."""
        return InDomainVersions(self.preset, store, self.folder)

    def planner(self, store: WeightsStore | None = None, version: str | None = None) -> ComposedVideoPlanner:
        """A planner that serves `version` (the embedded one when None). Raises WeightsError."""
        versions, codec = self.versions(store), self.codec()
        prior = None if self.preset.sampler.method is Method.IN_DOMAIN else self.video_prior(codec.space)
        return ComposedVideoPlanner(self.preset, codec, prior, versions, version or self.version, shared_encoder())

    def video_prior(self, space: str) -> VideoPrior:
        """The broad prior with what goes with it; it works in latent space `space`. Raises WeightsError."""
        prior = self.prior()
        return VideoPrior(prior, shared_encoder(), space, 0, sum(value.numel() for value in prior.parameters()))

    def inverse_dynamics(self, world: WorldSpec, frame_skip: int) -> LearnedInverseDynamics:
        """Inverse dynamics for `world`, each action pursued for `frame_skip` control steps. Raises ConfigError."""
        space = self.preset.inverse_dynamics.space
        return LearnedInverseDynamics(self.inverse_dynamics_net(), space, world, frame_skip)

    def trainer(self, store: WeightsStore, folder: Path) -> LocalTrainer:
        """A trainer that writes to `store` and keeps checkpoints and scalars in `folder`."""
        return LocalTrainer(self.versions(store), self.codec(), shared_encoder(), folder)

    def _place(self, role: WeightsRole) -> tuple[Path, str, WeightsRole]:
        return self.folder / weights_name(role), self.preset.name, role
