"""Clips of latent video: what the video models are trained on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from adapt_learning.codec import Codec, to_images
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.text import TextEncoder
from adapt_learning.training.episodes import Episode

ENCODE_BATCH = 64


@dataclass(frozen=True)
class VideoBatch:
    """`first` (b, c, h, w) latents, `residual` (b, f, c, h, w) of the frames after it, their text, and "no text"."""

    first: Tensor
    residual: Tensor
    text: TextEmbedding
    empty: TextEmbedding


@dataclass(frozen=True)
class ClipSet:
    """Latent frames of all episodes and the clips among them.

    `latents` (n, c, h, w); `frames` (m, 1 + f) int64 indexes the frames of each clip, `prompts` (m,) its text.
    """

    codec: Codec
    latents: Tensor
    frames: Tensor
    prompts: Tensor
    texts: TextEmbedding
    empty: TextEmbedding

    def sample(self, size: int, generator: torch.Generator) -> VideoBatch:
        """`size` clips drawn uniformly, with replacement."""
        return self.take(torch.randint(len(self.frames), (size,), generator=generator))

    def take(self, clips: Tensor) -> VideoBatch:
        """The clips of these numbers (b,) int64."""
        device = self.codec.device
        latents = self.latents[self.frames[clips]].to(device)  # (b, 1 + f, c, h, w)
        first = latents[:, 0]
        rows = torch.zeros(len(clips), dtype=torch.int64)
        text, empty = self.texts[self.prompts[clips]].to(device), self.empty[rows].to(device)
        return VideoBatch(first, self.codec.to_targets(latents[:, 1:], first), text, empty)


@torch.no_grad()
def encode_episode(codec: Codec, episode: Episode) -> Tensor:
    """Latents (t + 1, c, h, w) of an episode's frames, on the CPU."""
    device = codec.device
    return torch.cat([codec.encode(part.to(device)).cpu() for part in to_images(episode.frames).split(ENCODE_BATCH)])


def clip_indices(frames: int, future: int) -> Tensor:
    """Frame numbers (frames - 1, 1 + future) of the clips of one episode; past its end the last frame repeats."""
    starts = torch.arange(frames - 1)[:, None]
    return (starts + torch.arange(1 + future)[None]).clamp(max=frames - 1)


def make_clips(codec: Codec, episodes: list[Episode], future: int, encoder: TextEncoder) -> ClipSet:
    """Encode every frame of `episodes` once and list their clips of `future` + 1 frames."""
    latents = [encode_episode(codec, episode) for episode in episodes]
    return gather_clips(codec, latents, [episode.prompt for episode in episodes], future, encoder)


def gather_clips(codec: Codec, latents: list[Tensor], prompts: list[str], future: int, encoder: TextEncoder) -> ClipSet:
    """The clips of episodes whose `latents` (t + 1, c, h, w) each are known, starting at each frame but the last."""
    known = sorted(set(prompts))
    frames, rows, offset = [], [], 0
    for encoded, prompt in zip(latents, prompts, strict=True):
        index = clip_indices(len(encoded), future)
        frames.append(index + offset)
        rows.append(torch.full((len(index),), known.index(prompt)))
        offset += len(encoded)
    texts = encoder.encode(known)
    return ClipSet(codec, torch.cat(latents), torch.cat(frames), torch.cat(rows), texts, encoder.empty(1))
