"""Pictures with things that texts name: what pointing is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from adapt_core.types import Frames
from numpy.typing import NDArray
from torch import Tensor

from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.pointer import Pointer
from adapt_learning.text import TextEncoder
from adapt_learning.training.draws import Draws
from adapt_learning.training.engine import Run, train
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import encode_frames
from adapt_learning.training.learner import Lesson
from adapt_learning.training.settings import TrainSettings

_TOGETHER = 50  # pictures
SPREAD_CELLS = 0.7  # standard deviation of the map that is wanted around the point


@dataclass(frozen=True)
class Stills:
    """Pictures `images` (n, h, w, 3), and m things in them.

    Thing i is in the picture `image[i]` (m,), each of `prompts[i]` names it, and it is seen at `points[i]` (m, 2), x and y
    from 0 (left, top) to 1.
    """

    images: Frames
    image: NDArray[np.int64]
    prompts: Sequence[Sequence[str]]
    points: NDArray[np.float64]

    def as_episodes(self) -> list[Episode]:
        """The pictures as episodes of unconnected frames, without poses, for who only looks at images."""
        parts = np.array_split(self.images, max(1, len(self.images) // _TOGETHER))
        return [Episode(part, None, np.zeros((len(part) - 1, 0)), "") for part in parts]


@dataclass(frozen=True)
class PointingBatch:
    """First frames (b, c, h, w), texts, and the share of the map that each cell should have (b, h, w)."""

    first: Tensor
    text: TextEmbedding
    wanted: Tensor


@dataclass(frozen=True)
class PointingSet:
    """Latents (n, c, h, w) float16 of all images; for each of m examples its image, its text's row and its point (m, 2)."""

    latents: Tensor
    image: Tensor
    text: Tensor
    points: Tensor
    texts: TextEmbedding
    device: torch.device

    def sample(self, draws: Draws) -> PointingBatch:
        """Examples drawn uniformly, with replacement."""
        rows = draws.integers(len(self.image))
        first = self.latents[self.image[rows]].float()
        wanted = wanted_map(self.points[rows], first.shape[-1])
        return PointingBatch(first.to(self.device), self.texts[self.text[rows]].to(self.device), wanted.to(self.device))


def make_pointing(codec: LatentCodec, stills: Stills, encoder: TextEncoder) -> PointingSet:
    """Each thing of `stills` under each of its prompts."""
    known = sorted({prompt for prompts in stills.prompts for prompt in prompts})
    rows = [(thing, known.index(prompt)) for thing, prompts in enumerate(stills.prompts) for prompt in prompts]
    things, texts = torch.tensor(rows).T
    return PointingSet(
        encode_frames(codec, stills.images),
        torch.from_numpy(stills.image)[things],
        texts,
        torch.from_numpy(stills.points).float()[things],
        encoder.encode(known),
        codec.device,
    )


def wanted_map(points: Tensor, cells: int) -> Tensor:
    """Maps (b, cells, cells) that sum to 1, normal around `points` (b, 2) x and y from 0 to 1."""
    middles = (torch.arange(cells) + 0.5) / cells
    offsets = (points[:, :, None] - middles) * cells / SPREAD_CELLS  # (b, 2, cells)
    x, y = (-0.5 * offsets**2).softmax(-1).unbind(1)
    return y[:, :, None] * x[:, None, :]


def pointing_loss(pointer: Pointer, batch: PointingBatch, draws: Draws) -> Tensor:
    """Cross-entropy between the wanted map and the pointer's."""
    scores = pointer.scores(batch.first, batch.text)
    return -(batch.wanted.flatten(1) * scores.flatten(1).log_softmax(-1)).sum(-1).mean()


def train_pointer(pointer: Pointer, examples: PointingSet, settings: TrainSettings, run: Run) -> Pointer:
    """Train `pointer`, whose texts are measured first; it is frozen afterwards."""
    pointer.measure(examples.texts)
    trained = train(pointer.requires_grad_(True), Lesson(examples.sample, pointing_loss), settings, run)
    return trained.requires_grad_(False)
