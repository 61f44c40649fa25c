"""The trainer node with a fake trainer, through its client."""

from __future__ import annotations

import pytest

pytest.importorskip("rclpy")

from adapt_core.errors import CancelledByUserError, TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import FinetuneRequest, TrainingEpisode
from adapt_ros.clients import RosTrainer
from adapt_ros.convert import to_finetune_goal
from adapt_ros.fakes.harness import Harness
from adapt_ros.fakes.models import FakeTrainer
from adapt_ros.nodes.trainer import TrainerNode

from adapt_ros import interfaces

pytestmark = pytest.mark.ros
REQUEST = FinetuneRequest("one", "two", (TrainingEpisode("runs/a", "episode", "door close"),), 5, 4, 1e-5, 0)


class UnhappyTrainer(FakeTrainer):
    """Finds nothing to train on."""

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """Raises TrainingError."""
        raise TrainingError("no usable episode: roll out more")


def test_the_loss_is_told_and_the_request_arrives_whole(harness: Harness) -> None:
    trainer = FakeTrainer(step_s=0.05)
    harness.add(TrainerNode, trainer)
    goal = harness.send(interfaces.FINETUNE, **fields(REQUEST))
    assert (goal.result().version, goal.ended.message) == ("two", "")
    assert trainer.requests == [REQUEST]
    told = [
        (message.step, message.steps, message.loss) for message in goal.feedback
    ]  # rclpy drops what comes after the result
    assert told == [(step, 5, 1.0 / step) for step in range(1, 6)][: len(told)]
    assert told


def test_the_client_reports_cancels_and_passes_errors_on(harness: Harness) -> None:
    trainer = FakeTrainer(step_s=0.01)
    node = harness.add(TrainerNode, trainer)
    losses: list[float] = []
    client = RosTrainer(harness.me)
    assert client.finetune(REQUEST, lambda _step, _steps, loss: losses.append(loss)) == "two"
    assert losses == sorted(losses, reverse=True)
    long = FinetuneRequest("one", "two", (), 100_000, 4, 1e-5, 0)
    with pytest.raises(CancelledByUserError, match="same command continues"):
        client.finetune(long, should_stop=lambda: len(trainer.requests) == 2)
    harness.until(lambda: not node.busy, "the training to stop")


def test_what_went_wrong_reaches_the_client(harness: Harness) -> None:
    harness.add(TrainerNode, UnhappyTrainer())
    with pytest.raises(TrainingError, match="roll out more"):
        RosTrainer(harness.me).finetune(REQUEST)


def fields(request: FinetuneRequest) -> dict[str, object]:
    goal = to_finetune_goal(request)
    return {name: getattr(goal, name) for name in goal.get_fields_and_field_types()}
