"""Frame pairs and what happened between them: what the inverse dynamics is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from adapt_core.errors import TrainingError
from adapt_core.types import END_EFFECTOR_DIM, ActionSpace
from torch import Tensor
from torch.nn import functional

from adapt_learning.codec import Codec, to_frames, to_images
from adapt_learning.frame_pair_net import FramePairNet
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode

IMAGINED_NOISE = 0.15  # of latents (unit variance): how far imagined ones are from real ones, roughly
IMAGINED_AT_ONCE = 16  # images


@dataclass(frozen=True)
class PairBatch:
    """`before` and `after` (b, 3, h, w) in [-1, 1], `targets` (b, d)."""

    before: Tensor
    after: Tensor
    targets: Tensor


@dataclass(frozen=True)
class PairSet:
    """Frames as seen (n, h, w, 3) and as imagined ones would look; pair i is frames `first[i]` and the next.

    `targets` (m, d), one row for each pair of `first` (m,) int64.
    """

    seen: Tensor
    imagined: Tensor
    first: Tensor
    targets: Tensor

    def sample(self, draws: Draws) -> PairBatch:
        """Pairs drawn uniformly; a third each: both as seen, the second imagined, both imagined."""
        rows, kind = draws.integers(len(self.first)), draws.integers(3)
        frames = self.first[rows]
        return PairBatch(self._images(frames, kind == 2), self._images(frames + 1, kind >= 1), self.targets[rows])

    def _images(self, frames: Tensor, imagined: Tensor) -> Tensor:
        chosen = torch.where(imagined[:, None, None, None], self.imagined[frames], self.seen[frames])
        return chosen.permute(0, 3, 1, 2).float() / 127.5 - 1


def make_pairs(codec: Codec, episodes: list[Episode], space: ActionSpace, seed: int) -> PairSet:
    """All pairs of consecutive frames, with their targets, and each frame once more as the codec would draw it."""
    generator = torch.Generator().manual_seed(seed)
    first, offset = [], 0
    for episode in episodes:
        first.append(torch.arange(len(episode.frames) - 1) + offset)
        offset += len(episode.frames)
    seen = torch.cat([torch.from_numpy(episode.frames) for episode in episodes])
    imagined = torch.cat([_imagine(codec, episode, generator) for episode in episodes])
    targets = torch.cat([torch.from_numpy(targets_of(episode, space)).float() for episode in episodes])
    return PairSet(seen, imagined, torch.cat(first), targets)


def targets_of(episode: Episode, space: ActionSpace) -> np.ndarray:
    """What the network should say of each pair of frames of `episode`, (t, d) float64.

    RAW: the action. END_EFFECTOR: displacement [m], and the gripper opening that was commanded, or the one reached
    where the recorded actions are not poses. Raises TrainingError when the episode lacks an end effector.
    """
    if space is ActionSpace.RAW:
        return episode.actions
    poses = episode.end_effector
    if poses is None:
        raise TrainingError("an episode has no end-effector poses: use a preset with raw actions")
    commanded = episode.actions if episode.actions.shape[1] == END_EFFECTOR_DIM else poses[1:]
    return np.concatenate([np.diff(poses[:, :3], axis=0), commanded[:, 7:8]], 1)


def pair_loss(net: FramePairNet, batch: PairBatch, draws: Draws) -> Tensor:
    """Huber loss of the normalised targets; brightness is jittered so that light does not matter."""
    device = net.mean.device
    gain = 1 + 0.1 * draws.noise(1, 1, 1).to(device)
    predicted = net.normalised(batch.before.to(device) * gain, batch.after.to(device) * gain)
    return functional.smooth_l1_loss(predicted, (batch.targets.to(device) - net.mean) / net.std)


@torch.no_grad()
def _imagine(codec: Codec, episode: Episode, generator: torch.Generator) -> Tensor:
    drawn = []
    for images in to_images(episode.frames).split(IMAGINED_AT_ONCE):
        latents = codec.encode(images.to(codec.device))
        noise = torch.randn(latents.shape, generator=generator).to(latents.device)
        drawn.append(torch.from_numpy(to_frames(codec.decode(latents + IMAGINED_NOISE * noise))))
    return torch.cat(drawn)  # (t + 1, h, w, 3)
