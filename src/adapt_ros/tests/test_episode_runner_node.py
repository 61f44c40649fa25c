"""Episodes over DDS: fake models and a point for a robot, the real runner, clients and store."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from action_msgs.msg import GoalStatus
from adapt_core.episode_store import EpisodeStore
from adapt_core.robots import load_robot
from adapt_core.types import Outcome
from adapt_ros.convert import from_video_plan
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.fakes.models import FakeInverseDynamics, FakePlanner
from adapt_ros.fakes.robot_node import FakeRobotNode
from adapt_ros.nodes.episode_runner import EpisodeRunnerNode
from adapt_ros.nodes.inverse_dynamics import InverseDynamicsNode
from adapt_ros.nodes.planner import PlannerNode

from adapt_ros import interfaces

pytestmark = pytest.mark.ros


class Rig:
    """An episode runner and all that it talks to."""

    def __init__(self, harness: Harness, run: Path, planner: FakePlanner | None = None, pace: float = 0.0) -> None:
        self.harness = harness
        self.planner = harness.add(PlannerNode, planner or FakePlanner(), gather_s=0.0)
        harness.add(InverseDynamicsNode, FakeInverseDynamics(load_robot("metaworld")))
        self.robot = harness.add(FakeRobotNode, pace=pace)
        self.runner = harness.add(EpisodeRunnerNode, run=str(run), preset="fake")
        self.store = EpisodeStore((run / "episodes").resolve())

    def send(self, **goal: object) -> Goal:
        """Ask for an episode."""
        return self.harness.send(interfaces.RUN_EPISODE, **{"task_id": "door-close", "run_id": "test", **goal})


def test_an_episode_is_run_stored_and_announced(harness: Harness, tmp_path: Path) -> None:
    rig = Rig(harness, tmp_path)
    announced, previews = harness.hear(interfaces.EPISODE_STATUS), harness.hear(interfaces.VIDEO_PLAN)
    goal = rig.send(seed=3, iteration=1, index=2, control_loop="semi_open")
    episode = goal.result().episode
    assert (goal.status, goal.ended.message) == (GoalStatus.STATUS_SUCCEEDED, "")
    meta = rig.store.meta(episode.episode_id)
    assert (meta.outcome, meta.success, meta.seed, meta.iteration, meta.index) == (Outcome.COMPLETED, True, 3, 1, 2)
    assert (meta.method, meta.weights_version, meta.steps) == ("fake", "fake-embedded", episode.steps)
    assert [message.step for message in goal.feedback] == sorted(message.step for message in goal.feedback)
    harness.until(lambda: announced == [episode], "the episode on the topic")
    harness.until(lambda: previews, "the plan on the topic")
    assert from_video_plan(previews[-1]).in_domain_prompt == "door close"


def test_prompts_of_ones_own_replace_those_of_the_task(harness: Harness, tmp_path: Path) -> None:
    rig = Rig(harness, tmp_path)
    both = rig.store.meta(rig.send(in_domain_prompt="shut it", prior_prompt="an arm").result().episode.episode_id)
    assert (both.in_domain_prompt, both.prior_prompt) == ("shut it", "an arm")
    one = rig.store.meta(rig.send(prior_prompt="an arm").result().episode.episode_id)
    assert (one.in_domain_prompt, one.prior_prompt) == ("door close", "an arm")


def test_an_episode_that_cannot_begin_says_why(harness: Harness, tmp_path: Path) -> None:
    rig = Rig(harness, tmp_path)
    for change, reason in [({"task_id": "dor-close"}, "door-close"), ({"control_loop": "loose"}, "semi_open")]:
        goal = rig.send(**change)
        assert reason in goal.result().message
        assert goal.status == GoalStatus.STATUS_ABORTED
    assert rig.store.episodes() == []


@pytest.mark.parametrize(("code", "outcome"), [("not_enabled", "aborted"), ("outside_workspace", "completed")])
def test_a_refused_chunk_ends_the_episode(code: str, outcome: str, harness: Harness, tmp_path: Path) -> None:
    """A plan that the simulated robot refuses as bad is a failure: another attempt would imagine the same one."""
    rig = Rig(harness, tmp_path)
    rig.robot.refusal = code
    episode = rig.send().result().episode
    assert (episode.outcome, episode.reason) == (outcome, "refused by the test")
    assert rig.store.meta(episode.episode_id).frames == 1


def test_one_episode_at_a_time_and_a_cancelled_one_is_stored(harness: Harness, tmp_path: Path) -> None:
    rig = Rig(harness, tmp_path, pace=0.2)
    goal = rig.send(control_loop="closed")
    harness.until(lambda: goal.feedback or goal.ended, "the first step")
    second = rig.send()
    assert harness.until(lambda: second.accepted is not None, "an answer")
    assert second.accepted is False
    goal.cancel()
    episode = goal.result().episode
    assert (episode.outcome, goal.status) == ("aborted", GoalStatus.STATUS_CANCELED)
    assert rig.store.meta(episode.episode_id).frames == episode.steps + 1 >= 2


def test_a_planner_that_dies_aborts_the_episode_and_names_it(harness: Harness, tmp_path: Path) -> None:
    planner = FakePlanner(steps=100_000, step_s=0.01)
    rig = Rig(harness, tmp_path, planner)
    goal = rig.send()
    harness.until(lambda: planner.batches, "the planner to sample")
    harness.hang(rig.planner)
    episode = goal.result().episode
    assert episode.outcome == "aborted"
    assert "/test/planner died or hangs" in episode.reason
    assert rig.store.meta(episode.episode_id).frames == 1
    rig.planner.stop()
    harness.until(lambda: not rig.planner.busy, "the sampling to stop")
    rig.planner.destroy_node()


def test_when_its_process_ends_the_episode_is_stored_as_aborted(harness: Harness, tmp_path: Path) -> None:
    rig = Rig(harness, tmp_path, pace=0.2)
    goal = rig.send(control_loop="closed")
    harness.until(lambda: goal.feedback or goal.ended, "the first step")
    rig.runner.stop()
    goal.result()
    [meta] = rig.store.episodes()
    assert meta.outcome is Outcome.ABORTED
    assert meta.frames >= 2
