"""The training engine: it learns, resumes to the bit, and survives what goes wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from adapt_core.errors import CancelledByUserError, TrainingError
from adapt_learning.training.checkpoint import FILE
from adapt_learning.training.engine import Run, learning_rate, train
from adapt_learning.training.settings import TrainSettings
from torch import Tensor, nn

SETTINGS = TrainSettings(
    steps=20, batch_size=8, learning_rate=0.05, warmup=2, decay="cosine", ema=0.9, checkpoint_every=5, bf16=False
)


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))


def batches(generator: torch.Generator) -> Tensor:
    return torch.randn(SETTINGS.batch_size, 3, generator=generator)


def loss(net: nn.Module, x: Tensor, generator: torch.Generator) -> Tensor:
    noise = 0.01 * torch.randn(len(x), generator=generator)
    error: Tensor = net(x)[:, 0] - x.sum(1) - noise
    return error.pow(2).mean()


def weights(net: nn.Module) -> Tensor:
    return torch.cat([value.flatten() for value in net.state_dict().values()])


def test_it_learns_and_keeps_scalars(tmp_path: Path) -> None:
    seen: list[float] = []
    run = Run(tmp_path, 0, progress=lambda step, steps, value: seen.append(value))
    trained = train(model(), batches, loss, replace(SETTINGS, steps=150), run)
    assert not trained.training
    assert seen[-1] < seen[0] / 10
    assert list((tmp_path / "tensorboard").glob("events*"))


@pytest.mark.parametrize("killed_after", [5, 12])
def test_killed_and_resumed_ends_with_the_same_bits(tmp_path: Path, killed_after: int) -> None:
    def die(step: int, steps: int, value: float) -> None:
        if step == killed_after:
            raise KeyboardInterrupt  # nothing is saved on the way out, as with SIGKILL

    whole = train(model(), batches, loss, SETTINGS, Run(tmp_path / "whole", 7))
    with pytest.raises(KeyboardInterrupt):
        train(model(), batches, loss, SETTINGS, Run(tmp_path / "killed", 7, progress=die))
    steps: list[int] = []
    again = Run(tmp_path / "killed", 7, progress=lambda step, steps_, value: steps.append(step))
    resumed = train(model(), batches, loss, SETTINGS, again)
    assert steps[0] == killed_after // 5 * 5 + 1
    assert torch.equal(weights(resumed), weights(whole))


def test_cancelled_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    done: list[int] = []
    run = Run(tmp_path, 0, progress=lambda step, steps, value: done.append(step), should_stop=lambda: len(done) == 7)
    with pytest.raises(CancelledByUserError, match="after 7 of 20"):
        train(model(), batches, loss, SETTINGS, run)
    finished = train(model(), batches, loss, SETTINGS, replace(run, should_stop=lambda: False))
    assert done == list(range(1, 21))
    assert torch.equal(weights(finished), weights(train(model(), batches, loss, SETTINGS, Run(tmp_path / "whole", 0))))


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    calls: list[int] = []

    def breaks(net: nn.Module, x: Tensor, generator: torch.Generator) -> Tensor:
        calls.append(1)
        return loss(net, x, generator) * (math.nan if len(calls) == 13 else 1.0)

    with pytest.raises(TrainingError, match=r"not finite after 12 steps.*checkpoint is kept"):
        train(model(), batches, breaks, SETTINGS, Run(tmp_path, 0))
    steps: list[int] = []
    train(model(), batches, loss, SETTINGS, Run(tmp_path, 0, progress=lambda step, of, value: steps.append(step)))
    assert steps[0] == 11


def test_a_folder_of_another_training_is_refused(tmp_path: Path) -> None:
    train(model(), batches, loss, SETTINGS, Run(tmp_path, 0))
    with pytest.raises(TrainingError, match="other data or settings"):
        train(model(), batches, loss, SETTINGS, Run(tmp_path, 1))


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    train(model(), batches, loss, SETTINGS, Run(tmp_path, 0))
    (tmp_path / FILE).write_bytes(b"not safetensors")
    with pytest.raises(TrainingError, match="cannot be read"):
        train(model(), batches, loss, SETTINGS, Run(tmp_path, 0))


def test_learning_rate_warms_up_and_falls() -> None:
    assert learning_rate(SETTINGS, 0) == pytest.approx(0.025)
    assert learning_rate(SETTINGS, 2) == pytest.approx(0.05)
    assert learning_rate(SETTINGS, 20) == pytest.approx(0.005)
    assert learning_rate(replace(SETTINGS, decay="constant"), 19) == pytest.approx(0.05)
