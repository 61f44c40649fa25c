"""The trainings that a preset consists of, each from episodes to a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch
from adapt_core.errors import ConfigError, TrainingError
from torch import Tensor

from adapt_learning.codec import Codec, CompactCodecSettings
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.frame_pair_net import FramePairNet
from adapt_learning.in_domain import InDomainModel
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings, Vc1Settings
from adapt_learning.motion_targets import orientation_of, reference_of
from adapt_learning.preset import Preset
from adapt_learning.training.clips import ClipSet, VideoBatch
from adapt_learning.training.draws import Draws
from adapt_learning.training.engine import Run, train
from adapt_learning.training.episodes import Episode
from adapt_learning.training.frame_pairs import (
    ImaginedClips,
    PairBatch,
    image_pairs,
    make_moves,
    pair_loss,
    view_pairs,
)
from adapt_learning.training.images import ImageBatch, image_loss, make_images
from adapt_learning.training.latents import LatentCache, encode_frames
from adapt_learning.training.learner import Lesson
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.video_loss import video_loss
from adapt_learning.vc1 import Vc1Net, load_vc1

MEASURED_EPISODES = 64  # enough to know the statistics of latents

V = TypeVar("V", bound=InDomainModel)
N = TypeVar("N", bound=InverseDynamicsNet)


def build_codec(preset: Preset) -> Codec:
    """A fresh codec of `preset`'s size. Raises ConfigError for a preset whose codec is loaded, not trained."""
    settings = _compact_codec(preset)
    return Codec(settings.latent_channels, settings.width)


def build_inverse_dynamics(preset: Preset) -> InverseDynamicsNet:
    """A fresh inverse dynamics network of `preset`'s kind and size; VC-1 itself is still to be attached."""
    settings = preset.inverse_dynamics
    if isinstance(settings, Vc1Settings):
        return Vc1Net(settings.targets, settings.width, settings.oriented)
    return FramePairNet(settings.targets, settings.width, preset.image_size, settings.oriented, settings.keypoints)


def attach_vc1(net: InverseDynamicsNet, settings: InverseDynamicsSettings) -> None:
    """Load VC-1 for a network that needs it and does not have it. Raises WeightsError."""
    if isinstance(net, Vc1Net) and isinstance(settings, Vc1Settings) and not net.attached:
        net.attach(load_vc1(Path(settings.file)))


def train_codec(codec: Codec, episodes: list[Episode], preset: Preset, run: Run) -> Codec:
    """Train `codec` on every frame of `episodes`, then measure the statistics of its latents."""
    settings, size = preset.training.codec, _compact_codec(preset)
    if settings is None:
        raise ConfigError(f"training: preset {preset.name} says nothing of how its codec is trained")
    images = make_images(episodes, size.motion_weight)

    def loss(model: Codec, batch: ImageBatch, draws: Draws) -> Tensor:
        return image_loss(model, batch, size.kl_weight, draws)

    train(codec, Lesson(images.sample, loss), settings, run)
    _measure(codec, episodes, preset.future_frames)
    return codec


def _compact_codec(preset: Preset) -> CompactCodecSettings:
    if not isinstance(preset.codec, CompactCodecSettings):
        raise ConfigError(f"preset {preset.name} has the codec {preset.codec.kind}, which is not made here but loaded")
    return preset.codec


def train_video(model: V, clips: ClipSet, preset: Preset, settings: TrainSettings, run: Run) -> V:
    """Train a video model, prior or in-domain, from its present weights on `clips`."""
    schedule = make_schedule(preset.noise.kind, preset.noise.timesteps, preset.noise.shift)

    def loss(denoiser: V, batch: VideoBatch, draws: Draws) -> Tensor:
        return video_loss(denoiser, batch, schedule, settings, draws)

    return train(model, Lesson(clips.sample, loss, clips.describe), settings, run)


def measure_inverse_dynamics(net: InverseDynamicsNet, episodes: list[Episode], preset: Preset) -> None:
    """Fit what `net` adds to its predictions to `episodes`, before it learns for the first time."""
    reference = reference_of(episodes, preset.inverse_dynamics)
    net.measure(make_moves(episodes, preset.inverse_dynamics, reference).targets, torch.from_numpy(reference))


def train_inverse_dynamics(
    net: N,
    cache: LatentCache,
    episodes: list[Episode],
    preset: Preset,
    settings: TrainSettings,
    run: Run,
    clips: ImaginedClips | None = None,
) -> N:
    """Train `net`, which was measured, on the frame pairs of `episodes`, real and as the codec of `cache` would draw them.

    A network that sees images learns from `clips`, too.
    """
    attach_vc1(net, preset.inverse_dynamics)
    moves = make_moves(episodes, preset.inverse_dynamics, orientation_of(net))
    seen = isinstance(net, Vc1Net)  # through a frozen network: once
    pairs = (
        view_pairs(net, episodes, moves)
        if seen
        else image_pairs(cache, episodes, moves, preset.inverse_dynamics, run.seed, clips)
    )
    lesson: Lesson[N, PairBatch] = Lesson(pairs.sample, pair_loss)
    return train(net, lesson, settings, run)


def _measure(codec: Codec, episodes: list[Episode], future: int) -> None:
    """Measure the codec's latent statistics on clips of evenly chosen episodes."""
    long = [episode for episode in episodes if len(episode.frames) > future]
    if not long:
        raise TrainingError(f"no episode has {future + 1} frames: collect longer ones")
    clips = []
    for episode in long[:: max(1, len(long) // MEASURED_EPISODES)]:
        latents = encode_frames(codec, episode.frames).float()
        whole = len(latents) // (future + 1)
        clips.append(latents[: whole * (future + 1)].reshape(whole, future + 1, *latents.shape[1:]))
    codec.measure(torch.cat(clips))
