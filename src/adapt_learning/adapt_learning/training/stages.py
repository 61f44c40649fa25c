"""The trainings that a preset consists of, each from episodes to a trained model."""

from __future__ import annotations

from typing import TypeVar

import torch
from adapt_core.errors import ConfigError
from adapt_core.types import ActionSpace
from torch import Tensor

from adapt_learning.codec import Codec, CompactCodecSettings
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.frame_pair_net import END_EFFECTOR_TARGETS, FramePairNet
from adapt_learning.in_domain import InDomainModel
from adapt_learning.preset import Preset
from adapt_learning.training.clips import ClipSet, VideoBatch
from adapt_learning.training.draws import Draws
from adapt_learning.training.engine import Run, train
from adapt_learning.training.episodes import Episode
from adapt_learning.training.frame_pairs import make_pairs, pair_loss
from adapt_learning.training.images import ImageBatch, image_loss, make_images
from adapt_learning.training.latents import encode_frames
from adapt_learning.training.learner import Lesson
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.video_loss import video_loss

MEASURED_EPISODES = 64  # enough to know the statistics of latents

V = TypeVar("V", bound=InDomainModel)


def build_codec(preset: Preset) -> Codec:
    """A fresh codec of `preset`'s size. Raises ConfigError for a preset whose codec is loaded, not trained."""
    settings = _compact_codec(preset)
    return Codec(settings.latent_channels, settings.width)


def build_inverse_dynamics(preset: Preset) -> FramePairNet:
    """A fresh inverse dynamics network of `preset`'s size and action space."""
    settings = preset.inverse_dynamics
    targets = settings.raw_dim if settings.space is ActionSpace.RAW else END_EFFECTOR_TARGETS
    return FramePairNet(targets, settings.width, preset.image_size)


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


def train_inverse_dynamics(
    net: FramePairNet, codec: Codec, episodes: list[Episode], preset: Preset, run: Run
) -> FramePairNet:
    """Train `net` on the frame pairs of `episodes`, real and as `codec` would draw them."""
    pairs = make_pairs(codec, episodes, preset.inverse_dynamics.space, run.seed)
    net.mean.copy_(pairs.targets.mean(0))
    net.std.copy_(pairs.targets.std(0).clamp_min(1e-3))
    return train(net, Lesson(pairs.sample, pair_loss), preset.training.inverse_dynamics, run)


def _measure(codec: Codec, episodes: list[Episode], future: int) -> None:
    """Measure the codec's latent statistics on clips of evenly chosen episodes."""
    chosen = episodes[:: max(1, len(episodes) // MEASURED_EPISODES)]
    clips = []
    for episode in chosen:
        latents = encode_frames(codec, episode.frames).float()
        whole = len(latents) // (future + 1)
        clips.append(latents[: whole * (future + 1)].reshape(whole, future + 1, *latents.shape[1:]))
    codec.measure(torch.cat(clips))
