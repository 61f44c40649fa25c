"""The whole loop over DDS, with fake models, a point for a robot, the real store and the real labeler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from action_msgs.msg import GoalStatus
from adapt_core.episode_store import EpisodeStore
from adapt_core.experience import initial_episodes
from adapt_core.robots import load_robot
from adapt_core.types import ExperienceFilter, LabelValue
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.fakes.models import FakeInverseDynamics, FakePlanner, FakeTrainer
from adapt_ros.fakes.robot_node import FakeRobotNode
from adapt_ros.nodes.episode_runner import EpisodeRunnerNode
from adapt_ros.nodes.inverse_dynamics import InverseDynamicsNode
from adapt_ros.nodes.labeler import LabelerNode
from adapt_ros.nodes.planner import PlannerNode
from adapt_ros.nodes.sail import SailNode
from adapt_ros.nodes.trainer import TrainerNode

from adapt_ros import interfaces

pytestmark = pytest.mark.ros
SMALL = {"task_id": "drawer-close", "iterations": 2, "episodes": 2, "experience_filter": "success", "finetune_steps": 3}


def start(harness: Harness, run: Path, labels: str = "simulator") -> FakeTrainer:
    """All nodes of the loop; the trainer, to see what it was asked."""
    trainer = FakeTrainer()
    harness.add(PlannerNode, FakePlanner(), gather_s=0.0)
    harness.add(InverseDynamicsNode, FakeInverseDynamics(load_robot("metaworld")))
    harness.add(TrainerNode, trainer)
    harness.add(FakeRobotNode)
    common = {"run": str(run), "preset": "fake"}
    harness.add(EpisodeRunnerNode, **common)
    harness.add(LabelerNode, labels=labels, **common)
    harness.add(SailNode, **common)
    return trainer


def run(harness: Harness, **change: object) -> Goal:
    return harness.send(interfaces.RUN_SAIL, **{**SMALL, **change})


def test_two_iterations_and_again_to_go_on(harness: Harness, tmp_path: Path) -> None:
    trainer = start(harness, tmp_path)
    goal = run(harness)
    assert (goal.result().message, goal.status) == ("", GoalStatus.STATUS_SUCCEEDED)
    store = EpisodeStore((tmp_path / "episodes").resolve())
    assert [(meta.iteration, meta.index) for meta in store.episodes()] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert {label.value for label in store.labels().values()} == {LabelValue.SUCCESS}
    first, second = trainer.requests
    assert (first.base_version, second.base_version) == ("fake-embedded", first.new_version)
    assert (len(first.episodes), len(second.episodes)) == (2, 4)
    assert [meta.weights_version for meta in store.episodes(iteration=1)] == [first.new_version] * 2
    harness.until(
        lambda: {message.phase for message in goal.feedback} == {"rollout", "label", "finetune"}, "all phases"
    )
    assert json.loads((tmp_path / "run.json").read_text())["task"] == "drawer-close"

    more = run(harness, iterations=3)
    assert more.result().message == ""
    assert len(store.episodes()) == 6
    assert trainer.requests[-1].base_version == second.new_version

    other = run(harness, task_id="door-close")
    assert "was begun with task" in other.result().message
    other = run(harness, control_loop="closed")
    assert "was begun with control_loop" in other.result().message


@pytest.mark.parametrize(("asked", "executed"), [("", load_robot("metaworld").control_loop), ("closed", "closed")])
def test_how_much_of_a_plan_is_executed_is_the_robots_or_the_goals(
    harness: Harness, tmp_path: Path, asked: str, executed: str
) -> None:
    start(harness, tmp_path)
    assert run(harness, control_loop=asked, iterations=1).result().message == ""
    store = EpisodeStore((tmp_path / "episodes").resolve())
    assert {meta.control_loop for meta in store.episodes()} == {executed}


def test_waiting_for_labels_can_be_cancelled(harness: Harness, tmp_path: Path) -> None:
    start(harness, tmp_path, labels="operator")
    goal = run(harness)
    harness.until(lambda: goal.ended or any(message.phase == "label" for message in goal.feedback), "the labelling")
    second = run(harness)
    assert harness.until(lambda: second.accepted is not None, "an answer")
    assert second.accepted is False
    goal.cancel()
    assert "cancelled" in goal.result().message
    assert goal.status == GoalStatus.STATUS_CANCELED


def test_mistakes_are_answered(harness: Harness, tmp_path: Path) -> None:
    start(harness, tmp_path)
    for change, reason in [
        ({"task_id": "drawer-clos"}, "drawer-close"),
        ({"experience_filter": "best"}, "filter"),
        ({"control_loop": "half"}, "the control loop is one of open, mostly_open"),
        ({"initial_data": str(tmp_path / "nothing")}, "no folder"),
    ]:
        goal = run(harness, **change)
        assert reason in goal.result().message
        assert goal.status == GoalStatus.STATUS_ABORTED


def test_initial_data_is_filtered_as_experience_is(harness: Harness, tmp_path: Path) -> None:
    start(harness, tmp_path / "first")
    assert run(harness, iterations=1, episodes=3).result().message == ""
    folder = tmp_path / "first" / "episodes"
    store = EpisodeStore(folder)
    failed, unsure, _ = (meta.episode_id for meta in store.episodes())
    store.label(failed, LabelValue.FAILURE, "ada")
    store.label(unsure, LabelValue.UNSURE, "ada")
    prompts = {which: [one.prompt for one in initial_episodes(folder, which)] for which in ExperienceFilter}
    assert prompts[ExperienceFilter.SUCCESS] == ["drawer close"]
    assert prompts[ExperienceFilter.RELABEL] == ["not drawer close", "drawer close"]
    assert prompts[ExperienceFilter.NONE] == ["drawer close"] * 3
    assert initial_episodes(None, ExperienceFilter.NONE) == ()
