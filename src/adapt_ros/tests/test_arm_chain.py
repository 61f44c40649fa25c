"""From a chunk of poses to a moved arm: executor, guard, arm_driver and a mock or simulated arm, over DDS."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("pinocchio")

from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, Observation
from adapt_ros.clients import RosWorld
from adapt_ros.fakes.harness import Harness
from adapt_ros.nodes.arm_driver import ArmDriver
from adapt_ros.nodes.executor import ExecutorNode
from adapt_ros.nodes.guard import GuardNode
from adapt_ros.nodes.mock_arm import MockArmNode
from adapt_ros.nodes.simulated_arm import SimulatedArmNode

from adapt_ros import interfaces

pytestmark = pytest.mark.ros
ROBOT = load_robot("panda")
PATIENCE_S = 60.0


def keep_enabled(harness: Harness) -> None:
    """Renew the lease until the test ends."""
    client = interfaces.ENABLE_MOTION.client(harness.me)
    request = interfaces.ENABLE_MOTION.type.Request(enable=True, lease_s=ROBOT.enable_lease_s)

    def renew() -> None:
        if client.service_is_ready():
            client.call_async(request)

    harness.me.steady_timer(ROBOT.enable_lease_s / 10, renew)


def forward(observation: Observation) -> ActionChunk:
    """Four poses along x from where the hand is."""
    assert observation.end_effector is not None
    actions = np.tile(observation.end_effector, (4, 1))  # (n, 8)
    actions[:, 0] += 0.02 * np.arange(1, 5)
    return ActionChunk(ActionSpace.END_EFFECTOR, actions, ROBOT.frame_skip, ROBOT.frame_id, observation.stamp_s)


@pytest.mark.parametrize(("arm", "go_home"), [(SimulatedArmNode, False), (MockArmNode, True)])
def test_a_world_of_nodes_moves_the_hand_and_begins_again(harness: Harness, arm: type, go_home: bool) -> None:
    harness.add(arm, robot="panda")
    harness.add(ArmDriver, robot="panda", use_sim_time=True, silence_s=20.0)
    harness.add(GuardNode, robot="panda", use_sim_time=True)
    harness.add(ExecutorNode, robot="panda", use_sim_time=True)
    world: RosWorld = harness.me.in_executor(lambda: RosWorld(harness.me, ROBOT, go_home)).result(PATIENCE_S)
    harness.me.in_executor(keep_enabled, harness).result(PATIENCE_S)
    status = harness.hear(interfaces.GUARD_STATUS)
    harness.until(lambda: status and status[-1].enabled, "the lease")
    harness.until(lambda: harness.call(interfaces.GO_HOME).success, "joint states and a camera")
    first = world.reset("push-red-cup", 3)
    chunk = forward(first)
    observations = world.execute(chunk)
    assert len(observations) == 4
    for observation, action in zip(observations, chunk.actions, strict=True):
        assert observation.end_effector is not None
        np.testing.assert_allclose(observation.end_effector[:3], action[:3], atol=0.012)
        assert observation.success is False
    again = world.reset("push-red-cup", 3)
    np.testing.assert_allclose(again.end_effector, first.end_effector, atol=1e-3)
    np.testing.assert_array_equal(again.image, first.image)
    assert again.step == 0
