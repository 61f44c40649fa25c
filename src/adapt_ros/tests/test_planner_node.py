"""The planner node with a fake planner, spoken to over DDS."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")

from action_msgs.msg import GoalStatus
from adapt_core.errors import CancelledByUserError, ConfigError, PeerLostError, WeightsError
from adapt_core.ports import StepProgress, StopCheck, never
from adapt_core.types import PlanRequest, VideoPlan
from adapt_ros.clients import RosPlanner
from adapt_ros.convert import from_video_plan, to_image
from adapt_ros.endpoints import ServiceName
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.fakes.models import FakePlanner
from adapt_ros.nodes.planner import PlannerNode
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState

from adapt_ros import interfaces

pytestmark = pytest.mark.ros
IMAGE = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)


class GatedPlanner(FakePlanner):
    """Takes a step only when the test lets it."""

    def __init__(self, steps: int = 4) -> None:
        super().__init__(steps=steps)
        self.gate = threading.Semaphore(0)
        self.steps_done = 0

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """Waits at the gate in each step."""

        def gated(step: int, steps: int) -> None:
            self.gate.acquire(timeout=30.0)
            self.steps_done += 1
            if progress is not None:
                progress(step, steps)

        return super().plan(requests, gated, should_stop)


def ask(harness: Harness, seed: int = 0) -> Goal:
    prompts = {"in_domain_prompt": "door close", "prior_prompt": "a robot arm closing a door"}
    return harness.send(interfaces.PLAN_VIDEO, image=to_image(IMAGE, 12.5), seed=seed, **prompts)


def requests(*seeds: int) -> list[PlanRequest]:
    return [PlanRequest(IMAGE, "door close", "a robot arm closing a door", seed, 12.5) for seed in seeds]


def test_a_plan_with_feedback_for_each_step(harness: Harness) -> None:
    planner = GatedPlanner(steps=5)
    harness.add(PlannerNode, planner, gather_s=0.0)
    goal = ask(harness, seed=-3)
    harness.until(lambda: goal.accepted, "the goal to be taken")
    for step in range(1, 6):
        planner.gate.release()
        # rclpy drops feedback that comes after the result: the last step's may be lost
        harness.until(lambda step=step: len(goal.feedback) == step or goal.ended, f"feedback of step {step}")
    plan = from_video_plan(goal.result().plan)
    assert goal.status == GoalStatus.STATUS_SUCCEEDED
    assert plan.frames.shape == (8, 8, 8, 3)
    assert (plan.seed, plan.stamp_s, plan.weights_version) == (-3, 12.5, "fake-embedded")
    assert [(message.step, message.steps) for message in goal.feedback][:4] == [(step, 5) for step in range(1, 5)]


def test_a_cancel_takes_effect_within_one_step(harness: Harness) -> None:
    planner = GatedPlanner(steps=1000)
    node = harness.add(PlannerNode, planner)
    goal = ask(harness)
    planner.gate.release()
    harness.until(lambda: planner.steps_done == 1, "the first step")
    goal.cancel()
    harness.until(
        lambda: any(one.is_cancel_requested for one in node._plan_server._goal_handles.values()), "the cancel"
    )
    planner.gate.release()
    assert goal.result().message == "imagining was cancelled"
    assert goal.status == GoalStatus.STATUS_CANCELED
    harness.until(lambda: not node.busy, "the sampling to stop")
    assert planner.steps_done == 2


def test_goals_that_wait_are_sampled_together(harness: Harness) -> None:
    planner = GatedPlanner(steps=2)
    harness.add(PlannerNode, planner, max_batch=3, gather_s=0.0)
    first = ask(harness)
    harness.until(lambda: planner.batches == [1], "the first goal to be sampled")
    waiting = [ask(harness, seed) for seed in range(1, 6)]
    harness.until(lambda: all(goal.accepted for goal in waiting), "the others to be queued")
    planner.gate.release(100)
    for goal in [first, *waiting]:
        assert goal.result().message == ""
    assert planner.batches == [1, 3, 2]
    assert [goal.ended.plan.seed for goal in waiting] == [1, 2, 3, 4, 5]


def test_a_cancelled_goal_does_not_disturb_the_others_of_its_batch(harness: Harness) -> None:
    planner = GatedPlanner(steps=3)
    node = harness.add(PlannerNode, planner, gather_s=0.0)
    ask(harness)
    harness.until(lambda: planner.batches == [1], "the first goal to be sampled")
    cancelled, other = ask(harness, 1), ask(harness, 2)
    harness.until(lambda: cancelled.accepted and other.accepted, "both to be queued")
    planner.gate.release(3)
    harness.until(lambda: planner.batches == [1, 2], "both to be sampled")
    cancelled.cancel()
    harness.until(
        lambda: any(one.is_cancel_requested for one in node._plan_server._goal_handles.values()), "the cancel"
    )
    planner.gate.release(3)
    assert other.result().message == ""
    assert cancelled.result().message == "imagining was cancelled"
    assert cancelled.feedback == []


def test_another_weights_version_is_announced_and_a_broken_one_changes_nothing(harness: Harness) -> None:
    harness.add(PlannerNode, FakePlanner())
    said = harness.hear(interfaces.WEIGHTS_VERSION)
    harness.until(lambda: said and said[-1].version == "fake-embedded", "the first version, latched")
    good = harness.call(interfaces.LOAD_WEIGHTS, version="run-001")
    assert (good.success, good.version, good.message) == (True, "run-001", "")
    bad = harness.call(interfaces.LOAD_WEIGHTS, version="broken-002")
    assert (bad.success, bad.version) == (False, "run-001")
    assert "broken-002" in bad.message
    assert "run-001 serves on" in bad.message
    assert ask(harness).result().plan.weights_version == "run-001"


def test_weights_are_loaded_between_plans_only(harness: Harness) -> None:
    planner = GatedPlanner(steps=2)
    harness.add(PlannerNode, planner)
    goal = ask(harness)
    planner.gate.release()
    harness.until(lambda: planner.steps_done == 1, "the middle of the plan")
    client = interfaces.LOAD_WEIGHTS.client(harness.me)
    harness.until(client.service_is_ready, "the service")
    loading = harness.me.in_executor(client.call_async, interfaces.LOAD_WEIGHTS.type.Request(version="run-001"))
    planner.gate.release()
    assert goal.result().plan.weights_version == "fake-embedded"
    assert loading.result(30.0).success


def test_an_image_in_another_encoding_is_answered_with_what_to_do(harness: Harness) -> None:
    harness.add(PlannerNode, FakePlanner())
    image = to_image(IMAGE)
    image.encoding = "mono16"
    goal = harness.send(interfaces.PLAN_VIDEO, image=image)
    assert "rgb8 or bgr8" in goal.result().message
    assert goal.status == GoalStatus.STATUS_ABORTED


def test_the_client_is_a_video_planner(harness: Harness) -> None:
    harness.add(PlannerNode, FakePlanner())
    shown: list[object] = []
    client = RosPlanner(harness.me, on_plan=shown.append)
    assert client.weights_version == "fake-embedded"
    steps: list[int] = []
    plans = client.plan(requests(4, 5), lambda step, _: steps.append(step))
    assert [plan.seed for plan in plans] == [4, 5]
    assert len(shown) == 2
    assert steps == sorted(steps)
    client.load_weights("run-001")
    assert client.weights_version == "run-001"
    with pytest.raises(WeightsError, match="damaged"):
        client.load_weights("broken")


def test_the_client_cancels_when_it_should_stop(harness: Harness) -> None:
    planner = FakePlanner(steps=100_000, step_s=0.01)
    node = harness.add(PlannerNode, planner)
    with pytest.raises(CancelledByUserError):
        RosPlanner(harness.me).plan(requests(1), should_stop=lambda: bool(planner.batches))
    harness.until(lambda: not node.busy, "the sampling to stop")


def test_a_planner_that_hangs_is_named(harness: Harness) -> None:
    planner = GatedPlanner()
    node = harness.add(PlannerNode, planner)
    client = RosPlanner(harness.me)
    hung = False

    def hang_once_sampling() -> bool:
        nonlocal hung
        if planner.batches and not hung:
            hung = True
            harness.hang(node)
        return False

    with pytest.raises(PeerLostError, match=r"/test/planner died or hangs.*start the graph again"):
        client.plan(requests(1), should_stop=hang_once_sampling)
    planner.gate.release(100)
    node.destroy_node()


def test_a_preset_that_does_not_exist_fails_the_start(harness: Harness, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no-such-preset"):
        harness.add(PlannerNode, preset="no-such-preset", run=str(tmp_path))


def test_without_autostart_it_serves_once_it_is_configured_and_activated(harness: Harness) -> None:
    node = harness.add(PlannerNode, FakePlanner(), autostart=False)
    client = ServiceName("planner/change_state", ChangeState)
    assert not node.active
    for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
        assert harness.call(client, transition=Transition(id=transition)).success
    assert ask(harness).result().message == ""
    assert harness.call(client, transition=Transition(id=Transition.TRANSITION_DEACTIVATE)).success
    refused = ask(harness)
    assert harness.until(lambda: refused.accepted is not None, "an answer")
    assert refused.accepted is False
