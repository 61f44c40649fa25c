"""What all samplers share: the score they follow, and steps that can be watched and cancelled.

A sampler is a function in a file of its own; `adapt_learning.diffusion.settings` chooses one by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StepProgress, StopCheck
from torch import Tensor

Score = Callable[[Tensor, Tensor], Tensor]  # (noisy (b, f, c, h, w), timestep (b,)) -> prediction (b, f, c, h, w)
NoiseSource = Callable[[], Tensor]  # standard normal noise (b, f, c, h, w), new at each call

S = TypeVar("S")


def watched(steps: Sequence[S], progress: StepProgress | None, should_stop: StopCheck) -> Iterator[S]:
    """Each of `steps` in turn; `progress` hears of each when its work is done.

    Raises CancelledByUserError before the next step once `should_stop` is true.
    """
    for done, step in enumerate(steps):
        if should_stop():
            raise CancelledByUserError(f"sampling was cancelled after {done} of {len(steps)} steps")
        yield step
        if progress is not None:
            progress(done + 1, len(steps))


def level(timestep: int, sample: Tensor) -> Tensor:
    """`timestep` for every row of `sample` (b, ...): (b,) int64 on its device."""
    return torch.full((len(sample),), timestep, dtype=torch.int64, device=sample.device)
