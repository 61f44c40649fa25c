"""TensorBoard scalars of one training."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

LOG_EVERY = 10  # steps


class Board:
    """Writes loss and learning rate of every tenth step below `folder`; nothing where it is not `written`."""

    def __init__(self, folder: Path, step: int, written: bool) -> None:
        """What was written of steps after `step`, by a training that was killed, is dropped."""
        from torch.utils.tensorboard import SummaryWriter  # half a second that only a training should take

        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=step) if written else None

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def log(self, step: int, loss: float, learning_rate: float) -> None:
        """Note the step if it is its turn."""
        if self._writer is not None and step % LOG_EVERY == 0:
            self._writer.add_scalar("loss", loss, step)
            self._writer.add_scalar("learning_rate", learning_rate, step)
