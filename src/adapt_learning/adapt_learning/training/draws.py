"""The chance in training: random numbers that belong to an example, whoever works on it."""

from __future__ import annotations

import hashlib
import struct

import torch
from torch import Tensor


class Draws:
    """Random numbers of the examples `rows` of one step's batch.

    Those of an example depend on seed, step and row alone. What a step learns is thus the same however many processes
    and rounds share the batch, and a training that was interrupted needs nothing but its step to go on.
    """

    def __init__(self, seed: int, step: int, rows: range, device: torch.device | str = "cpu") -> None:
        """Noise is drawn on `device`, indices and shares on the CPU."""
        seeds = [_mixed(seed, step, row) for row in rows]
        self._choices = [torch.Generator().manual_seed(number) for number in seeds]
        on_cpu = torch.device(device).type == "cpu"
        self._noise = self._choices if on_cpu else [torch.Generator(device).manual_seed(number) for number in seeds]

    def __len__(self) -> int:
        """How many examples."""
        return len(self._choices)

    def integers(self, below: int) -> Tensor:
        """(b,) int64, uniform in 0 .. `below` - 1."""
        return torch.cat([torch.randint(below, (1,), generator=one) for one in self._choices])

    def shares(self) -> Tensor:
        """(b,) float32, uniform between 0 and 1."""
        return torch.cat([torch.rand(1, generator=one) for one in self._choices])

    def noise(self, *shape: int) -> Tensor:
        """(b, *shape) float32, standard normal."""
        return torch.stack([torch.randn(shape, generator=one, device=one.device) for one in self._noise])


def _mixed(seed: int, step: int, row: int) -> int:
    """A number that shares nothing with that of the next seed, step or row."""
    digest = hashlib.blake2b(struct.pack("<qqq", seed, step, row), digest_size=8).digest()
    return int.from_bytes(digest, "little")
