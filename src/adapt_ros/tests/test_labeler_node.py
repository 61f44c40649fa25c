"""The labeler node on a real store: people label through services, the simulator by its truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")

from adapt_core.episode_store import EpisodeHeader, EpisodeMeta, EpisodeStore
from adapt_core.run_folder import RunFolder
from adapt_core.types import ActionSpace, ControlLoop, LabelValue, Outcome
from adapt_ros.convert import to_episode_status
from adapt_ros.fakes.harness import Harness
from adapt_ros.nodes.labeler import LabelerNode

from adapt_ros import interfaces

pytestmark = pytest.mark.ros


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(RunFolder(tmp_path.resolve()).episodes)


def add(store: EpisodeStore, index: int, success: bool | None, outcome: Outcome = Outcome.COMPLETED) -> EpisodeMeta:
    header = EpisodeHeader(
        run_id="run", iteration=0, index=index, robot="metaworld", suite="metaworld", task_id="door-close",
        in_domain_prompt="door close", prior_prompt="a door", novel=False, seed=index, method="fake",
        weights_version="one", inverse_dynamics_version="one", code_version="one", control_loop=ControlLoop.OPEN,
        action_space=ActionSpace.RAW, frame_skip=1, image_shape=(8, 8),
    )  # fmt: skip
    frames = np.zeros((3, 8, 8, 3), np.uint8)
    return store.add(header, frames, None, np.zeros((2, 4)), outcome=outcome, success=success)


def test_people_see_what_waits_label_it_and_take_it_back(harness: Harness, store: EpisodeStore, tmp_path: Path) -> None:
    first, second = add(store, 0, None), add(store, 1, None)
    add(store, 2, None, Outcome.ABORTED)
    harness.add(LabelerNode, run=str(tmp_path), labels="operator")
    heard = harness.hear(interfaces.LABEL)

    def pending() -> list[str]:
        return [status.episode_id for status in harness.call(interfaces.PENDING_EPISODES).episodes]

    assert pending() == [first.episode_id, second.episode_id]
    label = {"episode_id": first.episode_id, "operator_name": "ada"}
    assert harness.call(interfaces.LABEL_EPISODE, value="failure", **label).success
    assert pending() == [second.episode_id]
    assert store.label_of(first.episode_id) is LabelValue.FAILURE
    assert harness.call(interfaces.LABEL_EPISODE, value="unlabeled", **label).success
    assert pending() == [first.episode_id, second.episode_id]
    harness.until(lambda: len(heard) == 2, "both judgements on the topic")
    assert [(one.value, one.operator_name) for one in heard] == [("failure", "ada"), ("unlabeled", "ada")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": "great"}, "success, failure"),
        ({"episode_id": "none"}, "none"),
        ({"operator_name": ""}, "operator_name"),
    ],
)
def test_a_label_that_makes_no_sense_is_answered(
    harness: Harness, store: EpisodeStore, tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    meta = add(store, 0, None)
    harness.add(LabelerNode, run=str(tmp_path), labels="operator")
    request = {"episode_id": meta.episode_id, "value": "success", "operator_name": "ada", **change}
    answer = harness.call(interfaces.LABEL_EPISODE, **request)
    assert not answer.success
    assert reason in answer.message
    assert store.label_of(meta.episode_id) is LabelValue.UNLABELED


def test_the_simulator_labels_what_it_knows_and_never_overrules_a_person(
    harness: Harness, store: EpisodeStore, tmp_path: Path
) -> None:
    before, by_hand, unknown = add(store, 0, True), add(store, 1, True), add(store, 2, None)
    store.label(by_hand.episode_id, LabelValue.FAILURE, "ada")
    harness.add(LabelerNode, run=str(tmp_path), labels="simulator")
    assert store.label_of(before.episode_id) is LabelValue.SUCCESS  # ended while no labeler ran

    publisher = harness.me.in_executor(interfaces.EPISODE_STATUS.publisher, harness.me).result(30.0)
    ended = [add(store, 3, False), add(store, 4, True), add(store, 5, True, Outcome.ABORTED)]
    for meta in [by_hand, unknown, *ended]:
        publisher.publish(to_episode_status(meta, str(store.root)))
    harness.until(lambda: store.label_of(ended[1].episode_id) is LabelValue.SUCCESS, "the last completed episode")
    assert store.label_of(ended[0].episode_id) is LabelValue.FAILURE
    assert store.label_of(ended[2].episode_id) is LabelValue.UNLABELED
    assert store.label_of(unknown.episode_id) is LabelValue.UNLABELED
    assert store.label_of(by_hand.episode_id) is LabelValue.FAILURE
    assert store.labels()[before.episode_id].operator == "simulator"
