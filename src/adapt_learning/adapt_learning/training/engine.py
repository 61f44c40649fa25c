"""The training loop of every model here: codec, prior, in-domain model, inverse dynamics, and SAIL's finetuning.

AdamW (Loshchilov and Hutter 2019) with averaged weights; killed at any moment it goes on from its last checkpoint, and
ends with the very weights of a run that was never killed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import torch
from adapt_core.errors import CancelledByUserError, TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from adapt_learning.layers import place
from adapt_learning.training.checkpoint import TrainState, load_checkpoint, save_checkpoint
from adapt_learning.training.settings import TrainSettings

MAX_GRADIENT_NORM = 1.0
FINAL_RATE = 0.1  # of the peak learning rate, where a cosine ends
LOG_EVERY = 10

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


def train(
    model: M,
    batches: Callable[[torch.Generator], Batch],
    loss: Callable[[M, Batch, torch.Generator], Tensor],
    settings: TrainSettings,
    run: Run,
) -> M:
    """Train `model` in place for `settings.steps` and return it with its averaged weights, in evaluation mode.

    `batches` draws one batch and `loss` makes a scalar of it, both with the generator given as their only source of
    chance. A training of the same settings, seed and data that `run.folder` holds is continued. Raises
    CancelledByUserError (checkpoint written), and TrainingError for a loss that is not finite (the last good checkpoint
    stays).
    """
    state = _initial_state(place(model, next(model.parameters()).device), settings, run.seed)
    fingerprint = json.dumps([asdict(settings), run.seed, run.data_id], sort_keys=True)
    load_checkpoint(run.folder, state, fingerprint)
    model.train()
    with closing(SummaryWriter(str(run.folder / "tensorboard"), purge_step=state.step)) as board:
        while state.step < settings.steps:
            if run.should_stop():
                save_checkpoint(run.folder, state, fingerprint)
                raise CancelledByUserError(f"training was cancelled after {state.step} of {settings.steps} steps")
            value = _step(model, state, batches, loss, settings)
            _log(board, state, value)
            if state.step % settings.checkpoint_every == 0 or state.step == settings.steps:
                save_checkpoint(run.folder, state, fingerprint)
            if run.progress is not None:
                run.progress(state.step, settings.steps, value)
    model.load_state_dict(state.average)
    return model.eval()


def learning_rate(settings: TrainSettings, step: int) -> float:
    """Learning rate of the step after `step` steps: linear warm-up, then cosine or constant."""
    peak = settings.learning_rate
    if step < settings.warmup:
        return peak * (step + 1) / settings.warmup
    if settings.decay == "constant":
        return peak
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return peak * (FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * done)) / 2)


def _initial_state(model: nn.Module, settings: TrainSettings, seed: int) -> TrainState:
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    return TrainState(model, average, optimizer, torch.Generator().manual_seed(seed))


def _step(
    model: M,
    state: TrainState,
    batches: Callable[[torch.Generator], Batch],
    loss: Callable[[M, Batch, torch.Generator], Tensor],
    settings: TrainSettings,
) -> float:
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate(settings, state.step)
    batch = batches(state.generator)
    device = next(model.parameters()).device.type
    with torch.autocast(device, torch.bfloat16, enabled=settings.bf16):
        value = loss(model, batch, state.generator)
    state.optimizer.zero_grad(set_to_none=True)
    value.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
    if not math.isfinite(number := value.item()) or not torch.isfinite(norm):
        raise TrainingError(
            f"the loss is not finite after {state.step} steps: lower the learning rate or look for broken episodes; "
            "the last good checkpoint is kept"
        )
    state.optimizer.step()
    state.step += 1
    _average(model, state, settings.ema)
    return number


@torch.no_grad()
def _average(model: nn.Module, state: TrainState, decay: float) -> None:
    """Exponential moving average of the weights, of shorter memory in the first steps."""
    keep = min(decay, (1 + state.step) / (10 + state.step))
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            state.average[name].lerp_(value, 1 - keep)


def _log(board: SummaryWriter, state: TrainState, value: float) -> None:
    if state.step % LOG_EVERY == 0:
        board.add_scalar("loss", value, state.step)
        board.add_scalar("learning_rate", state.optimizer.param_groups[0]["lr"], state.step)
