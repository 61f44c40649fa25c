"""The node of a real Panda over DDS, its library faked: the same names as the simulated arm's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("adapt_interfaces")

from adapt_core.errors import ConfigError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, Vector
from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.drivers import panda_library
from adapt_ros.fakes.harness import Harness
from adapt_ros.fakes.panda_library import fake_panda_library
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.arm_driver import ArmDriver
from adapt_ros.nodes.panda_hardware import PandaHardwareNode

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
ARM = load_robot("panda").arm
assert ARM is not None
HOME = np.array(ARM.home)
NAMES = ArmNames.of(ARM)


@pytest.fixture
def library(harness: Harness) -> Any:
    """The library of a node that runs."""
    library = fake_panda_library(HOME)
    harness.add(PandaHardwareNode, library, robot="panda", host="somewhere", rate_hz=50.0)
    return library


def trajectory(start: Vector = HOME, turn_rad: float = 0.1) -> Any:
    assert ARM is not None
    motion = retime(np.array([start, start + turn_rad]), MotionLimits.of(ARM, 0.5), 100.0)
    return convert.to_motion(motion, ARM.joints).trajectory


def test_a_trajectory_on_its_topic_moves_the_joints(harness: Harness, library: Any) -> None:
    states = harness.hear(NAMES.joint_states)
    publisher = harness.me.in_executor(NAMES.trajectory.publisher, harness.me).result(10)
    harness.until(lambda: publisher.get_subscription_count(), "the node")
    publisher.publish(trajectory())
    harness.until(lambda: states and np.allclose(states[-1].position[:7], HOME + 0.1), "the joints to arrive")
    assert ARM is not None
    assert list(states[-1].name) == [*ARM.joints, *ARM.gripper.joints]
    assert states[-1].header.stamp.sec > 1_000_000_000, "a real robot is on the wall clock"


def test_a_trajectory_by_its_action_is_followed_or_cancelled(harness: Harness, library: Any) -> None:
    if NAMES.follow is None:
        pytest.skip("control_msgs comes with a full ROS installation, not with the wheels")
    result = harness.send(NAMES.follow, trajectory=trajectory()).result()
    assert result.error_code == result.SUCCESSFUL, result.error_string
    assert library.robot.q == pytest.approx(HOME + 0.1)
    goal = harness.send(NAMES.follow, trajectory=trajectory(HOME + 0.1, -0.8))
    harness.until(lambda: library.robot.q[0] < HOME[0] + 0.05, "the arm to be on its way")
    goal.cancel()
    assert "cancelled" in goal.result().error_string
    harness.until(lambda: library.robot.controller is None, "the arm to stand")
    assert library.robot.q[0] > HOME[0] - 0.6


def test_the_gripper_moves(harness: Harness, library: Any) -> None:
    result = harness.send(NAMES.move, width=0.03, speed=0.1).result()
    assert result.success, result.error
    assert library.hand.commands == [("move", 0.03, 0.1)]


def test_a_width_of_a_metre_is_refused(harness: Harness, library: Any) -> None:
    result = harness.send(NAMES.move, width=1.0, speed=0.1).result()
    assert not result.success
    assert "0.08 m" in result.error
    assert not library.hand.commands


def test_a_reflex_is_told_and_recovered(harness: Harness, library: Any) -> None:
    errors = harness.hear(NAMES.errors)
    library.robot.fail("libfranka: cartesian_reflex")
    harness.until(lambda: errors and "reflex" in errors[-1].data, "the error to be told")
    library.robot.stays = True
    assert not harness.call(NAMES.recovery).success
    library.robot.stays = False
    assert harness.call(NAMES.recovery).success
    harness.until(lambda: errors[-1].data == "", "the error to be gone")


def test_a_robot_that_is_silent_is_not_made_up(harness: Harness, library: Any) -> None:
    states = harness.hear(NAMES.joint_states)
    harness.until(lambda: states, "joint states")
    library.robot.silent = True
    harness.until(lambda: _quiet(harness, states), "silence")
    library.robot.silent = False
    count = len(states)
    harness.until(lambda: len(states) > count, "joint states again")


def _quiet(harness: Harness, states: list[Any]) -> bool:
    """Nothing new came while twenty messages of another kind did."""
    before = len(states)
    beats: list[Any] = []
    timer = harness.me.in_executor(harness.me.steady_timer, 0.02, lambda: beats.append(None)).result(10)
    harness.until(lambda: len(beats) >= 20, "time to pass")
    harness.me.in_executor(harness.me.destroy_timer, timer).result(10)
    return len(states) == before


def test_without_the_library_it_says_what_to_install(harness: Harness) -> None:
    try:
        import panda_py  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigError, match=rf"pip install panda-python=={panda_library.VERSION}"):
            harness.add(PandaHardwareNode, robot="panda", host="somewhere")
    else:
        pytest.skip("panda-python is installed")


def test_a_robot_without_an_arm_is_refused(harness: Harness) -> None:
    with pytest.raises(ConfigError, match="has no arm"):
        harness.add(PandaHardwareNode, fake_panda_library(HOME), robot="metaworld")


class Camera(AdaptNode):
    """Grey images on the wall clock."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("camera", **node_arguments)
        self._images = interfaces.IMAGE.publisher(self)
        self.steady_timer(1 / 30, self._publish)

    def _publish(self) -> None:
        now_s = self.get_clock().now().nanoseconds / 1e9
        self._images.publish(convert.to_image(np.full((64, 64, 3), 128, np.uint8), now_s))


def test_a_chunk_through_the_arm_driver_moves_the_real_arm_and_hand(harness: Harness) -> None:
    library = fake_panda_library(HOME)
    harness.add(PandaHardwareNode, library, robot="panda", host="somewhere", drivers="/")
    harness.add(ArmDriver, robot="panda", real=True, drivers="/")
    harness.add(Camera)
    scenes = harness.hear(interfaces.SCENE_REQUEST)
    asked = harness.ask(interfaces.RESET_WORLD)
    harness.until(lambda: scenes, "the question whether the scene is ready")
    assert harness.call(interfaces.CONFIRM_SCENE, number=scenes[0].number, operator_name="ada").success
    reset = asked.result(30.0)
    assert reset.success, reset.message
    robot = load_robot("panda")
    arm = ArmModel.of(robot)
    actions = np.tile(np.append(arm.forward(HOME), 0.5), (2, 1))  # (n, 8)
    actions[:, 0] += [0.02, 0.04]
    stamp_s = convert.from_time(reset.observation.header.stamp)
    chunk = ActionChunk(ActionSpace.END_EFFECTOR, actions, robot.frame_skip, robot.frame_id, stamp_s)
    motion = plan_chunk(arm, chunk, HOME, robot.control_period_s)
    goal = {"chunk": convert.to_chunk(chunk), "motion": convert.to_motion(motion, arm.joint_names)}
    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, **goal).result()
    assert (result.code, len(result.sequences)) == ("", 2), result.message
    assert arm.forward(library.robot.q)[:3] == pytest.approx(actions[-1, :3], abs=1e-3)
    assert [command[0] for command in library.hand.commands] == ["move"]
    library.robot.fail("libfranka: cartesian_reflex")
    harness.until(lambda: harness.send(interfaces.WORLD_EXECUTE_CHUNK, **goal).result().code == "reflex", "a refusal")
    assert harness.call(interfaces.RECOVER).success
