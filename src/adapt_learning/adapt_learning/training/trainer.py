"""Finetuning of the in-domain model on what the robot did (SAIL, algorithm 1, line 11)."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import FinetuneRequest, Frames, TrainingEpisode
from adapt_core.weights import WeightsHeader, WeightsRole
from torch import Tensor

from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.text import TextEncoder
from adapt_learning.training.checkpoint import FILE as CHECKPOINT
from adapt_learning.training.clips import ClipSet, LatentEpisode, gather_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import read_episode, usable_episodes
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.processes import Processes
from adapt_learning.training.stages import train_video


class LocalTrainer:
    """Finetunes on this machine; implements `Trainer`. Under `accelerate launch` every process calls it.

    `folder` keeps one folder a version: the checkpoint while it trains, TensorBoard scalars for good. Below `latents` it
    keeps those of the episodes, so that a growing data set is encoded once.
    """

    def __init__(self, versions: InDomainVersions, codec: LatentCodec, encoder: TextEncoder, folder: Path) -> None:
        self._versions, self._encoder, self._folder = versions, encoder, folder
        self._cache = LatentCache(codec, folder / "latents")
        self._processes = Processes()

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """See `Trainer`; a version that is already stored by the same request is returned at once.

        Raises TrainingError, WeightsError, StoreError, StorageFullError, CancelledByUserError.
        """
        store = self._versions.store
        if store is not None and request.new_version in store:
            return self._stored(request)
        model = self._versions.load(request.base_version, self._cache.codec.device)
        clips = self._clips(request)
        given = self._versions.preset.training.finetune
        settings = replace(
            given, steps=request.steps, batch_size=request.batch_size, learning_rate=request.learning_rate
        )
        run = Run(self._folder / request.new_version, request.seed, _identity(request), progress, should_stop)
        train_video(model, clips, self._versions.preset, settings, run)
        if self._processes.main:
            self._versions.write(request.new_version, model, self._header(request))
            (run.folder / CHECKPOINT).unlink(missing_ok=True)
        self._processes.wait()
        return request.new_version

    def _stored(self, request: FinetuneRequest) -> str:
        store = self._versions.store
        if store is not None and store.meta(request.new_version).facts.get("request") != _identity(request):
            raise TrainingError(f"weights {request.new_version} are of another finetuning: choose another name")
        return request.new_version

    def _clips(self, request: FinetuneRequest) -> ClipSet:
        stores = {folder: EpisodeStore(folder) for folder in {episode.store for episode in request.episodes}}
        usable = [one for one in request.episodes if stores[one.store].meta(one.episode_id).frames >= 2]
        if not usable:
            raise TrainingError("no usable episode to finetune on: each needs at least two frames; roll out more")
        for one in self._processes.own_share(usable):
            self._encoded(stores[one.store], one)
        self._processes.wait()  # the others' share is on disk now
        latents = [LatentEpisode(self._encoded(stores[one.store], one), one.prompt, one.episode_id) for one in usable]
        return gather_clips(self._cache.codec, latents, self._versions.preset.future_frames, self._encoder)

    def _encoded(self, store: EpisodeStore, wanted: TrainingEpisode) -> Tensor:
        """Latents (t + 1, c, h, w) of an episode."""

        def read() -> Frames:
            [episode] = usable_episodes([read_episode(store, wanted)], self._versions.preset.image_size)
            return episode.frames

        return self._cache.of(wanted.episode_id, read)

    def _header(self, request: FinetuneRequest) -> WeightsHeader:
        facts = {
            "request": _identity(request),
            "episodes": len(request.episodes),
            "steps": request.steps,
            "batch_size": request.batch_size,
            "learning_rate": request.learning_rate,
            "seed": request.seed,
        }
        name = self._versions.preset.name
        return WeightsHeader(name, WeightsRole.IN_DOMAIN, parent=request.base_version, facts=facts)


def _identity(request: FinetuneRequest) -> str:
    """What tells this finetuning from any other."""
    return json.dumps(asdict(request), sort_keys=True)
