"""Inverse dynamics that learns from what the robot did."""

from __future__ import annotations

from pathlib import Path

from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import ActionChunk, FinetuneRequest, Observation, VideoPlan, WorldSpec
from adapt_core.weights import WeightsRole

from adapt_learning.inverse_dynamics import LearnedInverseDynamics
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_versions import InverseDynamicsVersions
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import read_episodes, usable_episodes
from adapt_learning.training.finetuning import Finetuning
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import train_inverse_dynamics


class FinetunedInverseDynamics:
    """Acts by one version of the inverse dynamics and finetunes others; implements `ImprovableInverseDynamics`.

    `cache` holds the latents of the episodes, `folder` checkpoints and scalars, see `Finetuning`.
    """

    def __init__(
        self,
        versions: InverseDynamicsVersions,
        version: str,
        world: WorldSpec,
        frame_skip: int,
        cache: LatentCache,
        folder: Path,
    ) -> None:
        """Serve `version` in `world`, see `LearnedInverseDynamics`. Raises ConfigError, WeightsError."""
        self._versions, self._world, self._frame_skip = versions, world, frame_skip
        self._cache, self._folder = cache, folder
        self.load_weights(version)

    @property
    def weights_version(self) -> str:
        """Version of the weights that serve now."""
        return self._version

    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """See `LearnedInverseDynamics`."""
        return self._acting.infer(observation, plan)

    def load_weights(self, version: str) -> None:
        """Serve `version` from now on. On WeightsError the old ones serve on."""
        net, settings = self._versions.load(version, self._cache.codec.device), self._versions.preset.inverse_dynamics
        self._acting = LearnedInverseDynamics(net, settings, self._world, self._frame_skip)
        self._version = version

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """See `Trainer`. Raises TrainingError, WeightsError, StoreError, StorageFullError, CancelledByUserError."""
        versions, role = self._versions, WeightsRole.INVERSE_DYNAMICS
        settings = versions.preset.training.inverse_dynamics
        finetuning = Finetuning(
            versions.preset.name, role, settings, versions.store, self._folder, self._learn, versions.write
        )
        return finetuning.run(request, progress, should_stop)

    def _learn(self, request: FinetuneRequest, settings: TrainSettings, run: Run) -> InverseDynamicsNet:
        preset = self._versions.preset
        net = self._versions.load(request.base_version, self._cache.codec.device)
        episodes = usable_episodes(read_episodes(request.episodes), preset.image_size)
        return train_inverse_dynamics(net, self._cache, episodes, preset, settings, run)
