"""Frame pairs and what happened between them: what the inverse dynamics is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from adapt_core.errors import TrainingError
from adapt_core.types import Vector
from torch import Tensor
from torch.nn import functional

from adapt_learning.codec import to_images
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings
from adapt_learning.motion_targets import targets_of
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import LatentCache

IMAGINED_NOISE = 0.15  # of latents (unit variance): how far imagined ones are from real ones, roughly
HAZY_SHARE = 0.5  # of the episodes, see `image_pairs`
HAZE_FRAMES, IN_HAZE = 6, 4  # how far off they are at most, and how many make a mean
BRIGHTNESS = 0.1  # by how much it differs from pair to pair (standard deviation), so that light does not matter
OF_CLIPS = 0.5  # of the pairs, where there are clips that a video model imagined
EXACT = 0.05  # of a target's standard deviation
CLUTTERED_SHARE, CLUTTER = 0.6, (0.15, 0.45)  # of the pairs, and of the image's height and width, see `cluttered`


@dataclass(frozen=True)
class PairBatch:
    """What is seen `before` and `after` (b, ...): images in [-1, 1], or a network's views; `targets` (b, d)."""

    before: Tensor
    after: Tensor
    targets: Tensor


@dataclass(frozen=True)
class Moves:
    """Pair i is the frames `before[i]` and `after[i]` (m,) int64 of all episodes' frames, with `targets` (m, d)."""

    before: Tensor
    after: Tensor
    targets: Tensor


@dataclass(frozen=True)
class ImaginedClips:
    """Clips as a video model imagines them, with the poses that were truly reached.

    `frames` (m, 1 + f, h, w, 3) uint8, the first one as the codec draws what was seen; `targets` (m, f, d).
    """

    frames: Tensor
    targets: Tensor

    def sample(self, draws: Draws) -> PairBatch:
        """Pairs of consecutive frames, drawn uniformly."""
        clips, later = draws.integers(len(self.frames)), 1 + draws.integers(self.targets.shape[1])
        before, after = self.frames[clips, later - 1], self.frames[clips, later]
        return PairBatch(to_images(before), to_images(after), self.targets[clips, later - 1])


@dataclass(frozen=True)
class ImagePairs:
    """Frames as seen and as imagined ones would look, (n, h, w, 3) uint8 each, and the targets (m, d) of the latter."""

    moves: Moves
    seen: Tensor
    imagined: Tensor
    targets: Tensor
    clips: ImaginedClips | None = None

    def sample(self, draws: Draws) -> PairBatch:
        """Pairs drawn uniformly; a third each: both as seen, the second imagined, both imagined.

        Where there are `clips`, half of the pairs are of those instead.
        """
        rows, kind = draws.integers(len(self.moves.targets)), draws.integers(3)
        gain = 1 + BRIGHTNESS * draws.noise(1, 1, 1)
        before, after = (
            self._images(self.moves.before[rows], kind == 2),
            self._images(self.moves.after[rows], kind >= 1),
        )
        elsewhere = self._images(draws.integers(len(self.seen)), kind == 2)
        colour = draws.noise(3, 1, 1).clamp(-1, 1).to(elsewhere.device)
        for other in (elsewhere, colour.expand_as(elsewhere)):
            before, after = cluttered(before, after, other, draws)
        targets = torch.where((kind >= 1)[:, None], self.targets[rows], self.moves.targets[rows])
        if self.clips is not None:
            clip, instead = self.clips.sample(draws), draws.shares() < OF_CLIPS
            image = instead[:, None, None, None]
            before, after = torch.where(image, clip.before, before), torch.where(image, clip.after, after)
            targets = torch.where(instead[:, None], clip.targets, targets)
        return PairBatch(before.to(gain.device) * gain, after.to(gain.device) * gain, targets.to(gain.device))

    def _images(self, frames: Tensor, imagined: Tensor) -> Tensor:
        return to_images(torch.where(imagined[:, None, None, None], self.imagined[frames], self.seen[frames]))


def cluttered(before: Tensor, after: Tensor, elsewhere: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
    """Both images of a pair (b, 3, h, w) with the same rectangle of another one, turned around, put into some of them.

    What stands about in a scene says nothing of the hand's motion; seen in new places it is not learned by heart (after
    CutMix, Yun et al. 2019).
    """
    h, w = before.shape[2:]
    low, high = CLUTTER
    chosen = draws.shares() < CLUTTERED_SHARE
    inside = chosen[:, None, None]
    for along, shape in ((h, (-1, h, 1)), (w, (-1, 1, w))):
        half = (low + (high - low) * draws.shares()) / 2
        middle = draws.shares()
        place = (torch.arange(along, device=half.device) + 0.5) / along
        inside = inside & ((place - middle[:, None]).abs() < half[:, None]).reshape(shape)
    inside, other = inside[:, None].to(before.device), elsewhere.flip(2, 3)
    return torch.where(inside, other, before), torch.where(inside, other, after)


@dataclass(frozen=True)
class ViewPairs:
    """What a frozen network sees in each frame, (n, d), computed once."""

    moves: Moves
    views: Tensor

    def sample(self, draws: Draws) -> PairBatch:
        """Pairs drawn uniformly."""
        rows = draws.integers(len(self.moves.targets))
        targets = self.moves.targets[rows].to(self.views.device)
        return PairBatch(self.views[self.moves.before[rows]], self.views[self.moves.after[rows]], targets)


def make_moves(episodes: list[Episode], settings: InverseDynamicsSettings, reference: Vector) -> Moves:
    """All pairs of frames, `frame_skip` apart, orientations relative to `reference` (4,).

    Raises TrainingError when no episode is long enough, StoreError.
    """
    skip, offset, before = settings.frame_skip, 0, []
    for episode in episodes:
        before.append(torch.arange(max(0, len(episode.frames) - skip)) + offset)
        offset += len(episode.frames)
    first = torch.cat(before)
    if not len(first):
        raise TrainingError(f"no episode has two frames {skip} apart: record longer ones or lower frame_skip")
    long = [episode for episode in episodes if len(episode.frames) > skip]
    targets = torch.cat([torch.from_numpy(targets_of(episode, settings, reference)).float() for episode in long])
    return Moves(first, first + skip, targets)


def image_pairs(
    cache: LatentCache,
    episodes: list[Episode],
    moves: Moves,
    settings: InverseDynamicsSettings,
    seed: int,
    clips: ImaginedClips | None = None,
) -> ImagePairs:
    """The pairs as images, each frame once more as the codec of `cache` would draw it.

    Where a model does not know what comes it imagines a mean, a haze. Where poses are predicted, a share of the episodes
    is therefore drawn as means of some frames before and after each, of which the pose is the mean as well.
    """
    generator = torch.Generator().manual_seed(seed)
    seen = torch.cat([torch.from_numpy(episode.frames) for episode in episodes])
    imagined, targets = [], []
    counts = [max(0, len(episode.frames) - settings.frame_skip) for episode in episodes]
    for episode, exact in zip(episodes, moves.targets.split(counts), strict=True):
        offsets = torch.zeros(1, dtype=torch.int64)
        if settings.oriented and torch.rand((), generator=generator) < HAZY_SHARE:
            spread = int(torch.randint(1, HAZE_FRAMES + 1, (), generator=generator))
            offsets = torch.randint(-spread, spread + 1, (IN_HAZE,), generator=generator)
        latents = hazy(cache.of_episode(episode).float(), offsets)
        imagined.append(cache.drawn(latents, IMAGINED_NOISE, generator))
        targets.append(hazy(exact, offsets))
    return ImagePairs(moves, seen, torch.cat(imagined), torch.cat(targets), clips)


def hazy(values: Tensor, offsets: Tensor) -> Tensor:
    """The means (n, ...) of those of `values` (n, ...) that are `offsets` (k,) int64 away; beyond the ends, the end itself."""
    if not len(values):
        return values
    return values[(torch.arange(len(values))[:, None] + offsets).clamp(0, len(values) - 1)].mean(1)


def view_pairs(net: InverseDynamicsNet, episodes: list[Episode], moves: Moves) -> ViewPairs:
    """The pairs as `net` sees them; only where what it sees is not trained."""
    device = net.mean.device
    return ViewPairs(moves, torch.cat([net.views(to_images(episode.frames).to(device)) for episode in episodes]))


def pair_loss(net: InverseDynamicsNet, batch: PairBatch, draws: Draws) -> Tensor:
    """Huber loss of the normalised targets: absolute from `EXACT` on, so that hidden hands do not outweigh exactness."""
    predicted, wanted = net.normalised(batch.before, batch.after), (batch.targets - net.mean) / net.std
    return functional.smooth_l1_loss(predicted, wanted, beta=EXACT)
