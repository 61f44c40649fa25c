"""Finetuning of the in-domain model on what the robot did (SAIL, algorithm 1, line 11)."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict, replace
from pathlib import Path

import torch
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import FinetuneRequest, TrainingEpisode
from adapt_core.weights import WeightsHeader, WeightsRole
from torch import Tensor

from adapt_learning.codec import Codec
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.text import TextEncoder
from adapt_learning.training.checkpoint import FILE as CHECKPOINT
from adapt_learning.training.clips import ClipSet, encode_episode, gather_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import read_episode, usable_episodes
from adapt_learning.training.stages import train_video

CACHED_EPISODES = 2_000  # about 0.3 MB each at 50 frames


class LocalTrainer:
    """Finetunes on this machine; implements `Trainer`.

    `folder` keeps one folder a version: the checkpoint while it trains, TensorBoard scalars for good. Latents of
    episodes are kept in memory, so that a growing data set is encoded once.
    """

    def __init__(self, versions: InDomainVersions, codec: Codec, encoder: TextEncoder, folder: Path) -> None:
        self._versions, self._codec, self._encoder, self._folder = versions, codec.eval(), encoder, folder
        self._latents: OrderedDict[tuple[str, str], Tensor] = OrderedDict()

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """See `Trainer`; a version that is already stored by the same request is returned at once.

        Raises TrainingError, WeightsError, StoreError, StorageFullError, CancelledByUserError.
        """
        store = self._versions.store
        if store is not None and request.new_version in store:
            return self._stored(request)
        model = self._versions.load(request.base_version, self._codec.mean.device)
        clips = self._clips(request)
        given = self._versions.preset.training.finetune
        settings = replace(
            given, steps=request.steps, batch_size=request.batch_size, learning_rate=request.learning_rate
        )
        run = Run(self._folder / request.new_version, request.seed, _identity(request), progress, should_stop)
        train_video(model, clips, self._versions.preset, settings, run)
        self._versions.write(request.new_version, model, self._header(request))
        (run.folder / CHECKPOINT).unlink(missing_ok=True)
        return request.new_version

    def _stored(self, request: FinetuneRequest) -> str:
        store = self._versions.store
        if store is not None and store.meta(request.new_version).facts.get("request") != _identity(request):
            raise TrainingError(f"weights {request.new_version} are of another finetuning: choose another name")
        return request.new_version

    def _clips(self, request: FinetuneRequest) -> ClipSet:
        stores = {folder: EpisodeStore(folder) for folder in {episode.store for episode in request.episodes}}
        latents, prompts = [], []
        for wanted in request.episodes:
            encoded = self._encoded(stores[wanted.store], wanted)
            if len(encoded) >= 2:
                latents.append(encoded)
                prompts.append(wanted.prompt)
        if not latents:
            raise TrainingError("no usable episode to finetune on: each needs at least two frames; roll out more")
        return gather_clips(self._codec, latents, prompts, self._versions.preset.future_frames, self._encoder)

    def _encoded(self, store: EpisodeStore, wanted: TrainingEpisode) -> Tensor:
        """Latents (t + 1, c, h, w) of an episode, from memory when it was encoded before."""
        key = wanted.store, wanted.episode_id
        if key not in self._latents:
            if store.meta(wanted.episode_id).frames < 2:
                return torch.empty(0)
            [episode] = usable_episodes([read_episode(store, wanted)], self._versions.preset.image_size)
            self._latents[key] = encode_episode(self._codec, episode)
            if len(self._latents) > CACHED_EPISODES:
                self._latents.popitem(last=False)
        return self._latents[key]

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
