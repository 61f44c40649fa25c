"""Each promise of the guard, and the test that tries to break it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from adapt_core.errors import ConfigError, PlanRejectedError
from adapt_core.ports import StopCheck, never
from adapt_core.robots import load_robot
from adapt_core.safety import (
    EnableLease,
    GuardedWorld,
    HeartbeatMonitor,
    Limits,
    Newest,
    Rejection,
    StopLatch,
    check_chunk,
    check_joint_state_age,
    check_observation_age,
    check_plan,
)
from adapt_core.types import ActionChunk, ActionSpace, Observation, VideoPlan, WorldSpec
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

ROBOT = load_robot("metaworld")
LIMITS = Limits.of(ROBOT)
DMC = load_robot("dmc")
RAW_LIMITS = dataclasses.replace(Limits.of(DMC), raw=(-np.ones(3), np.ones(3)))
NOW_S = 100.0
assert LIMITS.workspace is not None
CENTRE = (LIMITS.workspace[0] + LIMITS.workspace[1]) / 2


def pose(**changes: Any) -> NDArray[np.float64]:
    good = np.array([*CENTRE, 0.0, 0.0, 0.0, 1.0, 0.5])
    for index, value in changes.items():
        good[int(index[1:])] = value
    return good


def chunk(*poses: NDArray[np.float64], **changes: Any) -> ActionChunk:
    actions = np.stack(poses or (pose(), pose()))
    good = ActionChunk(ActionSpace.END_EFFECTOR, actions, ROBOT.frame_skip, ROBOT.frame_id, NOW_S - 1)
    return dataclasses.replace(good, **changes)


def raw(actions: Any, **changes: Any) -> ActionChunk:
    good = ActionChunk(ActionSpace.RAW, np.array(actions, np.float64), DMC.frame_skip, DMC.frame_id, NOW_S)
    return dataclasses.replace(good, **changes)


def code_of(bad: ActionChunk, limits: Limits = LIMITS, now_s: float = NOW_S) -> str:
    with pytest.raises(PlanRejectedError) as caught:
        check_chunk(bad, limits, now_s)
    assert caught.value.code in str(caught.value)
    return caught.value.code


def test_a_good_chunk_passes_and_stays_as_it_was() -> None:
    good = chunk()
    before = good.actions.copy()
    check_chunk(good, LIMITS, NOW_S)
    assert np.array_equal(good.actions, before)
    check_chunk(raw([[0, 1, -1]]), RAW_LIMITS, NOW_S)
    check_chunk(raw([[9.0] * 5]), Limits.of(DMC), NOW_S)  # only the world knows these bounds
    half = np.sqrt(0.5)
    check_chunk(chunk(pose(_3=half, _6=half)), LIMITS, NOW_S)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("index", range(8))
def test_non_finite_numbers(value: float, index: int) -> None:
    assert code_of(chunk(pose(), pose(**{f"_{index}": value}))) == Rejection.NON_FINITE


@pytest.mark.parametrize(
    "actions",
    [
        np.zeros((0, 8)),
        np.stack([pose()] * (ROBOT.max_steps + 1)),
        pose(),
        pose()[None, :7],
        np.append(pose(), 0)[None],
        pose()[None, None],
        pose()[None].astype(np.float32),
        pose()[None].astype(object),
        [pose().tolist()],
    ],
)
def test_wrong_shapes(actions: Any) -> None:
    assert code_of(chunk(actions=actions)) == Rejection.WRONG_SHAPE


def test_wrong_space_frame_and_frame_skip() -> None:
    assert code_of(chunk(space=ActionSpace.RAW)) == Rejection.WRONG_SPACE
    assert code_of(raw([[0.0] * 3], space=ActionSpace.END_EFFECTOR), RAW_LIMITS) == Rejection.WRONG_SPACE
    assert code_of(chunk(frame_id="camera")) == Rejection.WRONG_FRAME
    assert code_of(chunk(frame_skip=1000)) == Rejection.WRONG_FRAME_SKIP
    assert code_of(chunk(frame_skip=0)) == Rejection.WRONG_FRAME_SKIP


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [0, 1])
def test_positions_outside_the_workspace(axis: int, side: int) -> None:
    assert LIMITS.workspace is not None
    outwards = (-1, 1)[side]
    edge = LIMITS.workspace[side][axis]
    check_chunk(chunk(pose(**{f"_{axis}": edge + outwards * 0.9e-6})), LIMITS, NOW_S)
    for step in (1.1e-6, 0.001, 1e300):
        bad = chunk(pose(), pose(**{f"_{axis}": edge + outwards * step}), pose())
        assert code_of(bad) == Rejection.OUTSIDE_WORKSPACE


def test_quaternions_that_are_no_rotation_and_grippers_out_of_range() -> None:
    for w in [0.0, 0.99, 1.01, 1e200]:
        assert code_of(chunk(pose(), pose(_6=w))) == Rejection.NON_UNIT_QUATERNION
    for opening in [-0.01, 1.01]:
        assert code_of(chunk(pose(_7=opening))) == Rejection.OUTSIDE_LIMITS


def test_raw_actions_outside_their_bounds() -> None:
    assert code_of(raw([[0, 0, 0], [0, 1.001, 0]]), RAW_LIMITS) == Rejection.OUTSIDE_LIMITS
    assert code_of(raw([[0, 0]]), RAW_LIMITS) == Rejection.WRONG_SHAPE
    assert code_of(raw(np.zeros((1, 0))), Limits.of(DMC)) == Rejection.WRONG_SHAPE


def test_ages() -> None:
    age_s = LIMITS.plan_age_s
    check_chunk(chunk(stamp_s=NOW_S - age_s + 0.01), LIMITS, NOW_S)
    assert code_of(chunk(stamp_s=NOW_S - age_s - 0.01)) == Rejection.STALE_PLAN
    assert code_of(chunk(stamp_s=math.nan)) == Rejection.STALE_PLAN
    assert code_of(chunk(stamp_s=-math.inf)) == Rejection.STALE_PLAN
    assert code_of(chunk(stamp_s=NOW_S + 1)) == Rejection.FUTURE_STAMP
    check_observation_age(NOW_S - LIMITS.observation_age_s + 0.01, LIMITS, NOW_S)
    with pytest.raises(PlanRejectedError) as caught:
        check_observation_age(NOW_S - LIMITS.observation_age_s - 0.01, LIMITS, NOW_S)
    assert caught.value.code == Rejection.STALE_OBSERVATION


NUMBERS = st.floats(-2, 2) | st.floats() | st.sampled_from([0.0, 0.5, 1.0])
CHUNKS = st.builds(
    ActionChunk,
    st.sampled_from(ActionSpace),
    arrays.arrays(np.float64, st.tuples(st.integers(0, 4), st.sampled_from([3, 8])), elements=NUMBERS)
    | st.lists(st.tuples(*[st.floats(low, high) for low, high in zip(*LIMITS.workspace, strict=True)]), min_size=1).map(
        lambda rows: np.array([[*row, 0, 0, 0, 1, 0.5] for row in rows])
    ),
    st.sampled_from([ROBOT.frame_skip, DMC.frame_skip]),
    st.sampled_from([ROBOT.frame_id, "other"]),
    st.floats(NOW_S - 40, NOW_S + 1) | st.floats(),
)


@given(CHUNKS, st.sampled_from([LIMITS, RAW_LIMITS]))
def test_whatever_passes_keeps_every_limit(any_chunk: ActionChunk, limits: Limits) -> None:
    before = any_chunk.actions.copy()
    try:
        check_chunk(any_chunk, limits, NOW_S)
    except PlanRejectedError as error:
        assert error.code in set(Rejection)
        return
    finally:
        assert np.array_equal(any_chunk.actions, before, equal_nan=True)
    actions = any_chunk.actions
    assert any_chunk.space is limits.space
    assert 1 <= len(actions) <= limits.max_actions
    assert np.isfinite(actions).all()
    assert -0.1 <= NOW_S - any_chunk.stamp_s <= limits.plan_age_s
    if limits is LIMITS:
        assert limits.workspace is not None
        assert (np.abs(actions[:, :3] - CENTRE) <= (limits.workspace[1] - limits.workspace[0]) / 2 + 2e-6).all()
        assert np.abs((actions[:, 3:7] ** 2).sum(axis=1) - 1).max() < 3e-3
    else:
        assert np.abs(actions).max() <= 1 + 2e-6


def test_plans() -> None:
    def plan(frames: Any, stamp_s: float = 0.0) -> VideoPlan:
        return VideoPlan(frames, "a", "b", 0, "v", stamp_s)

    check_plan(plan(np.zeros((8, 4, 6, 3), np.uint8)), (4, 6))
    wrong: list[Any] = [
        np.zeros((8, 6, 4, 3), np.uint8),
        np.zeros((8, 4, 6, 3)),
        np.zeros((0, 4, 6, 3), np.uint8),
        None,
    ]
    for frames in wrong:
        with pytest.raises(PlanRejectedError) as caught:
            check_plan(plan(frames), (4, 6))
        assert caught.value.code == Rejection.WRONG_SHAPE
    with pytest.raises(PlanRejectedError) as caught:
        check_plan(plan(np.zeros((8, 4, 6, 3), np.uint8), math.nan), (4, 6))
    assert caught.value.code == Rejection.NON_FINITE


class FakeClock:
    now_s = 10.0

    def __call__(self) -> float:
        return self.now_s


def test_the_enable_lease_lapses_unless_renewed() -> None:
    clock = FakeClock()
    lease = EnableLease(2.0, clock)
    assert not lease.held
    lease.renew()
    clock.now_s += 1.9
    assert lease.held
    lease.renew()
    clock.now_s += 1.9
    assert lease.held
    clock.now_s += 0.1
    assert not lease.held
    lease.renew()
    lease.release()
    assert not lease.held


def test_the_stop_latches_until_it_is_reset() -> None:
    latch = StopLatch()
    assert (latch.stopped, latch.reason) == (False, "")
    latch.set("operator")
    latch.set("heartbeat")
    assert (latch.stopped, latch.reason) == (True, "operator")
    latch.reset()
    assert (latch.stopped, latch.reason) == (False, "")


def test_silent_nodes_are_lost_within_the_timeout() -> None:
    clock = FakeClock()
    monitor = HeartbeatMonitor(["planner", "camera"], 0.5, clock)
    clock.now_s += 0.4
    monitor.beat("planner")
    monitor.beat("stranger")
    assert monitor.lost() == []
    clock.now_s += 0.2
    assert monitor.lost() == ["camera"]
    clock.now_s += 0.4
    assert monitor.lost() == ["planner", "camera"]
    monitor.expect_from_now()
    assert monitor.lost() == []
    clock.now_s += 0.6
    monitor.beat("camera")
    assert monitor.lost() == ["planner"]


class FakeWorld:
    """Counts what reaches it; its clock runs one second an action."""

    def __init__(self, **changes: Any) -> None:
        spec = WorldSpec("fake", (4, 4), (ActionSpace.END_EFFECTOR,), np.zeros(0), np.zeros(0), 0.01, ROBOT.frame_id)
        self.spec = dataclasses.replace(spec, **changes)
        self.executed = 0
        self.closed = False

    def _observe(self) -> Observation:
        return Observation(np.zeros((4, 4, 3), np.uint8), None, NOW_S + self.executed, self.executed)

    def reset(self, task_id: str, seed: int) -> Observation:
        return self._observe()

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        observations = []
        for _ in chunk.actions:
            if should_stop():
                break
            self.executed += 1
            observations.append(self._observe())
        return observations

    def close(self) -> None:
        self.closed = True


def test_nothing_refused_reaches_a_guarded_world() -> None:
    world = FakeWorld()
    guarded = GuardedWorld(world, ROBOT)
    assert guarded.spec is world.spec
    with pytest.raises(PlanRejectedError, match="stale_plan"):
        guarded.execute(chunk())
    assert guarded.reset("door-close", 0).stamp_s == NOW_S
    assert len(guarded.execute(chunk())) == 2
    with pytest.raises(PlanRejectedError, match="outside_workspace"):
        guarded.execute(chunk(pose(), pose(_0=9.0)))
    assert world.executed == 2
    assert guarded.execute(chunk(), lambda: True) == []
    for _ in range(15):
        guarded.execute(chunk(stamp_s=NOW_S + world.executed))
    with pytest.raises(PlanRejectedError, match="stale_plan"):
        guarded.execute(chunk(stamp_s=NOW_S))
    guarded.close()
    assert world.closed


def test_the_world_narrows_the_workspace_and_must_agree() -> None:
    assert LIMITS.workspace is not None
    low, high = LIMITS.workspace
    narrow = FakeWorld(workspace=(low - 1, CENTRE))
    limits = Limits.of(ROBOT, narrow.spec)
    assert limits.workspace is not None
    assert np.array_equal(limits.workspace[0], low)
    assert np.array_equal(limits.workspace[1], CENTRE)
    disagreeing: list[tuple[dict[str, Any], str]] = [
        ({"spaces": (ActionSpace.RAW,)}, "action_space"),
        ({"frame_id": "other"}, "frame_id"),
        ({"workspace": (high + 1, high + 2)}, "nothing in common"),
    ]
    for changes, message in disagreeing:
        with pytest.raises(ConfigError, match=message):
            GuardedWorld(FakeWorld(**changes), ROBOT)
    raw_spec = FakeWorld(
        spaces=(ActionSpace.RAW,), frame_id=DMC.frame_id, raw_low=-np.ones(2), raw_high=np.ones(2)
    ).spec
    assert Limits.of(DMC, raw_spec).raw is not None
    assert Limits.of(DMC, dataclasses.replace(raw_spec, workspace=(low, high))).workspace is not None


def test_a_sensor_is_as_old_as_its_stamp_or_on_a_simulated_clock_as_its_silence() -> None:
    wall_s = [0.0]
    real, simulated = (Newest(simulated=flag, clock=lambda: wall_s[0]) for flag in (False, True))
    for newest in (real, simulated):
        for check in (check_observation_age, check_joint_state_age):
            with pytest.raises(PlanRejectedError):
                check(newest.as_of(NOW_S), LIMITS, NOW_S)  # nothing was heard yet
        newest.hear(NOW_S)
    ahead_s = NOW_S + 10 * LIMITS.observation_age_s
    assert real.as_of(ahead_s) == NOW_S  # old, however lately it came
    assert simulated.as_of(ahead_s) == ahead_s  # the clock ran ahead of the message
    wall_s[0] = 2 * LIMITS.observation_age_s
    simulated.hear(NOW_S)  # said again, not measured again
    with pytest.raises(PlanRejectedError) as caught:
        check_joint_state_age(simulated.as_of(ahead_s), LIMITS, ahead_s)
    assert caught.value.code == Rejection.STALE_JOINT_STATES
    check_observation_age(simulated.as_of(NOW_S), LIMITS, NOW_S)  # time stands still, and nothing grows old
