"""The small video denoiser of the embedded models: a 2D U-Net that reads the frames of a clip as channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from adapt_learning.convolution import Convolve, NarrowConvolve, convolve
from adapt_learning.diffusion.denoiser import Denoiser, Prediction, TextEmbedding
from adapt_learning.layers import Attention, KeyValue, ResidualBlock, normalisation, timestep_embedding
from adapt_learning.pointer import Pointed, Pointer, PointerSettings
from adapt_learning.text import TEXT_DIM


@dataclass(frozen=True)
class CompactSettings:
    """Width of the U-Net's finest level (a multiple of 8), attention heads, and what points it to what the text names."""

    kind: Literal["compact"]
    width: PositiveInt
    heads: PositiveInt
    pointer: PointerSettings | None = None


class _Level(nn.Module):
    """Residual blocks, then attention of the cells to each other and to the text's tokens."""

    def __init__(self, inputs: list[int], outputs: int, condition_dim: int, heads: int, attends: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(width, outputs, condition_dim) for width in inputs)
        self.among_cells = Attention(outputs, heads) if attends else None
        self.to_text = Attention(outputs, heads, TEXT_DIM) if attends else None

    def modulations(self, condition: Tensor) -> list[Tensor]:
        """What `condition` (b, condition_dim) does to each block, (b, 2 outputs) each."""
        return [block.film(condition) for block in self.blocks]

    def read(self, text: TextEmbedding) -> KeyValue | None:
        """What is attended to in `text`, where this level does."""
        return None if self.to_text is None else self.to_text.read(text.tokens)

    def forward(
        self,
        x: Tensor,
        modulations: list[Tensor],
        text: KeyValue | None,
        mask: Tensor,
        convolve: Convolve = convolve,
    ) -> Tensor:
        for block, modulation in zip(self.blocks, modulations, strict=True):
            x = block(x, modulation, convolve)
        if self.among_cells is not None and self.to_text is not None:
            x = self.to_text(self.among_cells(x), text, mask)
        return x


_Modulations = list[list[Tensor]]  # of each level's blocks
_Read = list[KeyValue | None]  # by each level


class VideoUNet(nn.Module):
    """Predicts the velocity of the noisy residuals z_k - z_0 of `frames` future frames from the first frame and a text.

    Frames are channels of one 2D U-Net (three levels of `width`, 2 `width`, 2 `width`); time step and sentence modulate
    every block (FiLM), tokens are attended to at the two coarser levels. With a `pointer` it sees
    what the text names in the middle, and the place where that was modulates the blocks, too; the pointer has learned before
    and is not trained here. Implements the `PlanDenoiser` port.
    """

    prediction = Prediction.V

    def __init__(
        self, frames: int, latent_channels: int, width: int, heads: int, pointer: PointerSettings | None = None
    ) -> None:
        super().__init__()
        self.frames, self.latent_channels = frames, latent_channels
        self.pointer = None if pointer is None else Pointer(latent_channels, pointer.width).requires_grad_(False)
        fine, coarse, dim = width, 2 * width, 4 * width
        self.time = nn.Sequential(nn.Linear(width, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.sentence = nn.Sequential(nn.Linear(TEXT_DIM, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.place = None if pointer is None else nn.Sequential(nn.Linear(3, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.stem = nn.Conv2d((frames + 1) * latent_channels, fine, 3, padding=1)
        self.down_fine = _Level([fine, fine], fine, dim, heads, attends=False)
        self.halve_fine = nn.Conv2d(fine, fine, 3, stride=2, padding=1)
        self.down_coarse = _Level([fine, coarse], coarse, dim, heads, attends=True)
        self.halve_coarse = nn.Conv2d(coarse, coarse, 3, stride=2, padding=1)
        self.middle = _Level([coarse, coarse], coarse, dim, heads, attends=True)
        self.up_coarse = _Level([2 * coarse, coarse], coarse, dim, heads, attends=True)
        self.up_fine = _Level([coarse + fine, fine], fine, dim, heads, attends=False)
        self.head = nn.Sequential(
            normalisation(fine), nn.SiLU(), nn.Conv2d(fine, frames * latent_channels, 3, padding=1)
        )

    def forward(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """See `Denoiser`: (b, f, c, h, w), (b,), text, (b, c, h, w) -> (b, f, c, h, w)."""
        pointed = self.point(text, first_frame)
        modulations = self.modulations(timestep, text, pointed)
        joined = self.joined(noisy, first_frame)
        x = self.run(joined if pointed is None else pointed.centred(joined), modulations, self.read(text), text.mask)
        return (x if pointed is None else pointed.back(x)).reshape(noisy.shape).float()

    def for_plan(self, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]) -> Denoiser:
        """See `PlanDenoiser`: all that time step and text do is computed in one go, the tokens are read once."""
        return PlannedVideoUNet(self, text, first_frame, timesteps)

    def levels(self) -> list[_Level]:
        """In the order in which they run."""
        return [self.down_fine, self.down_coarse, self.middle, self.up_coarse, self.up_fine]

    def point(self, text: TextEmbedding, first_frame: Tensor) -> Pointed | None:
        """Where in the first frame the text's thing is."""
        return None if self.pointer is None else self.pointer(first_frame, text)

    def modulations(self, timestep: Tensor, text: TextEmbedding, pointed: Pointed | None) -> _Modulations:
        """What `timestep` (b,), sentences and the place pointed to do to each level."""
        condition = self.time(timestep_embedding(timestep, self.time[0].in_features)) + self.sentence(text.pooled)
        if self.place is not None and pointed is not None:
            condition = condition + self.place(pointed.place)
        return [level.modulations(functional.silu(condition)) for level in self.levels()]

    def read(self, text: TextEmbedding) -> _Read:
        """What each level attends to in `text`."""
        return [level.read(text) for level in self.levels()]

    @staticmethod
    def joined(noisy: Tensor, first_frame: Tensor) -> Tensor:
        """The frames as channels of one image, (b, (f + 1) c, h, w)."""
        return torch.cat([noisy.flatten(1, 2), first_frame], 1)

    def run(
        self, x: Tensor, modulations: _Modulations, read: _Read, mask: Tensor, coarse: Convolve = convolve
    ) -> Tensor:
        """(b, (f + 1) c, h, w) -> (b, f c, h, w); `coarse` computes the convolutions of all levels but the finest."""
        given = [(*level, mask) for level in zip(modulations, read, strict=True)]
        fine = self.down_fine(self.stem(x), *given[0])  # (b, width, h, w)
        middle = self.down_coarse(coarse(self.halve_fine, fine), *given[1], coarse)  # (b, 2 width, h / 2, w / 2)
        x = self.middle(coarse(self.halve_coarse, middle), *given[2], coarse)  # (b, 2 width, h / 4, w / 4)
        x = self.up_coarse(torch.cat([_double(x), middle], 1), *given[3], coarse)
        x = self.up_fine(torch.cat([_double(x), fine], 1), *given[4])
        out: Tensor = self.head(x)
        return out


class PlannedVideoUNet:
    """A `VideoUNet` prepared for one batch of plans; implements `Denoiser`. All rows of a call are at one timestep.

    Where autocast asks for bfloat16 the convolutions of the coarser levels follow, and nothing else: the finest level
    would lose most of the precision, and whatever is no convolution gains no time.
    """

    prediction = VideoUNet.prediction

    def __init__(self, model: VideoUNet, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]) -> None:
        rows, device = len(text.pooled), text.pooled.device
        steps = torch.tensor(list(timesteps), device=device).repeat_interleave(rows)  # (t b,)
        every = torch.arange(rows, device=device).repeat(len(timesteps))
        self._model, self._device = model, device.type
        self._coarse = NarrowConvolve() if torch.is_autocast_enabled(device.type) else convolve
        with torch.autocast(self._device, enabled=False):
            self._pointed = pointed = model.point(text, first_frame)
            repeated = None if pointed is None else Pointed(pointed.cell[every], pointed.place[every])
            modulations = model.modulations(steps, text[every], repeated)
            parts = [[block.split(rows) for block in level] for level in modulations]
            self._read = model.read(text)
        self._modulations = {t: [[block[i] for block in level] for level in parts] for i, t in enumerate(timesteps)}

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        """See `Denoiser`."""
        x, modulations = VideoUNet.joined(noisy, first_frame), self._modulations[int(timestep[0])]
        pointed = self._pointed
        with torch.autocast(self._device, enabled=False):
            x = x if pointed is None else pointed.centred(x)
            x = self._model.run(x, modulations, self._read, text.mask, self._coarse)
            return (x if pointed is None else pointed.back(x)).reshape(noisy.shape)


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
