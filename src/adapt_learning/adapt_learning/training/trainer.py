"""Finetuning of the in-domain model on what the robot did (SAIL, algorithm 1, line 11)."""

from __future__ import annotations

from pathlib import Path

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import FinetuneRequest, Frames, TrainingEpisode
from adapt_core.weights import WeightsHeader, WeightsRole
from torch import Tensor

from adapt_learning.in_domain import InDomainModel
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.text import TextEncoder
from adapt_learning.training.clips import ClipSet, LatentEpisode, gather_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import read_episode, usable_episodes
from adapt_learning.training.finetuning import Finetuning
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import train_video


class LocalTrainer:
    """Finetunes on this machine; implements `Trainer`.

    `folder` keeps checkpoints and scalars, see `Finetuning`; `cache` the latents of the episodes, so that a growing data
    set is encoded once.
    """

    def __init__(self, versions: InDomainVersions, cache: LatentCache, encoder: TextEncoder, folder: Path) -> None:
        self._versions, self._encoder, self.cache, self.folder = versions, encoder, cache, folder

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """See `Trainer`. Raises TrainingError, WeightsError, StoreError, StorageFullError, CancelledByUserError."""
        versions, role = self._versions, WeightsRole.IN_DOMAIN
        settings = versions.preset.training.finetune

        def write(version: str, model: InDomainModel, header: WeightsHeader) -> None:
            shown = {episode.prompt for episode in request.episodes if not episode.experience}
            versions.write(version, model, header, versions.demonstrated(request.base_version) | shown)

        finetuning = Finetuning(versions.preset.name, role, settings, versions.store, self.folder, self._learn, write)
        return finetuning.run(request, progress, should_stop)

    def _learn(self, request: FinetuneRequest, settings: TrainSettings, run: Run) -> InDomainModel:
        model = self._versions.load(request.base_version, self.cache.codec.device)
        return train_video(model, self._clips(request), self._versions.preset, settings, run)

    def _clips(self, request: FinetuneRequest) -> ClipSet:
        stores = {folder: EpisodeStore(folder) for folder in {episode.store for episode in request.episodes}}
        usable = [one for one in request.episodes if stores[one.store].meta(one.episode_id).frames >= 2]
        if not usable:
            raise TrainingError("no usable episode to finetune on: each needs at least two frames; roll out more")
        processes = Processes()
        for one in processes.own_share(usable):
            self._encoded(stores[one.store], one)
        processes.wait()  # the others' share is on disk now
        latents = [
            LatentEpisode(self._encoded(stores[one.store], one), one.prompt, one.episode_id, one.experience)
            for one in usable
        ]
        future = self._versions.preset.future_frames
        return gather_clips(self.cache.codec, latents, future, self._encoder, request.experience_share)

    def _encoded(self, store: EpisodeStore, wanted: TrainingEpisode) -> Tensor:
        """Latents (t + 1, c, h, w) of an episode."""

        def read() -> Frames:
            [episode] = usable_episodes([read_episode(store, wanted)], self._versions.preset.image_size)
            return episode.frames

        return self.cache.of(wanted.episode_id, read)
