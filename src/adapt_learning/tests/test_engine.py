"""The training engine: it learns, resumes to the bit, and survives what goes wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from adapt_core.errors import CancelledByUserError, StorageFullError, TrainingError
from adapt_learning.training.checkpoint import FILE
from adapt_learning.training.draws import Draws
from adapt_learning.training.engine import Run, train
from adapt_learning.training.learner import Lesson, learning_rate
from adapt_learning.training.settings import Precision, TrainSettings
from safetensors import safe_open
from torch import Tensor, nn

SETTINGS = TrainSettings(
    steps=20, batch_size=8, learning_rate=0.05, warmup=2, decay="cosine", ema=0.9, checkpoint_every=5, precision="fp32"
)


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))


def batches(draws: Draws) -> Tensor:
    return draws.noise(3)


def loss(net: nn.Module, x: Tensor, draws: Draws) -> Tensor:
    error: Tensor = net(x)[:, 0] - x.sum(1) - 0.01 * draws.noise()
    return error.pow(2).mean()


LESSON = Lesson(batches, loss)


def weights(net: nn.Module) -> Tensor:
    return torch.cat([value.flatten() for value in net.state_dict().values()])


def test_it_learns_and_keeps_scalars(tmp_path: Path) -> None:
    seen: list[float] = []
    run = Run(tmp_path, 0, progress=lambda step, steps, value: seen.append(value))
    trained = train(model(), LESSON, replace(SETTINGS, steps=150), run)
    assert not trained.training
    assert seen[-1] < seen[0] / 10
    assert list((tmp_path / "tensorboard").glob("events*"))


@pytest.mark.parametrize("killed_after", [5, 12])
def test_killed_and_resumed_ends_with_the_same_bits(tmp_path: Path, killed_after: int) -> None:
    def die(step: int, steps: int, value: float) -> None:
        if step == killed_after:
            raise KeyboardInterrupt  # nothing is saved on the way out, as with SIGKILL

    whole = train(model(), LESSON, SETTINGS, Run(tmp_path / "whole", 7))
    with pytest.raises(KeyboardInterrupt):
        train(model(), LESSON, SETTINGS, Run(tmp_path / "killed", 7, progress=die))
    steps: list[int] = []
    again = Run(tmp_path / "killed", 7, progress=lambda step, steps_, value: steps.append(step))
    resumed = train(model(), LESSON, SETTINGS, again)
    assert steps[0] == killed_after // 5 * 5 + 1
    assert torch.equal(weights(resumed), weights(whole))


def test_cancelled_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    done: list[int] = []
    run = Run(tmp_path, 0, progress=lambda step, steps, value: done.append(step), should_stop=lambda: len(done) == 7)
    with pytest.raises(CancelledByUserError, match="after 7 of 20"):
        train(model(), LESSON, SETTINGS, run)
    finished = train(model(), LESSON, SETTINGS, replace(run, should_stop=lambda: False))
    assert done == list(range(1, 21))
    assert torch.equal(weights(finished), weights(train(model(), LESSON, SETTINGS, Run(tmp_path / "whole", 0))))


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    calls: list[int] = []

    def breaks(net: nn.Module, x: Tensor, draws: Draws) -> Tensor:
        calls.append(1)
        return loss(net, x, draws) * (math.nan if len(calls) == 13 else 1.0)

    broken = Lesson(batches, breaks, lambda x: f"{len(x)} points")
    with pytest.raises(TrainingError, match=r"not finite after 12 steps, on 8 points.*checkpoint is kept"):
        train(model(), broken, SETTINGS, Run(tmp_path, 0))
    steps: list[int] = []
    train(model(), LESSON, SETTINGS, Run(tmp_path, 0, progress=lambda step, of, value: steps.append(step)))
    assert steps[0] == 11


def test_a_folder_of_another_training_is_refused(tmp_path: Path) -> None:
    train(model(), LESSON, SETTINGS, Run(tmp_path, 0))
    with pytest.raises(TrainingError, match="other data or settings"):
        train(model(), LESSON, SETTINGS, Run(tmp_path, 1))


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    train(model(), LESSON, SETTINGS, Run(tmp_path, 0))
    (tmp_path / FILE).write_bytes(b"not safetensors")
    with pytest.raises(TrainingError, match="cannot be read"):
        train(model(), LESSON, SETTINGS, Run(tmp_path, 0))


def test_learning_rate_warms_up_and_falls() -> None:
    assert learning_rate(SETTINGS, 0) == pytest.approx(0.025)
    assert learning_rate(SETTINGS, 2) == pytest.approx(0.05)
    assert learning_rate(SETTINGS, 20) == pytest.approx(0.005)
    assert learning_rate(replace(SETTINGS, decay="constant"), 19) == pytest.approx(0.05)


def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path: Path, disk: Any) -> None:
    def fill(step: int, steps: int, value: float) -> None:
        if step == 12:
            disk.fill()

    with pytest.raises(StorageFullError, match="free some"):
        train(model(), LESSON, SETTINGS, Run(tmp_path, 0, progress=fill))
    disk.free()
    with safe_open(tmp_path / FILE, "pt") as file:
        assert file.metadata()["step"] == "10"


@pytest.mark.parametrize("accumulation", [2, 3, 8])
def test_rounds_of_accumulation_change_nothing(tmp_path: Path, accumulation: int) -> None:
    at_once = train(model(), LESSON, SETTINGS, Run(tmp_path / "one", 0))
    in_rounds = train(model(), LESSON, replace(SETTINGS, accumulation=accumulation), Run(tmp_path / "many", 0))
    torch.testing.assert_close(weights(in_rounds), weights(at_once), rtol=0, atol=1e-5)


def test_a_batch_smaller_than_its_rounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="raise batch_size to 9"):
        train(model(), LESSON, replace(SETTINGS, accumulation=9), Run(tmp_path, 0))


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_mixed_precision_learns_and_resumes_to_the_bit(tmp_path: Path, precision: Precision) -> None:
    settings, seen = replace(SETTINGS, steps=100, precision=precision), list[float]()
    whole = train(model(), LESSON, settings, Run(tmp_path / "whole", 0, "", lambda step, of, loss: seen.append(loss)))
    assert seen[-1] < seen[0] / 5
    stopped = Run(
        tmp_path / "stopped", 0, should_stop=lambda: len(list((tmp_path / "stopped").glob("*.safetensors"))) > 0
    )
    with pytest.raises(CancelledByUserError):
        train(model(), LESSON, settings, stopped)
    resumed = train(model(), LESSON, settings, replace(stopped, should_stop=lambda: False))
    assert torch.equal(weights(resumed), weights(whole))


def test_gradients_that_overflow_at_half_precision_cost_a_step_only(tmp_path: Path) -> None:
    """The loss is scaled by 65,536 at first, which is too much for some; it is halved until gradients are finite."""
    steep = Lesson(batches, lambda net, x, draws: 1e3 * loss(net, x, draws))
    seen: list[float] = []
    settings = replace(SETTINGS, steps=100, precision="fp16")
    train(model(), steep, settings, Run(tmp_path, 0, progress=lambda step, of, value: seen.append(value)))
    assert seen[-1] < seen[0] / 5
