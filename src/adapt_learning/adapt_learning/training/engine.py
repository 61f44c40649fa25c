"""The training loop of every model here: codec, prior, in-domain model, inverse dynamics, and SAIL's finetuning.

AdamW (Loshchilov and Hutter 2019) with averaged weights; killed at any moment it goes on from its last checkpoint, and
ends with the very weights of a run that was never killed. Started by `accelerate launch`, several processes share each
batch.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from adapt_core.durable import full_disk_named
from adapt_core.errors import CancelledByUserError
from adapt_core.ports import LossProgress, StopCheck, never
from torch import nn

from adapt_learning.layers import place
from adapt_learning.training.board import Board
from adapt_learning.training.checkpoint import load_checkpoint, save_checkpoint
from adapt_learning.training.learner import Learner, Lesson
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings

M = TypeVar("M", bound=nn.Module)
Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Run:
    """Where and how one training runs: its folder (checkpoint, TensorBoard scalars), seed, data and onlookers.

    `data_id` tells its data from other data; the folder's checkpoint is continued only with the same.
    """

    folder: Path
    seed: int
    data_id: str = ""
    progress: LossProgress | None = None
    should_stop: StopCheck = never


def train(model: M, lesson: Lesson[M, Batch], settings: TrainSettings, run: Run) -> M:
    """Train `model` in place for `settings.steps` and return it with its averaged weights, in evaluation mode.

    A training of the same settings, seed and data that `run.folder` holds is continued. Raises CancelledByUserError
    (checkpoint written), TrainingError for a loss that is not finite and StorageFullError for a full disk (the last good
    checkpoint stays), and whatever `lesson` raises.
    """
    processes = Processes()
    learner = Learner(place(model, next(model.parameters()).device), lesson, settings, run.seed, processes)
    state = learner.state
    fingerprint = json.dumps([asdict(settings), run.seed, run.data_id], sort_keys=True)

    def save() -> None:
        if processes.main:
            save_checkpoint(run.folder, state, fingerprint)

    load_checkpoint(run.folder, state, fingerprint)
    model.train()
    with full_disk_named(str(run.folder)), Board(run.folder, state.step, processes.main) as board:
        while state.step < settings.steps:
            if processes.any(run.should_stop(), learner.device):
                save()
                raise CancelledByUserError(f"training was cancelled after {state.step} of {settings.steps} steps")
            loss = learner.step()
            board.log(state.step, loss, learner.learning_rate)
            if state.step % settings.checkpoint_every == 0 or state.step == settings.steps:
                save()
            if run.progress is not None and processes.main:
                run.progress(state.step, settings.steps, loss)
    processes.wait()
    model.load_state_dict(state.average)
    return model.eval()
