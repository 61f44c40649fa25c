"""The arm_driver with the simulated Panda and with a mock, over DDS, and everything that can go wrong with a driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("pinocchio")

from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, Vector
from adapt_ros.fakes.harness import Harness
from adapt_ros.nodes.arm_driver import ArmDriver
from adapt_ros.nodes.mock_arm import MockArmNode
from adapt_ros.nodes.simulated_arm import SimulatedArmNode

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
ROBOT = load_robot("panda")
ARM = ArmModel.of(ROBOT)


@pytest.fixture
def harness(ros_domain: int) -> Iterator[Harness]:
    with Harness(ros_domain) as harness:
        yield harness


def goal(start: Vector = ARM.home, count: int = 4, step_m: float = 0.02, opening: float = 1.0) -> dict[str, Any]:
    """A chunk along x from the posture `start`, and its motion."""
    actions = np.tile(np.append(ARM.forward(start), opening), (count, 1))  # (n, 8)
    actions[:, 0] += step_m * np.arange(1, count + 1)
    chunk = ActionChunk(ActionSpace.END_EFFECTOR, actions, ROBOT.frame_skip, ROBOT.frame_id, 0.0)
    motion = plan_chunk(ARM, chunk, start, ROBOT.control_period_s)
    return {"chunk": convert.to_chunk(chunk), "motion": convert.to_motion(motion, ARM.joint_names)}


@pytest.mark.parametrize("arm", [SimulatedArmNode, MockArmNode])
def test_a_chunk_is_followed_and_each_action_has_its_observation(harness: Harness, arm: type) -> None:
    harness.add(arm, robot="panda")
    harness.add(ArmDriver, robot="panda", silence_s=10.0)
    observations = harness.hear(interfaces.OBSERVATION)
    first = harness.call(interfaces.RESET_WORLD, task_id="push-red-cup", seed=1)
    assert first.success, first.message
    sent = goal()
    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, **sent).result()
    assert (result.code, len(result.sequences)) == ("", 4), result.message
    harness.until(lambda: observations[-1].sequence >= result.sequences[-1], "the last observation")
    heard = {message.sequence: message for message in observations}
    began_s = convert.from_time(first.observation.header.stamp)
    wanted = convert.from_chunk(sent["chunk"]).actions
    for number, reached_s, action in zip(result.sequences, sent["motion"].reached_s, wanted, strict=True):
        late_s = convert.from_time(heard[number].header.stamp) - began_s - reached_s
        assert -1e-3 <= late_s <= ROBOT.frame_skip / 4 * ROBOT.control_period_s + 1e-3
        pose = convert.from_pose(heard[number].end_effector, heard[number].gripper_opening)
        np.testing.assert_allclose(pose[:3], action[:3], atol=0.012)
    np.testing.assert_allclose(pose[:3], wanted[-1, :3], atol=0.004)
    assert heard[result.sequences[-1]].step == round(sent["motion"].reached_s[-1] / ROBOT.control_period_s)
    assert [message.sequence for message in observations] == sorted(heard)
