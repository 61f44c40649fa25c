"""The processes that share one training: one, or as many as `accelerate launch` started."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs, reduce
from adapt_core.errors import TrainingError
from torch import Tensor

T = TypeVar("T")


class Processes:
    """This process among those that train together; only `main` writes files and reports.

    Alone, everything here costs nothing. Precision is not left to accelerate: it holds one for the whole process, and
    trainings that follow each other may differ in theirs.
    """

    @cached_property
    def accelerator(self) -> Accelerator:
        """What synchronises gradients."""
        patient = InitProcessGroupKwargs(timeout=timedelta(days=1))  # while one collects data, the others wait
        return Accelerator(mixed_precision="no", device_placement=False, kwargs_handlers=[patient])

    @property
    def device(self) -> torch.device:
        """Where this process should train: its own GPU where there is one."""
        device: torch.device = self.accelerator.device
        return device

    @property
    def count(self) -> int:
        """How many processes there are."""
        return int(self.accelerator.num_processes)

    @property
    def main(self) -> bool:
        """Whether this is the one that writes."""
        return bool(self.accelerator.is_main_process)

    def wait(self) -> None:
        """Until all are here."""
        self.accelerator.wait_for_everyone()

    def mean(self, value: Tensor) -> Tensor:
        """The mean of `value` over the processes, the same in each."""
        mean: Tensor = reduce(value, "mean") if self.count > 1 else value
        return mean

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether `flag` is true in any of them."""
        if self.count == 1:
            return flag
        return self.mean(torch.tensor(float(flag), device=device)).item() > 0

    def own_share(self, items: Sequence[T]) -> Sequence[T]:
        """Every n-th of `items`, so that all of them are some process's."""
        return items[self.accelerator.process_index :: self.count]

    def rounds(self, batch_size: int, accumulation: int) -> list[range]:
        """The rows of a batch that this process works on, a range a round of gradient accumulation.

        Raises TrainingError where there are fewer rows than rounds.
        """
        parts = self.count * accumulation
        if batch_size < parts:
            raise TrainingError(
                f"a batch of {batch_size} cannot be shared by {self.count} processes in {accumulation} rounds: raise "
                f"batch_size to {parts} or lower accumulation"
            )
        bounds = [batch_size * part // parts for part in range(parts + 1)]
        first = self.accelerator.process_index * accumulation
        return [range(bounds[part], bounds[part + 1]) for part in range(first, first + accumulation)]
