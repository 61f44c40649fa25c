"""The simulated Panda behind its drivers' interfaces: tracking, limits, gripper, reflex and recovery."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from adapt_core.errors import MotionStoppedError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.joint_state import JointState
from adapt_sim.panda.arm_simulation import HOME, VELOCITY_LIMITS, ArmSimulation
from adapt_sim.panda.drawers import drawer_scene
from adapt_sim.panda.table_scene import table_scene_spec
from adapt_sim.panda.tabletop_tasks import Tabletop

SCALE = 0.2
TRACKING_RAD = 0.006


@pytest.fixture(scope="module")
def simulation() -> ArmSimulation:
    """An arm at an empty table."""
    return ArmSimulation(table_scene_spec().compile())


@pytest.fixture
def arm(simulation: ArmSimulation) -> ArmSimulation:
    """That arm at home, at rest and without errors."""
    simulation.reset()
    return simulation


def motion(start: np.ndarray, end: np.ndarray, duration_s: float) -> JointTrajectory:
    """From rest to rest, of least jerk."""
    times_s = np.arange(1, round(100 * duration_s) + 1) / 100.0
    u = (times_s / duration_s)[:, None]
    positions = start + (10 * u**3 - 15 * u**4 + 6 * u**5) * (end - start)
    velocities = (30 * u**2 - 60 * u**3 + 30 * u**4) * (end - start) / duration_s
    accelerations = (60 * u - 180 * u**2 + 120 * u**3) * (end - start) / duration_s**2
    return JointTrajectory(times_s, positions, velocities, accelerations)


def turned(by: float, joint: int = 0) -> np.ndarray:
    """Home, but for one joint."""
    positions = np.array(HOME)
    positions[joint] += by
    return positions


def press_on_table() -> JointTrajectory:
    """Down through the table by the shoulder, slowly."""
    return motion(np.array(HOME), turned(2.2, joint=1), 12.0)


def test_tracks_within_a_few_milliradians_at_a_fifth_of_the_speed(arm: ArmSimulation) -> None:
    goal = np.add(HOME, [0.5, 0.4, -0.4, 0.4, 0.5, -0.4, 0.6])
    duration_s = float((1.875 * np.abs(goal - HOME) / (SCALE * VELOCITY_LIMITS)).max())  # least jerk peaks at 1.875
    trajectory = motion(np.array(HOME), goal, duration_s)
    started_s, errors, fastest = arm.time_s, [], np.zeros(7)

    def compare(state: JointState) -> None:
        nonlocal fastest
        errors.append(np.abs(state.positions[:7] - trajectory.at(arm.time_s - started_s)[0]).max())
        fastest = np.maximum(fastest, np.abs(state.velocities[:7]) / VELOCITY_LIMITS)

    assert arm.follow(trajectory, compare)
    assert 1e-5 < max(errors) < TRACKING_RAD
    assert 0.9 * SCALE < fastest.max() < 1.1 * SCALE
    np.testing.assert_allclose(arm.positions, goal, atol=TRACKING_RAD)


def test_holds_still_against_gravity(arm: ArmSimulation) -> None:
    arm.advance(1.0)
    np.testing.assert_allclose(arm.positions, HOME, atol=1e-3)
    state = arm.joint_state
    assert abs(state.efforts[1]) > 2.0  # the shoulder carries the arm


def test_equal_commands_give_equal_motions(arm: ArmSimulation) -> None:
    ends = []
    for _ in range(2):
        arm.reset()
        arm.gripper.move(0.03)
        arm.follow(motion(np.array(HOME), turned(0.3), 1.5))
        ends.append(arm.joint_state.positions)
    np.testing.assert_array_equal(*ends)


def test_time_goes_on_over_resets(arm: ArmSimulation) -> None:
    before_s = arm.time_s
    arm.advance(0.1)
    arm.reset()
    assert arm.time_s == pytest.approx(before_s + 0.1)


@pytest.mark.parametrize(
    ("trajectory", "code"),
    [
        (motion(np.array(HOME), turned(3.0), 12.0), "joint_limit"),
        (motion(np.array(HOME), turned(1.0), 0.3), "too_fast"),
        (motion(turned(0.2), turned(0.3), 2.0), "joint_jump"),
        (motion(np.zeros(6), np.ones(6), 2.0), "wrong_shape"),
    ],
)
def test_refuses_what_the_joints_cannot_do(arm: ArmSimulation, trajectory: JointTrajectory, code: str) -> None:
    with pytest.raises(PlanRejectedError) as caught:
        arm.start(trajectory)
    assert caught.value.code == code
    assert not arm.moving
    arm.advance(0.2)
    np.testing.assert_allclose(arm.positions, HOME, atol=1e-3)


def test_joints_cannot_be_pushed_out_of_their_range(arm: ArmSimulation) -> None:
    arm.reset(np.clip(turned(3.0), *arm.limits))
    arm.data.qfrc_applied[0] = 200.0
    arm.advance(0.5)
    assert arm.positions[0] < arm.limits[1, 0] + 0.02


def test_torques_stay_within_the_limits(arm: ArmSimulation) -> None:
    arm.data.ctrl[:7] = turned(2.0)  # a step no trajectory would take
    largest = np.zeros(7)
    for _ in range(100):
        arm.advance(1 / 240)
        largest = np.maximum(largest, np.abs(arm.joint_state.efforts[:7]))
    np.testing.assert_array_less(largest, np.array([87.0] * 4 + [12.0] * 3) + 1e-6)
    assert largest[0] == pytest.approx(87.0)


def test_should_stop_halts_on_the_way(arm: ArmSimulation) -> None:
    asked = itertools.count()
    assert not arm.follow(motion(np.array(HOME), turned(0.5), 3.0), should_stop=lambda: next(asked) > 60)
    assert not arm.moving
    stopped_at = arm.positions
    arm.advance(0.5)
    assert 0.05 < arm.positions[0] < 0.45
    np.testing.assert_allclose(arm.positions, stopped_at, atol=0.03)


def test_a_contact_stops_the_arm_until_it_is_recovered(arm: ArmSimulation) -> None:
    with pytest.raises(MotionStoppedError) as caught:
        arm.follow(press_on_table())
    assert caught.value.code == "reflex" and arm.errors and not arm.moving
    assert arm.tcp_pose[2] > -0.005  # it did not go through the table
    arm.advance(0.5)
    back = motion(arm.positions, np.array(HOME), 6.0)
    with pytest.raises(MotionStoppedError, match="recover"):
        arm.start(back)
    arm.recover()
    assert not arm.errors
    assert arm.follow(motion(arm.positions, np.array(HOME), 6.0))
    np.testing.assert_allclose(arm.positions, HOME, atol=TRACKING_RAD)


def test_pressing_after_the_reflex_ends(arm: ArmSimulation) -> None:
    with pytest.raises(MotionStoppedError):
        arm.follow(press_on_table())
    arm.advance(1.0)
    assert arm.contact_force_n < 40.0


@pytest.mark.parametrize("width_m", [0.0, 0.03, 0.08])
def test_gripper_moves_to_a_width(arm: ArmSimulation, width_m: float) -> None:
    arm.gripper.rest(0.05)
    arm.gripper.move(width_m, speed_m_s=0.1)
    arm.advance(1.2)
    assert not arm.gripper.busy and arm.gripper.succeeded
    assert arm.gripper.width_m == pytest.approx(width_m, abs=0.002)


def test_a_grasp_of_nothing_fails(arm: ArmSimulation) -> None:
    arm.gripper.grasp(0.03, speed_m_s=0.1, force_n=20.0)
    arm.advance(1.5)
    assert not arm.gripper.busy and not arm.gripper.succeeded


@pytest.mark.parametrize("command", [(1.0, 0.1), (-0.01, 0.1), (np.nan, 0.1), (0.05, 5.0)])
def test_gripper_refuses_what_it_has_not(arm: ArmSimulation, command: tuple[float, float]) -> None:
    with pytest.raises(PlanRejectedError, match="gripper"):
        arm.gripper.move(*command)
    with pytest.raises(PlanRejectedError, match="gripper"):
        arm.gripper.grasp(*command, force_n=20.0)


def test_a_grasp_holds_with_its_force() -> None:
    tabletop = Tabletop("drawers")
    arm = ArmSimulation(tabletop.model)
    scene = drawer_scene("yellow", 0)
    tabletop.lay(arm.data, scene)
    stem = tabletop.model.body("left_drawer").id
    forces = []
    for force_n in (10.0, 30.0):
        arm.reset()
        tabletop.lay(arm.data, scene)
        handle_at_hand(arm, tabletop, stem)
        arm.gripper.grasp(0.014, speed_m_s=0.1, force_n=force_n)
        arm.advance(1.3)
        assert arm.gripper.succeeded and not arm.errors
        forces.append(abs(arm.joint_state.efforts[7]))
    np.testing.assert_allclose(forces, [10.0, 30.0], rtol=0.05)


def handle_at_hand(arm: ArmSimulation, tabletop: Tabletop, drawer: int) -> None:
    """Bring the cabinet to the hand, so that the handle's stem is between the fingers."""
    cabinet = tabletop.model.body_parentid[drawer]
    tabletop.model.body_pos[cabinet] = np.add(arm.tcp_pose[:3], [0.038, 0.0, -0.095])
    arm.advance(0.05)
