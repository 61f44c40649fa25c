"""One step of training: batch, loss, gradients, new weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from adapt_core.errors import TrainingError
from torch import Tensor, nn

from adapt_learning.training.checkpoint import TrainState
from adapt_learning.training.draws import Draws
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings

MAX_GRADIENT_NORM = 1.0
FINAL_RATE = 0.1  # of the peak learning rate, where a cosine ends
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

M = TypeVar("M", bound=nn.Module)
Batch = TypeVar("Batch")


def _nothing(batch: object) -> str:
    return ""


@dataclass(frozen=True)
class Lesson(Generic[M, Batch]):
    """What a model is taught.

    `batches` draws examples and `loss` makes the mean over them, both with the draws given as their only source of
    chance; `describe` says in an error where the examples come from.
    """

    batches: Callable[[Draws], Batch]
    loss: Callable[[M, Batch, Draws], Tensor]
    describe: Callable[[Batch], str] = _nothing


class Learner(Generic[M, Batch]):
    """A model while it is trained."""

    def __init__(
        self, model: M, lesson: Lesson[M, Batch], settings: TrainSettings, seed: int, processes: Processes
    ) -> None:
        """Raises TrainingError where the batch is too small for the processes."""
        self._lesson, self._settings, self._seed, self._processes = lesson, settings, seed, processes
        self._rounds = processes.rounds(settings.batch_size, settings.accumulation)
        self.state = initial_state(model, settings)
        self.device = next(model.parameters()).device
        self._objective = processes.accelerator.prepare_model(_Objective(model, lesson.loss))

    @property
    def learning_rate(self) -> float:
        """That of the last step."""
        return float(self.state.optimizer.param_groups[0]["lr"])

    def step(self) -> float:
        """Learn from one batch; the loss before it. Raises TrainingError when that is not finite."""
        state, settings = self.state, self._settings
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(settings, state.step)
        state.optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.device)
        for rows in self._rounds:
            total += self._backward(rows, last=rows is self._rounds[-1])
        loss = self._processes.mean(total).item()
        state.scaler.unscale_(state.optimizer)
        norm = nn.utils.clip_grad_norm_(_trained(state.model), MAX_GRADIENT_NORM)
        self._check(loss, norm)
        state.scaler.step(state.optimizer)
        state.scaler.update()
        state.step += 1
        _average(state, settings.ema)
        return loss

    def _backward(self, rows: range, last: bool) -> Tensor:
        """Add the gradients of `rows`; their share of the batch's loss, as a mean over the processes counts it."""
        draws = Draws(self._seed, self.state.step, rows, self.device)
        batch = self._lesson.batches(draws)
        dtype = _DTYPES[self._settings.precision]
        accelerator = self._processes.accelerator
        with nullcontext() if last else accelerator.no_sync(self._objective):
            with torch.autocast(self.device.type, dtype, enabled=dtype is not torch.float32):
                loss = self._objective(batch, draws)
            loss = loss * (len(rows) * self._processes.count / self._settings.batch_size)
            self.state.scaler.scale(loss).backward()
        share: Tensor = loss.detach()
        return share

    def _check(self, loss: float, norm: Tensor) -> None:
        """In fp16 gradients may overflow: that step is skipped and the loss scaled down, unless that went on for long."""
        scaler = self.state.scaler
        tolerated = scaler.is_enabled() and scaler.get_scale() >= 1
        if math.isfinite(loss) and (tolerated or torch.isfinite(norm)):
            return
        draws = (Draws(self._seed, self.state.step, rows) for rows in self._rounds)
        seen = "; ".join(filter(None, (self._lesson.describe(self._lesson.batches(one)) for one in draws)))
        raise TrainingError(
            f"the loss is not finite after {self.state.step} steps{f', on {seen}' if seen else ''}: lower the learning "
            "rate or look for broken episodes; the last good checkpoint is kept"
        )


class _Objective(nn.Module, Generic[M, Batch]):
    """A model and its loss in one: gradients are synchronised whichever of the model's methods the loss calls."""

    def __init__(self, model: M, loss: Callable[[M, Batch, Draws], Tensor]) -> None:
        super().__init__()
        self.model = model
        self._loss = loss

    def forward(self, batch: Batch, draws: Draws) -> Tensor:
        return self._loss(self.model, batch, draws)


def initial_state(model: nn.Module, settings: TrainSettings) -> TrainState:
    """Nothing learned yet."""
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    device = next(model.parameters()).device.type
    optimizer = torch.optim.AdamW(
        _trained(model), settings.learning_rate, settings.betas, weight_decay=settings.weight_decay
    )
    scaler = torch.amp.GradScaler(device, enabled=settings.precision == "fp16")
    return TrainState(model, average, optimizer, scaler)


def learning_rate(settings: TrainSettings, step: int) -> float:
    """Learning rate of the step after `step` steps: linear warm-up, then cosine or constant."""
    peak = settings.learning_rate
    if step < settings.warmup:
        return peak * (step + 1) / settings.warmup
    if settings.decay == "constant":
        return peak
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return peak * (FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * done)) / 2)


@torch.no_grad()
def _average(state: TrainState, decay: float) -> None:
    """Exponential moving average of the weights, of shorter memory in the first steps."""
    keep = min(decay, (1 + state.step) / (10 + state.step))
    now = {name: value for name, value in state.model.state_dict().items() if value.is_floating_point()}
    torch._foreach_lerp_([state.average[name] for name in now], list(now.values()), 1 - keep)


def _trained(model: nn.Module) -> list[nn.Parameter]:
    return [value for value in model.parameters() if value.requires_grad]
