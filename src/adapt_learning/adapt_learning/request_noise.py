"""Noise that depends on each request's seed alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class RequestNoise:
    """Standard normal noise for a batch of requests, float32 on `device`; a `NoiseSource`.

    Each row is drawn by a generator of its own, on the CPU, so that a plan does not change with the company it is sampled
    in, nor with the device.
    """

    def __init__(self, seeds: Sequence[int], shape: Sequence[int], device: torch.device | str = "cpu") -> None:
        """`shape` (f, c, h, w) is that of one row."""
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._shape, self._device = tuple(shape), device

    def __call__(self) -> Tensor:
        """The next (b, f, c, h, w)."""
        rows = [torch.randn(self._shape, generator=generator) for generator in self._generators]
        return torch.stack(rows).to(self._device)
