"""Single images, weighted by what moves: what the codec is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from adapt_learning.codec import Codec, codec_loss, motion_weight, to_images
from adapt_learning.preset import CODEC_FACTOR
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode


@dataclass(frozen=True)
class ImageBatch:
    """`images` (b, 3, h, w) in [-1, 1] and the `weight` (b, 1, h, w) of their pixels."""

    images: Tensor
    weight: Tensor


@dataclass(frozen=True)
class ImageSet:
    """All frames (n, h, w, 3) uint8, the episode (n,) of each, and the weight (e, 1, h, w) of each episode's pixels."""

    frames: Tensor
    episode: Tensor
    weights: Tensor

    def sample(self, draws: Draws) -> ImageBatch:
        """Images drawn uniformly."""
        rows = draws.integers(len(self.frames))
        images = to_images(self.frames[rows])
        return ImageBatch(images, self.weights[self.episode[rows]])


def make_images(episodes: list[Episode], motion: float) -> ImageSet:
    """All frames of `episodes`; `motion` is the extra weight of pixels that move, see `motion_weight`."""
    frames = torch.cat([torch.from_numpy(episode.frames) for episode in episodes])
    lengths = torch.tensor([len(episode.frames) for episode in episodes])
    weights = torch.stack([motion_weight(to_images(episode.frames), motion) for episode in episodes])
    return ImageSet(frames, torch.arange(len(episodes)).repeat_interleave(lengths), weights)


def image_loss(codec: Codec, batch: ImageBatch, kl_weight: float, draws: Draws) -> Tensor:
    """The codec's loss on `batch`; see `codec_loss`."""
    _, _, h, w = batch.images.shape
    noise = draws.noise(codec.latent_channels, h // CODEC_FACTOR, w // CODEC_FACTOR)
    device = codec.device
    return codec_loss(codec, batch.images.to(device), batch.weight.to(device), noise.to(device), kl_weight)
