"""Each promise of the guard, broken: executor, guard and a slow world over DDS."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("rclpy")

from adapt_core.paths import CONFIG_ENV, config_dir
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.fakes.point_world import HOME, PointWorld
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.executor import ExecutorNode
from adapt_ros.nodes.guard import GuardNode
from adapt_ros.nodes.sim_bridge import SimBridge

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
PEERS = ("executor", "planner")
LONG = 40  # actions of 2 to 4 s: more than any test waits before it interferes


class Arm:
    """A mock robot behind executor and guard, its peers alive."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.robot = load_robot("metaworld")
        self.status = harness.hear(interfaces.GUARD_STATUS)
        self.world = harness.add(lambda **given: SimBridge(PointWorld(pace=1.0, control_dt_s=0.02), **given))
        self.planner = harness.add(AdaptNode, "planner")
        self.executor = harness.add(ExecutorNode)
        watched = [f"{harness.namespace}/{name}" for name in PEERS]
        self.guard = harness.add(GuardNode, watch=watched, use_sim_time=True)
        response = harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=0)
        self.stamp_s = convert.from_time(response.observation.header.stamp)
        self.home = convert.from_observation(response.observation).end_effector

    def enable(self, lease_s: float = 600.0) -> None:
        """Take the lease."""
        granted = self.harness.call(interfaces.ENABLE_MOTION, enable=True, lease_s=lease_s, operator_name="test")
        assert granted.success, granted.message

    def chunk(self, count: int = 3, **changes: object) -> ActionChunk:
        """`count` poses that are allowed."""
        poses = np.tile(np.array(HOME), (count, 1))  # (n, 8)
        fields = {
            "space": ActionSpace.END_EFFECTOR,
            "actions": poses,
            "frame_skip": self.robot.frame_skip,
            "frame_id": self.robot.frame_id,
            "stamp_s": self.stamp_s,
        }
        return ActionChunk(**{**fields, **changes})  # type: ignore[arg-type]

    def send(self, chunk: ActionChunk) -> Goal:
        """Hand a chunk to the executor."""
        return self.harness.send(interfaces.EXECUTE_CHUNK, chunk=convert.to_chunk(chunk))


@pytest.fixture
def patient_robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MetaWorld's robot with times that a test machine keeps however busy it is."""
    config = tmp_path / "config"
    shutil.copytree(config_dir(), config)
    file = config / "robots" / "metaworld.yaml"
    robot = yaml.safe_load(file.read_text()) | {"enable_lease_s": 600.0, "heartbeat_timeout_s": 2.0}
    file.write_text(yaml.safe_dump(robot))
    monkeypatch.setenv(CONFIG_ENV, str(config))


@pytest.fixture
def arm(ros_domain: int, patient_robot: None) -> Iterator[Arm]:
    with Harness(ros_domain) as harness:
        yield Arm(harness)


def test_a_good_chunk_moves_the_robot_and_the_status_says_so(arm: Arm) -> None:
    arm.enable()
    result = arm.send(arm.chunk()).result()
    assert (result.code, len(result.sequences), result.rejected) == ("", 3, False), result.message
    said = [(status.enabled, status.moving) for status in arm.status]
    assert said[0] == (False, False)
    assert (True, True) in said
    arm.harness.until(lambda: not arm.status[-1].moving, "the robot to stand")


def _with(index: tuple[int, int], value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(actions: np.ndarray) -> np.ndarray:
        changed = actions.copy()
        changed[index] = value
        return changed

    return change


BAD_ACTIONS = {
    "non_finite": _with((2, 0), np.nan),
    "outside_workspace": _with((1, 0), 9.0),
    "non_unit_quaternion": _with((1, 6), 0.5),
    "outside_limits": _with((1, 7), 1.5),
    "wrong_shape": lambda actions: np.tile(actions, (1000, 1)),
}
BAD_CHUNKS: dict[str, dict[str, object]] = {
    "wrong_frame": {"frame_id": "moon"},
    "wrong_space": {"space": ActionSpace.RAW, "actions": np.zeros((3, 4))},
    "wrong_frame_skip": {"frame_skip": 99},
    "stale_plan": {"stamp_s": -1000.0},
    "future_stamp": {"stamp_s": 1000.0},
}


def test_a_chunk_that_breaks_a_limit_is_refused_as_a_whole(arm: Arm) -> None:
    arm.enable()
    observations = arm.harness.hear(interfaces.OBSERVATION)
    bad = {code: {"actions": change(arm.chunk().actions)} for code, change in BAD_ACTIONS.items()}
    for code, changes in (bad | BAD_CHUNKS).items():
        result = arm.send(arm.chunk(**changes)).result()
        assert (result.code, result.rejected, len(result.sequences)) == (code, True, 0), result.message
        assert result.message
    assert observations == []
    arm.harness.until(lambda: arm.status[-1].code == "future_stamp", "the status")


def test_nothing_moves_unless_enabled(arm: Arm) -> None:
    result = arm.send(arm.chunk()).result()
    assert (result.code, result.rejected) == ("not_enabled", True)
    assert "enable" in result.message


def test_a_lease_that_lapses_stops_motion(arm: Arm) -> None:
    arm.enable(lease_s=1.0)
    result = arm.send(arm.chunk(LONG)).moving().result()
    assert (result.code, result.rejected) == ("not_enabled", False)
    assert 0 < len(result.sequences) < LONG


def test_stop_latches_until_it_is_reset(arm: Arm) -> None:
    arm.enable()
    goal = arm.send(arm.chunk(LONG)).moving()
    assert arm.harness.call(interfaces.STOP).success
    assert goal.result().code == "stopped"
    assert 0 < len(goal.result().sequences) < LONG
    arm.harness.until(lambda: arm.status[-1].stopped and not arm.status[-1].moving, "the latched status")
    assert arm.send(arm.chunk()).result().code == "stopped"
    assert arm.harness.call(interfaces.RESET_STOP).success
    assert arm.send(arm.chunk()).result().code == ""


def test_a_peer_that_hangs_stops_motion_and_lets_none_begin(arm: Arm) -> None:
    arm.enable()
    goal = arm.send(arm.chunk(LONG)).moving()
    arm.harness.hang(arm.planner)
    result = goal.result()
    assert (result.code, result.rejected) == ("peer_lost", False)
    assert f"{arm.harness.namespace}/planner" in result.message
    assert 0 < len(result.sequences) < LONG
    assert arm.send(arm.chunk()).result().rejected


def test_the_executor_cancelled_stops_the_world(arm: Arm) -> None:
    arm.enable()
    goal = arm.send(arm.chunk(LONG)).moving()
    goal.cancel()
    result = goal.result()
    assert (result.code, 0 < len(result.sequences) < LONG) == ("", True)
    arm.harness.until(lambda: not arm.world._goal.active, "the world to stand")


def test_a_world_that_dies_is_not_waited_for(arm: Arm) -> None:
    arm.enable()
    goal = arm.send(arm.chunk(LONG)).moving()
    arm.harness.hang(arm.world)
    arm.harness.call(interfaces.STOP)
    assert goal.result().code == "stopped"


def test_the_world_stops_when_the_guard_dies(ros_domain: int, patient_robot: None) -> None:
    with Harness(ros_domain) as harness:
        guard = harness.add(AdaptNode, "guard")
        harness.add(lambda **given: SimBridge(PointWorld(pace=1.0), **given), watch=[f"{harness.namespace}/guard"])
        harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=0)
        chunk = ActionChunk(ActionSpace.END_EFFECTOR, np.tile(np.array(HOME), (1000, 1)), 1, "world")
        goal = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=convert.to_chunk(chunk)).moving()
        harness.hang(guard)
        result = goal.result()
        assert result.code == "peer_lost"
        assert 0 < len(result.sequences) < 1000


def test_a_guard_cleaned_up_and_configured_again_guards_on(arm: Arm) -> None:
    arm.enable()
    for step in ("deactivate", "cleanup", "configure", "activate"):
        arm.harness.me.in_executor(getattr(arm.guard, f"trigger_{step}")).result()
    arm.harness.until(lambda: not arm.status[-1].enabled, "a guard that has forgotten the lease")
    assert arm.send(arm.chunk()).result().code == "not_enabled"


def test_the_guard_needs_no_pytorch_and_no_simulator() -> None:
    heavy = "{'torch', 'mujoco', 'adapt_learning', 'adapt_sim'}"
    script = f"import sys, adapt_ros.nodes.guard; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("allowed", [False, True])
def test_a_real_robot_is_enabled_only_where_that_was_allowed(ros_domain: int, allowed: bool) -> None:
    with Harness(ros_domain) as harness:
        harness.add(GuardNode, real=True, allow_real_robot=allowed)
        answer = harness.call(interfaces.ENABLE_MOTION, enable=True, lease_s=1.0, operator_name="test")
        assert answer.success is allowed
        assert allowed or "allow_real_robot" in answer.message
