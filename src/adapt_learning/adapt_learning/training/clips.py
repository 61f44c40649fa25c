"""Clips of latent video: what the video models are trained on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.text import TextEncoder
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import LatentCache


@dataclass(frozen=True)
class VideoBatch:
    """`first` (b, c, h, w) latents, what is predicted of the frames after it (b, f, c, h, w), text, and "no text".

    `clips` (b,) int64 are the numbers of the clips in their set.
    """

    first: Tensor
    targets: Tensor
    text: TextEmbedding
    empty: TextEmbedding
    clips: Tensor


@dataclass(frozen=True)
class ClipSet:
    """Latent frames of all episodes and the clips among them.

    `latents` (n, c, h, w) float16; `frames` (m, 1 + f) int64 indexes the frames of each clip, `episodes` (m,) tells its
    episode among `names`, `prompts` (e,) the text of each episode. `below` (m,) float64, where clips are not drawn alike:
    the chance that a clip's number or a lower one is drawn.
    """

    codec: LatentCodec
    latents: Tensor
    frames: Tensor
    episodes: Tensor
    names: list[str]
    prompts: Tensor
    texts: TextEmbedding
    empty: TextEmbedding
    below: Tensor | None = None

    def sample(self, draws: Draws) -> VideoBatch:
        """Clips drawn with replacement."""
        if self.below is None:
            return self.take(draws.integers(len(self.frames)))
        return self.take(torch.searchsorted(self.below, draws.shares().double(), right=True))

    def take(self, clips: Tensor) -> VideoBatch:
        """The clips of these numbers (b,) int64."""
        device = self.codec.device
        latents = self.latents[self.frames[clips]].to(device).float()  # (b, 1 + f, c, h, w)
        first = latents[:, 0]
        rows = torch.zeros(len(clips), dtype=torch.int64)
        text, empty = self.texts[self.prompts[self.episodes[clips]]].to(device), self.empty[rows].to(device)
        return VideoBatch(first, self.codec.to_targets(latents[:, 1:], first), text, empty, clips)

    def describe(self, batch: VideoBatch) -> str:
        """Which clips a batch is made of, only those that hold a number that is not finite where there are such."""
        broken = ~torch.isfinite(batch.targets).flatten(1).all(1).cpu()
        clips = batch.clips[broken] if broken.any() else batch.clips
        rows = [(self.names[self.episodes[clip]], clip - self.first_clip[self.episodes[clip]]) for clip in clips]
        return ", ".join(f"episode {name} from frame {int(frame)}" for name, frame in rows)

    @property
    def first_clip(self) -> Tensor:
        """(e,) int64, the number of each episode's first clip."""
        return torch.searchsorted(self.episodes, torch.arange(len(self.names)))


def clip_indices(frames: int, future: int) -> Tensor:
    """Frame numbers (frames - 1, 1 + future) of the clips of one episode; past its end the last frame repeats."""
    starts = torch.arange(frames - 1)[:, None]
    return (starts + torch.arange(1 + future)[None]).clamp(max=frames - 1)


@dataclass(frozen=True)
class LatentEpisode:
    """An episode's latents (t + 1, c, h, w) float16, what to learn it under, its name for an error, whether experience."""

    latents: Tensor
    prompt: str
    name: str
    experience: bool = False


def make_clips(cache: LatentCache, episodes: list[Episode], future: int, encoder: TextEncoder) -> ClipSet:
    """The clips of episodes that were read already."""
    encoded = [LatentEpisode(cache.of_episode(episode), episode.prompt, episode.id) for episode in episodes]
    return gather_clips(cache.codec, encoded, future, encoder)


def gather_clips(
    codec: LatentCodec,
    episodes: list[LatentEpisode],
    future: int,
    encoder: TextEncoder,
    experience_share: float | None = None,
) -> ClipSet:
    """The clips of `future` + 1 frames that start at each frame of `episodes` but the last.

    An `experience_share` of what is drawn is experience, where there is that and other; None: all clips are drawn alike.
    """
    known = sorted({episode.prompt for episode in episodes})
    frames, owners, offset = [], [], 0
    for number, episode in enumerate(episodes):
        index = clip_indices(len(episode.latents), future)
        frames.append(index + offset)
        owners.append(torch.full((len(index),), number))
        offset += len(episode.latents)
    experience = torch.tensor([episode.experience for episode in episodes])[torch.cat(owners)]
    return ClipSet(
        codec=codec,
        latents=torch.cat([episode.latents for episode in episodes]),
        frames=torch.cat(frames),
        episodes=torch.cat(owners),
        names=[episode.name for episode in episodes],
        prompts=torch.tensor([known.index(episode.prompt) for episode in episodes]),
        texts=encoder.encode(known),
        empty=encoder.empty(1),
        below=None if experience_share is None else _below(experience, experience_share),
    )


def _below(experience: Tensor, share: float) -> Tensor | None:
    """Cumulative chances (m,) with which clips are drawn, a `share` being `experience` (m,); None: alike, being of one kind."""
    count = int(experience.sum())
    if count in (0, len(experience)):
        return None
    chances = torch.where(experience, share / count, (1 - share) / (len(experience) - count)).double()
    below = chances.cumsum(0)
    return below / below[-1]
