"""The drivers of a real Panda over a library that only says that it moved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from adapt_core.errors import ConfigError, MotionStoppedError, PeerLostError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.robots import load_robot
from adapt_core.safety import Rejection
from adapt_ros.drivers.panda_arm import PandaArm
from adapt_ros.fakes.panda_library import RobotMode, fake_panda_library

ARM = load_robot("panda").arm
assert ARM is not None
HOME = np.array(ARM.home)


@pytest.fixture
def library() -> Any:
    return fake_panda_library(HOME)


@pytest.fixture
def arm(library: Any) -> Iterator[PandaArm]:
    assert ARM is not None
    arm = PandaArm(library, "somewhere", ARM)
    yield arm
    library.hand.arrive()
    arm.close()


def motion(turn_rad: float = 0.1, scale: float = 0.5) -> JointTrajectory:
    assert ARM is not None
    return retime(np.array([HOME, HOME + turn_rad]), MotionLimits.of(ARM, scale), 100.0)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def arrived(arm: PandaArm) -> None:
    until(lambda: not arm.moving, "the arm to arrive")


def test_a_trajectory_is_followed_to_its_end(arm: PandaArm, library: Any) -> None:
    arm.start(motion())
    assert arm.moving
    arrived(arm)
    assert arm.joint_state.positions[:7] == pytest.approx(HOME + 0.1)
    assert library.robot.controller is None, "the control ends with the motion"
    assert np.abs(np.diff(library.robot.told, axis=0)).max() < 0.05, "no set point jumps"
    assert arm.errors == ()


def test_halting_brakes_on_the_way(arm: PandaArm, library: Any) -> None:
    arm.start(motion(0.5))
    until(lambda: library.robot.q[0] > 0.05, "the arm to be on its way")
    arm.halt()
    arrived(arm)
    assert 0.05 < arm.joint_state.positions[0] < 0.4
    assert not library.robot.dq.any()


def test_a_single_point_brakes(arm: PandaArm, library: Any) -> None:
    arm.start(motion(0.5))
    until(lambda: library.robot.q[0] > 0.05, "the arm to be on its way")
    still = np.zeros((1, 7))
    arm.start(JointTrajectory(np.array([0.1]), library.robot.q[None], still, still))
    arrived(arm)
    assert library.robot.q[0] < 0.4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: rows + 0.1, Rejection.WRONG_START),
        (lambda rows: rows + 3.0, Rejection.JOINT_LIMIT),
        (lambda rows: HOME + 40 * (rows - HOME), Rejection.TOO_FAST),
    ],
)
def test_what_the_arm_cannot_do_is_refused(
    arm: PandaArm, library: Any, change: Callable[[Any], Any], code: Rejection
) -> None:
    good = motion(0.05)
    with pytest.raises(PlanRejectedError) as refused:
        arm.start(JointTrajectory(good.times_s, change(good.positions), good.velocities, good.accelerations))
    assert refused.value.code == code
    assert not library.robot.told


def test_after_a_reflex_nothing_moves_until_it_is_recovered(arm: PandaArm, library: Any) -> None:
    arm.start(motion(0.5))
    until(lambda: library.robot.q[0] > 0.05, "the arm to be on its way")
    library.robot.fail("libfranka: Move command aborted: cartesian_reflex")
    arrived(arm)
    assert "cartesian_reflex" in " ".join(arm.errors)
    with pytest.raises(MotionStoppedError) as stopped:
        arm.start(motion())
    assert stopped.value.code == Rejection.REFLEX
    assert library.robot.recovered == 0, "the library would have recovered it by itself"
    arm.recover()
    assert library.robot.recovered == 1
    assert arm.errors == ()
    arm.start(retime(np.array([library.robot.q, HOME]), MotionLimits.of(ARM, 0.5), 100.0))  # type: ignore[arg-type]
    arrived(arm)
    assert arm.joint_state.positions[:7] == pytest.approx(HOME)


def test_a_recovery_in_vain_says_so(arm: PandaArm, library: Any) -> None:
    library.robot.mode, library.robot.stays = RobotMode.kReflex, True
    with pytest.raises(MotionStoppedError, match="reflex"):
        arm.recover()
    library.robot.mode = RobotMode.kUserStopped
    assert "stop button" in arm.errors[0]


def test_a_robot_that_does_not_answer(arm: PandaArm, library: Any) -> None:
    library.robot.silent = True
    with pytest.raises(PeerLostError, match="does not answer"):
        _ = arm.joint_state


def test_no_robot_at_that_address(library: Any) -> None:
    assert ARM is not None
    with pytest.raises(ConfigError, match="FCI"):
        PandaArm(library, "nowhere", ARM)


def test_the_hand_goes_and_tells_when_it_is_there(arm: PandaArm, library: Any) -> None:
    library.hand.blocks = True
    arm.gripper.move(0.02, 0.1)
    until(lambda: bool(library.hand.commands), "the hand to begin")
    assert arm.gripper.busy
    library.hand.arrive()
    until(lambda: not arm.gripper.busy, "the hand to arrive")
    assert arm.gripper.succeeded
    assert arm.joint_state.positions[7:] == pytest.approx([0.01, 0.01])


def test_a_new_command_of_the_hand_replaces_the_old_one(arm: PandaArm, library: Any) -> None:
    library.hand.blocks = True
    arm.gripper.move(0.02, 0.1)
    until(lambda: bool(library.hand.commands), "the hand to begin")
    arm.gripper.move(0.03, 0.1)  # never begun: a third one comes before the first has ended
    arm.gripper.grasp(0.0, 0.1, 20.0, 0.08, 0.08)
    until(lambda: len(library.hand.commands) == 2, "the newest command")
    assert library.hand.commands[1][0] == "grasp"
    library.hand.arrive()
    until(lambda: not arm.gripper.busy, "the hand to hold")
    assert arm.gripper.succeeded


def test_a_stopped_hand_did_not_succeed(arm: PandaArm, library: Any) -> None:
    library.hand.blocks = True
    arm.gripper.move(0.02, 0.1)
    until(lambda: bool(library.hand.commands), "the hand to begin")
    arm.gripper.stop()
    until(lambda: not arm.gripper.busy, "the hand to stop")
    assert not arm.gripper.succeeded


@pytest.mark.parametrize("width_m", [1.0, -0.01, float("nan")])
def test_a_width_that_the_hand_does_not_have(arm: PandaArm, library: Any, width_m: float) -> None:
    with pytest.raises(PlanRejectedError, match=r"0\.08 m"):
        arm.gripper.move(width_m, 0.1)
    assert not library.hand.commands
