"""A motion is driven as it is or refused: whatever is changed in it so that it breaks a limit is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.braking import brake
from adapt_core.kinematics.chunk_motion import plan_chunk, plan_home
from adapt_core.kinematics.motion_check import check_motion
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.plan_hash import plan_hash
from adapt_core.robots import KeepOut, Robot
from adapt_core.safety import Limits, Rejection
from adapt_core.types import ActionChunk, ActionSpace
from hypothesis import assume, given, settings
from hypothesis import strategies as st

PERIOD_S = 1 / 30
STEPS = ((0.05, 0.0, -0.05), (0.03, 0.0, -0.1), (0.0, 0.02, -0.1), (0.0, 0.0, 0.0), (0.04, 0.03, 0.0))
Step = tuple[float, float, float]


def chunk_of(arm: ArmModel, steps: tuple[Step, ...] | list[Step], frame_skip: int = 16) -> ActionChunk:
    rows = np.tile(np.append(arm.forward(arm.home), 1.0), (len(steps), 1))  # (n, 8)
    rows[:, :3] += np.cumsum(steps, axis=0)
    return ActionChunk(ActionSpace.END_EFFECTOR, rows, frame_skip, "panda_link0", 0.0)


@dataclasses.dataclass
class Good:
    """A chunk and its motion, which pass."""

    arm: ArmModel
    robot: Robot
    chunk: ActionChunk
    motion: JointTrajectory

    def check(self, motion: JointTrajectory | None = None, chunk: ActionChunk | None = None) -> None:
        workspace = Limits.of(self.robot).workspace
        check_motion(self.arm, chunk or self.chunk, motion or self.motion, self.arm.home, workspace)

    def refused(self, motion: JointTrajectory | None = None, chunk: ActionChunk | None = None) -> str:
        with pytest.raises(PlanRejectedError) as caught:
            self.check(motion, chunk)
        assert caught.value.code in str(caught.value)
        return caught.value.code

    def changed(self, field: str, row: int, joint: int, by: float) -> JointTrajectory:
        rows = getattr(self.motion, field).copy()
        rows[row, joint] += by
        return dataclasses.replace(self.motion, **{field: rows})


@pytest.fixture(scope="session")
def good(arm: ArmModel, robot: Robot) -> Good:
    chunk = chunk_of(arm, STEPS)
    return Good(arm, robot, chunk, plan_chunk(arm, chunk, arm.home, PERIOD_S))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-0.06, 0.06)] * 3), min_size=1, max_size=8),
    st.lists(st.floats(-0.2, 0.2), min_size=7, max_size=7),
    st.sampled_from([1, 4, 16]),
)
def test_every_motion_that_is_planned_passes(
    arm: ArmModel, steps: list[Step], turns: list[float], frame_skip: int
) -> None:
    chunk, start = chunk_of(arm, steps, frame_skip), arm.home + turns
    try:
        motion = plan_chunk(arm, chunk, start, PERIOD_S)
    except PlanRejectedError as error:
        assert error.code is not Rejection.TOO_FAST
        assume(False)
    check_motion(arm, chunk, motion, start)


points = st.tuples(st.integers(0, 400), st.integers(0, 6))
signs = st.sampled_from([-1.0, 1.0])


@settings(deadline=None)
@given(points, st.floats(1e-3, 10.0), signs)
def test_a_point_beside_the_way_is_seen(good: Good, at: tuple[int, int], by: float, sign: float) -> None:
    row, joint = at[0] % len(good.motion.times_s), at[1]
    good.refused(good.changed("positions", row, joint, sign * by))


@settings(deadline=None)
@given(points, st.floats(0.05, 10.0), signs)
def test_a_velocity_that_is_not_that_of_the_positions_is_seen(
    good: Good, at: tuple[int, int], by: float, sign: float
) -> None:
    row, joint = at[0] % len(good.motion.times_s), at[1]
    code = good.refused(good.changed("velocities", row, joint, sign * by))
    assert code in (Rejection.WRONG_MOTION, Rejection.TOO_FAST)


@settings(deadline=None)
@given(points, st.floats(2.1, 100.0), signs)
def test_an_acceleration_above_its_limit_is_seen(good: Good, at: tuple[int, int], times: float, sign: float) -> None:
    row, joint = at[0] % len(good.motion.times_s), at[1]
    most = MotionLimits.of(good.arm.settings, 0.2).acceleration[joint]
    assert good.refused(good.changed("accelerations", row, joint, sign * times * most)) == Rejection.TOO_FAST


@settings(deadline=None)
@given(points, st.sampled_from(["positions", "velocities", "accelerations"]), st.sampled_from([np.nan, np.inf]))
def test_numbers_that_are_none_make_no_motion(good: Good, at: tuple[int, int], field: str, by: float) -> None:
    row, joint = at[0] % len(good.motion.times_s), at[1]
    with pytest.raises(PlanRejectedError) as caught:
        good.changed(field, row, joint, by)
    assert caught.value.code == Rejection.NON_FINITE


@settings(deadline=None)
@given(st.floats(0.1, 4.0))
def test_the_same_way_driven_faster_is_refused_just_where_it_breaks_a_limit(good: Good, slower: float) -> None:
    limits, motion = MotionLimits.of(good.arm.settings, 0.2), good.motion
    faster = JointTrajectory(
        motion.times_s * slower,
        motion.positions,
        motion.velocities / slower,
        motion.accelerations / slower**2,
        motion.waypoint_times_s * slower,
    )
    try:
        limits.check(faster)
    except PlanRejectedError:
        assert good.refused(faster) == Rejection.TOO_FAST
    else:
        good.check(faster)
    assert slower < 1 or limits.holds(faster.positions)


@settings(deadline=None)
@given(st.integers(0, 4), st.integers(0, 2), st.floats(0.003, 0.5), signs)
def test_another_chunk_is_not_that_of_the_motion(good: Good, row: int, axis: int, by: float, sign: float) -> None:
    actions = good.chunk.actions.copy()
    actions[row, axis] += sign * by
    assert good.refused(chunk=dataclasses.replace(good.chunk, actions=actions)) == Rejection.WRONG_MOTION


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 300))
def test_a_motion_with_points_missing_is_seen(good: Good, first: int, count: int) -> None:
    kept = np.delete(np.arange(len(good.motion.times_s)), slice(first, first + count))
    assume(len(kept) < len(good.motion.times_s) - 6)
    fields = ("times_s", "positions", "velocities", "accelerations")
    cut = {name: getattr(good.motion, name)[kept] for name in fields}
    good.refused(dataclasses.replace(good.motion, **cut))


def _waypoints(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[JointTrajectory], JointTrajectory]:
    return lambda motion: dataclasses.replace(motion, waypoint_times_s=change(motion.waypoint_times_s.copy()))


BAD_MOTIONS: dict[str, tuple[Callable[[JointTrajectory], Any], Rejection]] = {
    "poses in another order": (_waypoints(lambda reached: reached[::-1]), Rejection.WRONG_MOTION),
    "poses too soon": (_waypoints(lambda reached: reached * [0.5, 1, 1, 1, 1]), Rejection.WRONG_MOTION),
    "a pose that is no time": (_waypoints(lambda reached: reached * [1, np.nan, 1, 1, 1]), Rejection.WRONG_MOTION),
    "a pose never reached": (_waypoints(lambda reached: reached[:-1]), Rejection.WRONG_MOTION),
    "goes on after its end": (_waypoints(lambda reached: reached - [0, 0, 0, 0, 0.1]), Rejection.WRONG_MOTION),
    "one joint short": (
        lambda motion: JointTrajectory(
            motion.times_s,
            motion.positions[:, :6],
            motion.velocities[:, :6],
            motion.accelerations[:, :6],
            motion.waypoint_times_s,
        ),
        Rejection.WRONG_SHAPE,
    ),
}


@pytest.mark.parametrize("what", BAD_MOTIONS)
def test_a_motion_that_contradicts_its_chunk_is_refused(good: Good, what: str) -> None:
    change, code = BAD_MOTIONS[what]
    assert good.refused(change(good.motion)) == code


def test_a_motion_from_elsewhere_is_refused(good: Good) -> None:
    elsewhere = good.arm.home + 0.02 * np.eye(7)[3]
    with pytest.raises(PlanRejectedError, match=r"panda_joint4 stands 0\.020 rad from where") as caught:
        check_motion(good.arm, good.chunk, good.motion, elsewhere)
    assert caught.value.code == Rejection.WRONG_START


def test_contacts_and_the_hands_way_are_looked_at(good: Good) -> None:
    assert good.robot.arm is not None
    x, y, z = good.chunk.actions[2, :3]
    box = KeepOut("box", (x - 0.02, y - 0.02, z - 0.02), (x + 0.02, y + 0.02, z + 0.02))
    with pytest.raises(PlanRejectedError, match="box meet at") as caught:
        check_motion(ArmModel(good.robot.arm, [box]), good.chunk, good.motion, good.arm.home)
    assert caught.value.code == Rejection.KEEP_OUT
    low, high = good.chunk.actions[0, :3] - 0.02, good.chunk.actions[0, :3] + 0.02
    with pytest.raises(PlanRejectedError, match="would leave the workspace") as caught:
        check_motion(good.arm, good.chunk, good.motion, good.arm.home, (low, high))
    assert caught.value.code == Rejection.OUTSIDE_WORKSPACE


def test_home_is_reached_by_small_turns_from_anywhere(arm: ArmModel, robot: Robot) -> None:
    start = arm.home + np.array([1.2, 0.3, -0.4, 0.2, 0.0, 0.5, -0.9])
    motion = plan_home(arm, start)
    np.testing.assert_allclose(motion.positions[-1], arm.home, atol=1e-9)
    rows = np.array([np.append(arm.forward(motion.at(time_s)[0]), 1.0) for time_s in motion.waypoint_times_s])
    chunk = ActionChunk(ActionSpace.END_EFFECTOR, rows, 16, robot.frame_id, 0.0)
    check_motion(arm, chunk, motion, start, Limits.of(robot).workspace)
    assert len(plan_home(arm, arm.home).waypoint_times_s) == 1


@settings(deadline=None)
@given(st.lists(st.floats(-1.0, 1.0), min_size=7, max_size=7), st.lists(st.floats(-1.0, 1.0), min_size=7, max_size=7))
def test_braking_keeps_to_the_limits(arm: ArmModel, where: list[float], fast: list[float]) -> None:
    limits = MotionLimits.of(arm.settings)
    positions = (arm.low + arm.high) / 2 + np.array(where) * (arm.high - arm.low) / 2
    velocities = np.array(fast) * limits.velocity
    rest = brake(positions, velocities, limits)
    limits.check_positions(rest.positions)
    assert (np.abs(velocities) / rest.duration_s <= limits.acceleration * (1 + 1e-9)).all()
    assert (np.abs(rest.positions[0] - positions) <= np.abs(velocities) * rest.duration_s / 2 + 1e-9).all()


def test_the_name_of_a_plan_tells_everything_apart(good: Good) -> None:
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    names = {
        plan_hash(good.chunk, good.motion, frames),
        plan_hash(good.chunk, good.motion, frames + 1),
        plan_hash(good.chunk, good.motion, frames[:1]),
        plan_hash(good.chunk, good.changed("positions", 3, 2, 1e-12), frames),
        plan_hash(dataclasses.replace(good.chunk, stamp_s=1.0), good.motion, frames),
        plan_hash(dataclasses.replace(good.chunk, actions=good.chunk.actions + 1e-12), good.motion, frames),
    }
    assert len(names) == 6 and all(len(name) == 64 for name in names)
    assert plan_hash(good.chunk, good.motion, frames.copy()) in names
