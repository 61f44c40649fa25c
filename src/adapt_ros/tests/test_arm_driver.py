"""The arm_driver with the simulated Panda and with a mock, over DDS, and everything that can go wrong with a driver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("pinocchio")

from action_msgs.msg import GoalStatus
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, Vector
from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.coroutines import Arrival
from adapt_ros.fakes.harness import Goal, Harness
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.arm_driver import ArmDriver
from adapt_ros.nodes.mock_arm import MockArmNode
from adapt_ros.nodes.simulated_arm import SimulatedArmNode

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
ROBOT = load_robot("panda")
assert ROBOT.arm is not None
ARM = ArmModel.of(ROBOT)
BLIND = ArmModel(ROBOT.arm)  # sees no table
NAMES = ArmNames.of(ROBOT.arm)


class Rig:
    """An arm and its driver, a scene laid; nothing is too slow unless a test says how fast it must be."""

    def __init__(self, harness: Harness, arm: type, pace: float = 0.0, **driver: Any) -> None:
        self.harness = harness
        self.arm = harness.add(arm, robot="panda", pace=pace)
        self.driver = harness.add(ArmDriver, robot="panda", **{"silence_s": 20.0, **driver})
        self.observations = harness.hear(interfaces.OBSERVATION)
        self.first = self.reset()

    def reset(self) -> Any:
        """The first observation of the scene."""
        response = self.harness.call(interfaces.RESET_WORLD, task_id="push-red-cup", seed=1)
        assert response.success, response.message
        return response.observation

    def send(self, **changes: Any) -> Goal:
        """Ask for a chunk."""
        return self.harness.send(interfaces.WORLD_EXECUTE_CHUNK, **goal(**changes))

    def in_arm(self, function: Any) -> None:
        """Do something to the arm where it is simulated."""
        self.harness.me.in_executor(lambda: self.arm.submit(function)).result(10.0)


def goal(
    start: Vector = ARM.home, count: int = 4, step_m: float = 0.02, axis: int = 0, opening: float = 1.0
) -> dict[str, Any]:
    """A chunk of poses in a row from the posture `start`, and its motion."""
    actions = np.tile(np.append(ARM.forward(start), opening), (count, 1))  # (n, 8)
    actions[:, axis] += step_m * np.arange(1, count + 1)
    chunk = ActionChunk(ActionSpace.END_EFFECTOR, actions, ROBOT.frame_skip, ROBOT.frame_id, 0.0)
    motion = plan_chunk(BLIND, chunk, start, ROBOT.control_period_s)
    return {"chunk": convert.to_chunk(chunk), "motion": convert.to_motion(motion, ARM.joint_names)}


@pytest.mark.parametrize("arm", [SimulatedArmNode, MockArmNode])
def test_a_chunk_is_followed_and_each_action_has_its_observation(harness: Harness, arm: type) -> None:
    rig = Rig(harness, arm)
    sent = goal(opening=0.5)
    ending = harness.send(interfaces.WORLD_EXECUTE_CHUNK, **sent)
    result = ending.result()
    assert (result.code, len(result.sequences)) == ("", 4), result.message
    for feedback in ending.feedback:
        assert list(feedback.sequences) == list(result.sequences)[: len(feedback.sequences)]
    harness.until(lambda: rig.observations[-1].sequence >= result.sequences[-1], "the last observation")
    heard = {message.sequence: message for message in rig.observations}
    assert list(heard) == sorted(heard)  # some are said again while the arm stands
    began_s = convert.from_time(rig.first.header.stamp)
    wanted = convert.from_chunk(sent["chunk"]).actions
    for number, reached_s in zip(result.sequences, sent["motion"].reached_s, strict=True):
        late_s = convert.from_time(heard[number].header.stamp) - began_s - reached_s
        assert -1e-3 <= late_s <= ROBOT.frame_skip / 4 * ROBOT.control_period_s + 1e-3
    last = heard[result.sequences[-1]]
    np.testing.assert_allclose(convert.from_pose(last.end_effector, 0.0)[:3], wanted[-1, :3], atol=0.004)
    assert last.gripper_opening == pytest.approx(0.5, abs=0.05)
    assert last.step == round(sent["motion"].reached_s[-1] / ROBOT.control_period_s)


def test_a_cancel_stops_the_arm_and_a_new_scene_begins_at_step_0(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, pace=1.0)
    moving = rig.send(count=8).moving()
    busy = harness.call(interfaces.RESET_WORLD, task_id="push-red-cup", seed=1)
    assert (busy.success, "cancel" in busy.message) == (False, True)
    moving.cancel()
    assert 0 < len(moving.result().sequences) < 8
    assert moving.status == GoalStatus.STATUS_CANCELED
    harness.until(lambda: not rig.arm.scene.arm.moving, "rest")
    assert rig.reset().step == 0


def test_the_arm_stops_when_the_guard_dies(harness: Harness) -> None:
    guard = harness.add(AdaptNode, "guard")
    rig = Rig(harness, MockArmNode, pace=1.0, watch=("/test/guard",))
    moving = rig.send(count=8).moving()
    harness.hang(guard)
    result = moving.result()
    assert (result.code, result.rejected) == ("peer_lost", False)
    assert "/test/guard" in result.message
    harness.until(lambda: not rig.arm.scene.arm.moving, "rest")
    guard.destroy_node()


def test_a_driver_that_takes_no_trajectory(harness: Harness) -> None:
    def refuse(_trajectory: JointTrajectory) -> None:
        raise PlanRejectedError("joint_jump", "not from there")

    rig = Rig(harness, MockArmNode, silence_s=0.4)
    rig.in_arm(lambda: setattr(rig.arm.scene.arm, "start", refuse))
    result = rig.send().result()
    assert (result.code, len(result.sequences)) in (("stale_joint_states", 0), ("arm_failed", 0))
    assert "driver" in result.message or "trajectory" in result.message


def test_a_driver_that_gives_up_halfway(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, pace=1.0)
    moving = rig.send(count=8, step_m=0.04).moving()
    rig.in_arm(lambda: rig.arm.scene.arm.halt())
    result = moving.result()
    assert (result.code, result.rejected) == ("arm_failed", False)
    assert "follow" in result.message or "trajectory" in result.message


def test_a_driver_that_dies(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, pace=1.0, silence_s=0.4)
    moving = rig.send(count=8).moving()
    harness.hang(rig.arm)
    result = moving.result()
    assert result.code == "stale_joint_states"
    rig.arm.stop()
    rig.arm.destroy_node()


def test_a_camera_that_freezes(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, pace=1.0)
    moving = rig.send(count=8).moving()
    rig.in_arm(lambda: setattr(rig.arm, "_image_every", 10**9))
    result = moving.result()
    assert result.code == "stale_observation"
    assert "camera" in result.message
    assert 0 < len(result.sequences) < 8


def test_joint_states_of_another_arm(harness: Harness) -> None:
    harness.add(MockArmNode, robot="fr3")
    harness.add(ArmDriver, robot="panda", observation_timeout_s=1.0)
    harness.add(MockArmNode, robot="panda", drivers="/other")  # takes nothing from here
    response = harness.call(interfaces.RESET_WORLD, task_id="push-red-cup", seed=1)
    assert not response.success
    assert "no joint panda_joint1" in response.message
    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, **goal()).result()
    assert (result.rejected, "arm.joints" in result.message) == (True, True)


def test_a_gripper_refuses_a_width_that_it_does_not_have(harness: Harness) -> None:
    Rig(harness, SimulatedArmNode)
    result = harness.send(NAMES.move, width=1.0, speed=0.1).result()
    assert (result.success, result.error) == (False, "the gripper takes a width of 0 to 0.08 m, not 1")


def test_a_gripper_that_stalls_holds_nothing_up(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, pace=1.0, gripper_timeout_s=0.3)
    gripper = rig.arm.scene.arm.gripper
    gripper.step = lambda _duration_s: None
    commands: list[float] = []
    gripper.grasp, gripper.stop = commands.append, lambda: None  # type: ignore[assignment]  # takes no other argument
    result = rig.send(opening=0.3).result()
    assert (result.code, len(result.sequences)) == ("", 4), result.message
    assert gripper.busy
    harness.until(lambda: not rig.driver._gripper.busy, "the driver to give the command up")


def test_a_grasp_that_fails_is_not_repeated(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode)
    gripper = rig.arm.scene.arm.gripper
    grasp, grasps = gripper.grasp, []

    def fail(*command: float) -> None:
        grasps.append(command)
        grasp(*command)
        gripper.busy = False  # at once, without success

    gripper.grasp = fail
    result = rig.send(opening=0.0).result()
    assert (result.code, len(result.sequences), len(grasps)) == ("", 4, 1), result.message
    again = rig.send(start=rig.arm.scene.arm.positions, opening=0.0).result()
    assert (again.code, len(grasps)) == ("", 1)


def test_a_reflex_stops_motion_until_somebody_recovers_the_arm(harness: Harness) -> None:
    rig = Rig(harness, SimulatedArmNode)
    result = rig.send(axis=2, step_m=-0.08, count=8).result()
    assert (result.code, result.rejected) == ("reflex", False), result.message
    assert 0 < len(result.sequences) < 8
    here = rig.arm.scene.arm.positions
    refused = rig.send(start=here, axis=2).result()
    assert (refused.code, refused.rejected) == ("reflex", True)
    assert "recover" in refused.message
    assert harness.call(interfaces.RECOVER).success
    harness.until(lambda: not rig.driver._sensors.errors, "the errors to be gone")
    up = rig.send(start=rig.arm.scene.arm.positions, axis=2).result()
    assert (up.code, len(up.sequences)) == ("", 4), up.message


def test_a_motion_without_its_poses_is_refused(harness: Harness) -> None:
    Rig(harness, MockArmNode)
    empty = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=goal()["chunk"]).result()
    assert (empty.rejected, empty.code) == (True, "wrong_shape")
    short = goal()
    short["motion"].reached_s = short["motion"].reached_s[:3]
    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, **short).result()
    assert (result.rejected, result.code) == (True, "wrong_motion")


def controller(rig: Rig, **replacement: Any) -> None:
    """Exchange the arm's FollowJointTrajectory server for another one."""
    if NAMES.follow is None:
        pytest.skip("control_msgs comes with a full ROS installation, not with the wheels")
    follow = NAMES.follow

    def exchange() -> None:
        [old] = [end for end in rig.arm._server._held if getattr(end, "_action_type", None) is follow.type]
        old.destroy()
        follow.server(rig.arm, **replacement)

    rig.harness.me.in_executor(exchange).result(10.0)


async def never_end(_goal: Any) -> Any:
    return await Arrival()


def test_a_controller_that_rejects_the_trajectory(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode)
    controller(rig, execute=never_end, accept=lambda _: False)
    result = rig.send().result()
    assert (result.code, len(result.sequences)) == ("arm_failed", 0)
    assert "rejected" in result.message


def test_a_controller_that_never_moves_the_arm(harness: Harness) -> None:
    rig = Rig(harness, MockArmNode, silence_s=0.4)
    controller(rig, execute=never_end)
    result = rig.send().result()
    assert (result.code, len(result.sequences)) == ("stale_joint_states", 0)


def test_a_controller_that_gives_the_trajectory_up(harness: Harness) -> None:
    async def abort(goal: Any) -> Any:
        goal.abort()
        return NAMES.follow.type.Result(error_code=-5, error_string="goal tolerance violated")  # type: ignore[union-attr]

    rig = Rig(harness, MockArmNode)
    controller(rig, execute=abort)
    result = rig.send().result()
    assert (result.code, result.rejected) == ("arm_failed", False)
    assert "(-5): goal tolerance violated" in result.message
