"""Each promise of the guard to an arm of joints, broken: executor and guard before a fake Panda, over DDS."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("rclpy")

from adapt_core.errors import ConfigError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.paths import CONFIG_ENV, config_dir
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, VideoPlan
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.fakes.panda import FakeDriver, FakePanda
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.executor import ExecutorNode
from adapt_ros.nodes.guard import GuardNode

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
PEERS = ("planner", "inverse_dynamics", "episode_runner")
NEAR = ((0.0, 0.0, -0.03), (0.02, 0.0, -0.05), (0.03, 0.02, -0.05))
FAR = tuple((0.0, 0.01 * step, 0.0) for step in range(1, 19))  # half a second each: more than any test waits


class Station:
    """A fake Panda behind executor and guard, its peers alive."""

    def __init__(self, harness: Harness, **guard: Any) -> None:
        self.harness, self.robot = harness, load_robot("panda")
        self.model = ArmModel.of(self.robot)
        self.status = harness.hear(interfaces.GUARD_STATUS)
        self.arm = harness.add(FakePanda)
        self.driver = harness.add(FakeDriver)
        self.peers = {name: harness.add(AdaptNode, name) for name in PEERS}
        self.executor = harness.add(ExecutorNode, robot="panda")
        watched = [f"{harness.namespace}/{name}" for name in (*PEERS, "executor", "arm_driver", "mock_arm")]
        self.guard = harness.add(GuardNode, robot="panda", watch=watched, **guard)
        observations = harness.hear(interfaces.OBSERVATION)
        harness.until(lambda: observations, "an observation")
        self.enable()

    def enable(self, lease_s: float = 600.0) -> None:
        granted = self.harness.call(interfaces.ENABLE_MOTION, enable=True, lease_s=lease_s, operator_name="test")
        assert granted.success, granted.message

    def chunk(self, moves: tuple[tuple[float, float, float], ...] = NEAR, **changes: Any) -> ActionChunk:
        """Poses beside the hand at home, as inferred now."""
        rows = np.tile(np.append(self.model.forward(self.model.home), 1.0), (len(moves), 1))  # (n, 8)
        rows[:, :3] += moves
        stamp = convert.wall_time()
        chunk = ActionChunk(
            ActionSpace.END_EFFECTOR, rows, self.robot.frame_skip, self.robot.frame_id, convert.from_time(stamp)
        )
        return dataclasses.replace(chunk, **changes)

    def send(self, chunk: ActionChunk) -> Goal:
        """To the executor."""
        return self.harness.send(interfaces.EXECUTE_CHUNK, chunk=convert.to_chunk(chunk))

    def send_motion(self, chunk: ActionChunk, motion: JointTrajectory) -> Any:
        """To the guard, past the executor; its result."""
        goal = {"chunk": convert.to_chunk(chunk), "motion": convert.to_motion(motion, self.model.joint_names)}
        return self.harness.send(interfaces.GUARD_EXECUTE_CHUNK, **goal).result()

    def begin(self) -> Goal:
        """A long chunk, under way."""
        goal = self.send(self.chunk(FAR)).moving()
        self.harness.until(lambda: self.arm.moving, "the arm to move")
        return goal

    def stands(self) -> None:
        """The arm comes to rest before it is where it was sent."""
        self.harness.until(lambda: not self.arm.moving, "the arm to stand")
        motion = next(told for told in reversed(self.arm.told) if len(told.times_s) > 2)  # not that of the brake
        assert np.abs(self.arm.positions - motion.positions[-1]).max() > 0.01


@pytest.fixture
def patient_robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Panda with times that a test machine keeps however busy it is."""
    config = tmp_path / "config"
    shutil.copytree(config_dir(), config)
    file = config / "robots" / "panda.yaml"
    robot = yaml.safe_load(file.read_text())
    robot |= {"enable_lease_s": 600.0, "heartbeat_timeout_s": 2.0, "max_steps": len(FAR)}
    robot["freshness"] = {"observation_age_s": 2.0, "plan_age_s": 60.0}
    file.write_text(yaml.safe_dump(robot))
    monkeypatch.setenv(CONFIG_ENV, str(config))


@pytest.fixture
def station(ros_domain: int, patient_robot: None) -> Iterator[Station]:
    with Harness(ros_domain) as harness:
        yield Station(harness)


@pytest.fixture
def approving(ros_domain: int, patient_robot: None) -> Iterator[Station]:
    with Harness(ros_domain) as harness:
        yield Station(harness, approve=True)


def test_a_chunk_becomes_one_motion_through_all_its_poses(station: Station) -> None:
    result = station.send(chunk := station.chunk()).result()
    assert (result.code, len(result.sequences)) == ("", 3), result.message
    assert len(station.arm.told) == 1
    assert list(result.sequences) == sorted(set(result.sequences))
    station.harness.until(lambda: not station.arm.moving, "the arm to stand")
    reached = station.model.forward(station.arm.positions)
    np.testing.assert_allclose(reached, chunk.actions[-1, :7], atol=2e-3)


def test_what_the_arm_cannot_do_is_refused_by_its_reason(station: Station) -> None:
    beyond = station.chunk(((0.45, 0.0, 0.15), (0.4, -0.45, 0.2)))
    table = station.chunk(tuple((0.1, 0.0, z) for z in (-0.1, -0.2, -0.3, -0.4, -0.4759)))
    table.actions[:, 3:7] = [1.0, 0.0, 0.0, 0.0]
    outside = station.chunk(((0.6, 0.0, 0.0),))
    nan = station.chunk()
    nan.actions[1, 1] = np.nan
    for chunk, codes in (
        (beyond, ("out_of_reach", "joint_jump")),
        (table, ("keep_out",)),
        (outside, ("outside_workspace",)),
        (nan, ("non_finite",)),
        (station.chunk(stamp_s=1.0), ("stale_plan",)),
        (station.chunk(frame_id="moon"), ("wrong_frame",)),
    ):
        result = station.send(chunk).result()
        assert result.code in codes and result.rejected and result.message, result
    assert station.arm.told == []


def _faster(motion: JointTrajectory) -> JointTrajectory:
    return JointTrajectory(
        motion.times_s / 9,
        motion.positions,
        motion.velocities * 9,
        motion.accelerations * 81,
        motion.waypoint_times_s / 9,
    )


def _elsewhere(motion: JointTrajectory) -> JointTrajectory:
    return dataclasses.replace(motion, positions=motion.positions + 0.05)


def _torn(motion: JointTrajectory) -> JointTrajectory:
    positions = motion.positions.copy()
    positions[len(positions) // 2, 3] += 0.3
    return dataclasses.replace(motion, positions=positions)


BAD_MOTIONS: dict[str, tuple[Callable[[JointTrajectory], JointTrajectory], str]] = {
    "too fast": (_faster, "too_fast"),
    "from elsewhere": (_elsewhere, "wrong_start"),
    "with a jump": (_torn, "too_fast"),
}


def test_the_guard_trusts_no_executor(station: Station) -> None:
    chunk, other = station.chunk(), station.chunk(NEAR[::-1])
    motion = plan_chunk(station.model, chunk, station.model.home, station.robot.control_period_s)
    for what, (change, code) in BAD_MOTIONS.items():
        result = station.send_motion(chunk, change(motion))
        assert (result.code, result.rejected) == (code, True), (what, result.message)
    assert station.send_motion(other, motion).code == "wrong_motion"
    no_motion = station.harness.send(interfaces.GUARD_EXECUTE_CHUNK, chunk=convert.to_chunk(chunk)).result()
    assert (no_motion.code, no_motion.rejected) == ("wrong_shape", True)
    assert station.arm.told == []
    assert station.send_motion(chunk, motion).code == ""


@pytest.mark.parametrize("sense", ["joint_states", "camera"])
def test_a_sense_that_freezes_stops_the_arm_and_lets_it_not_begin(station: Station, sense: str) -> None:
    goal = station.begin()
    code = "stale_joint_states" if sense == "joint_states" else "stale_observation"
    station.arm.silent, station.driver.blind = sense == "joint_states", sense == "camera"
    result = goal.result()
    assert (result.code, result.rejected) == (code, False), result.message
    assert 0 < len(result.sequences) < len(FAR)
    station.stands()
    assert station.send(station.chunk()).result().code in (code, "wrong_start")


def test_an_arm_whose_driver_is_lost_is_braked_by_the_guard(station: Station) -> None:
    goal = station.begin()
    station.harness.hang(station.driver)
    result = goal.result()
    assert (result.code, "arm_driver" in result.message) == ("peer_lost", True)
    station.stands()
    assert len(station.arm.told) == 2


@pytest.mark.parametrize("peer", [*PEERS, "executor"])
def test_any_peer_that_hangs_stops_the_arm(station: Station, peer: str) -> None:
    goal = station.begin()
    station.harness.hang(station.executor if peer == "executor" else station.peers[peer])
    station.harness.until(lambda: station.status[-1].code == "peer_lost", "the guard to see it")
    assert f"/{peer}" in station.status[-1].message
    station.stands()
    if peer != "executor":
        assert goal.result().code == "peer_lost"


def test_stop_and_a_lapsed_lease_stop_the_arm(station: Station) -> None:
    goal = station.begin()
    assert station.harness.call(interfaces.STOP).success
    assert goal.result().code == "stopped"
    station.stands()
    assert station.harness.call(interfaces.RESET_STOP).success
    assert station.harness.call(interfaces.GO_HOME).success
    goal = station.begin()
    station.enable(lease_s=0.3)  # the last time that anybody renews it
    assert goal.result().code == "not_enabled"
    station.stands()


def test_it_goes_home_from_anywhere(station: Station) -> None:
    station.arm.positions = station.model.home + np.array([1.0, 0.2, -0.3, 0.1, 0.0, 0.2, 0.4])
    moved = station.harness.hear(interfaces.OBSERVATION)
    station.harness.until(lambda: len(moved) > 3, "the joint states to arrive")
    went = station.harness.call(interfaces.GO_HOME)
    assert went.success, went.message
    station.harness.until(lambda: not station.arm.moving, "the arm to stand")
    np.testing.assert_allclose(station.arm.positions, station.model.home, atol=1e-3)
    goal = station.begin()
    busy = station.harness.call(interfaces.GO_HOME)
    assert not busy.success and "executes a chunk" in busy.message
    goal.cancel()
    assert goal.result().code == ""
    station.stands()


class Person:
    """Looks at previews."""

    def __init__(self, station: Station) -> None:
        self.station, self.previews = station, station.harness.hear(interfaces.MOTION_PREVIEW)

    def waiting(self) -> Any:
        return self.station.harness.until(
            lambda: next((p for p in self.previews[-1:] if p.plan_hash), None), "a motion that waits"
        )

    def withdrawn(self) -> None:
        self.station.harness.until(lambda: not self.previews[-1].plan_hash, "its withdrawal")

    def answer(self, plan_hash: str, approve: bool = True) -> Any:
        return self.station.harness.call(
            interfaces.APPROVE_MOTION, plan_hash=plan_hash, approve=approve, operator_name="ada"
        )


def test_nothing_moves_before_a_person_has_approved_it(approving: Station) -> None:
    person, chunk = Person(approving), approving.chunk()
    frames = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    plan = VideoPlan(frames, "push", "push it", 0, "v1", chunk.stamp_s)
    publisher = approving.harness.me.in_executor(interfaces.VIDEO_PLAN.publisher, approving.harness.me).result()
    publisher.publish(convert.to_video_plan(plan))
    approving.harness.until(lambda: approving.guard._approval._plan, "the guard to have heard the plan")
    goal = approving.send(chunk)
    preview = person.waiting()
    np.testing.assert_array_equal(convert.from_video_plan(preview.plan).frames, frames)
    assert list(preview.gripper_openings) == [1.0] * len(NEAR) and len(preview.reached_s) == len(NEAR)
    last = convert.from_pose(preview.poses[-1], 1.0)[:7]
    np.testing.assert_allclose(last, chunk.actions[-1, :7], atol=2e-3)
    another = person.answer("0" * 64)
    assert not another.success and "another motion" in another.message
    assert approving.arm.told == [] and goal.ended is None
    assert person.answer(preview.plan_hash).success
    assert goal.result().code == "", goal.result().message
    person.withdrawn()
    assert "no motion waits" in person.answer(preview.plan_hash).message


def test_a_motion_that_a_person_refuses_or_that_is_cancelled_is_not_driven(approving: Station) -> None:
    person = Person(approving)
    goal = approving.send(approving.chunk())
    assert person.answer(person.waiting().plan_hash, approve=False).success
    assert (goal.result().code, goal.result().rejected) == ("not_approved", True)
    assert "ada" in goal.result().message
    person.withdrawn()
    goal = approving.send(approving.chunk())
    person.waiting()
    goal.cancel()
    assert (goal.result().code, len(goal.result().sequences)) == ("", 0)
    person.withdrawn()
    assert approving.arm.told == []


def test_what_changes_while_a_motion_waits_is_seen(approving: Station) -> None:
    person = Person(approving)
    goal = approving.send(approving.chunk())
    preview = person.waiting()
    approving.arm.positions = approving.arm.positions + 0.05  # somebody has moved it by hand
    moved = approving.harness.hear(interfaces.OBSERVATION)
    approving.harness.until(lambda: len(moved) > 3, "the joint states to arrive")
    assert person.answer(preview.plan_hash).success
    assert goal.result().code == "wrong_start"
    goal = approving.send(approving.chunk())
    person.withdrawn()
    person.waiting()
    assert approving.harness.call(interfaces.STOP).success
    assert (goal.result().code, goal.result().rejected) == ("stopped", True)
    person.withdrawn()
    assert approving.arm.told == []


def test_approval_is_for_arms(ros_domain: int) -> None:
    with Harness(ros_domain) as harness, pytest.raises(ConfigError, match="approve is for arms"):
        harness.add(GuardNode, robot="metaworld", approve=True)


def test_a_driver_of_another_arm_is_named(station: Station) -> None:
    station.arm._joints = tuple(name.replace("panda_joint7", "panda_joint8") for name in station.arm._joints)
    station.harness.until(lambda: station.executor._motions._states._joints is None, "the wrong names")
    result = station.send(station.chunk()).result()
    assert result.rejected and "panda_joint7" in result.message


def test_the_guard_of_an_arm_needs_no_pytorch_and_no_simulator() -> None:
    modules = "adapt_ros.nodes.guard, adapt_core.kinematics.motion_check"
    heavy = "{'torch', 'mujoco', 'adapt_learning', 'adapt_sim'}"
    script = f"import sys, {modules}; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", script], check=True)
