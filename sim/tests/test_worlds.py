"""The contract that every registered world keeps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from adapt_core.errors import ConfigError, PlanRejectedError, UnknownTaskError
from adapt_core.ports import World
from adapt_core.types import ActionChunk, ActionSpace
from adapt_sim import make_world, world_names


@dataclass(frozen=True)
class Case:
    """A world under test: its constructor's settings, and a task whose scene differs between seeds."""

    task: str
    settings: dict[str, Any]


CASES = {
    "metaworld": Case("drawer-close", {"image_size": 64}),
    "dmc": Case("cartpole-swingup", {"image_size": 64}),
    "panda": Case("push-red-cup", {"image_size": 64}),
}
HOME_POSES = {"panda": [0.306891, 0.0, 0.486882, 1.0, 0.0, 0.0, 0.0, 1.0]}
FOREIGN_SPACE = {"dmc": ActionSpace.END_EFFECTOR, "panda": ActionSpace.RAW}


@pytest.fixture(params=world_names(), scope="module")
def named_world(request: pytest.FixtureRequest) -> Iterator[tuple[str, World]]:
    """Each registered world by turns."""
    world = make_world(request.param, **CASES[request.param].settings)
    yield request.param, world
    world.close()


@pytest.fixture
def world(named_world: tuple[str, World]) -> World:
    """A world that has been reset."""
    named_world[1].reset(CASES[named_world[0]].task, 0)
    return named_world[1]


def calm(world: World, count: int = 3) -> np.ndarray:
    """Actions (count, d) that ask for nothing: raw zeros, or the pose after a reset where there are none."""
    if ActionSpace.RAW in world.spec.spaces:
        return np.zeros((count, len(world.spec.raw_low)))
    return np.repeat([HOME_POSES[world.spec.name]], count, axis=0)


def still(world: World, count: int = 3, frame_skip: int = 2) -> ActionChunk:
    """A chunk of calm actions."""
    return chunk(world, calm(world, count), frame_skip=frame_skip)


def chunk(world: World, actions: np.ndarray, space: ActionSpace | None = None, frame_skip: int = 1) -> ActionChunk:
    """A chunk of `actions`, by default in the space of `calm`."""
    own = ActionSpace.RAW if ActionSpace.RAW in world.spec.spaces else ActionSpace.END_EFFECTOR
    return ActionChunk(space or own, actions, frame_skip, world.spec.frame_id)


def refusal(world: World, actions: np.ndarray, space: ActionSpace | None = None, frame_skip: int = 1) -> str:
    """The code with which the world refuses these actions."""
    with pytest.raises(PlanRejectedError) as caught:
        world.execute(chunk(world, actions, space, frame_skip))
    return str(caught.value.code)


def test_spec_is_sane(world: World) -> None:
    spec = world.spec
    assert spec.name in world_names()
    assert spec.spaces and spec.control_dt_s > 0
    assert spec.raw_low.shape == spec.raw_high.shape and (spec.raw_low < spec.raw_high).all()
    assert (len(spec.raw_low) > 0) == (ActionSpace.RAW in spec.spaces)
    assert (spec.workspace is not None) == (ActionSpace.END_EFFECTOR in spec.spaces)
    if spec.workspace is not None:
        assert (spec.workspace[0] < spec.workspace[1]).all()


def test_same_seed_same_scene(named_world: tuple[str, World]) -> None:
    name, world = named_world
    task = CASES[name].task
    first = world.reset(task, 3)
    after = world.execute(still(world))[-1]
    other = world.reset(task, 4)
    again = world.reset(task, 3)
    after_again = world.execute(still(world))[-1]
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(after.image, after_again.image)
    assert not np.array_equal(first.image, other.image)
    if first.end_effector is not None:
        np.testing.assert_array_equal(first.end_effector, again.end_effector)
        np.testing.assert_array_equal(after.end_effector, after_again.end_effector)


def test_observation(world: World) -> None:
    observation = world.execute(still(world))[-1]
    assert observation.image.shape == (*world.spec.image_shape, 3)
    assert observation.image.dtype == np.uint8 and observation.image.std() > 0
    assert (observation.end_effector is not None) == (world.spec.workspace is not None)
    assert observation.success is False


def test_one_observation_for_each_action(world: World) -> None:
    observations = world.execute(still(world, count=4, frame_skip=2))
    assert [o.step for o in observations] == [2, 4, 6, 8]


def test_time_never_jumps_back(named_world: tuple[str, World]) -> None:
    name, world = named_world
    stamps = []
    for seed in range(2):
        stamps.append(world.reset(CASES[name].task, seed).stamp_s)
        stamps += [o.stamp_s for o in world.execute(still(world))]
    assert (np.diff(stamps) > 0).all()
    assert stamps[2] - stamps[1] == pytest.approx(2 * world.spec.control_dt_s)


def test_stops_within_one_control_step(world: World) -> None:
    chunk = still(world, count=5)
    asked, allowed = itertools.count(), 2 * chunk.frame_skip + chunk.frame_skip // 2
    assert len(world.execute(chunk, lambda: next(asked) >= allowed)) == 2
    assert next(asked) == allowed + 1  # asked once a control step, and no more once it said so


def test_refuses_bad_actions(world: World) -> None:
    good = calm(world, 2)
    assert refusal(world, np.full_like(good, np.nan)) == "non_finite"
    assert refusal(world, good + 1.5) in ("outside_limits", "outside_workspace")
    assert refusal(world, np.zeros((2, good.shape[1] + 1))) == "wrong_shape"
    assert refusal(world, good[0]) == "wrong_shape"
    assert refusal(world, good, frame_skip=0) == "wrong_frame_skip"


def test_refuses_a_foreign_action_space(named_world: tuple[str, World], world: World) -> None:
    name, _ = named_world
    if name not in FOREIGN_SPACE:
        pytest.skip("executes every action space")
    assert refusal(world, np.zeros((1, 8)), FOREIGN_SPACE[name]) == "wrong_space"


def test_a_refused_chunk_moves_nothing(world: World) -> None:
    actions = calm(world)
    actions[2] = np.inf
    refusal(world, actions)
    assert world.execute(still(world, count=1, frame_skip=1))[0].step == 1


def test_unknown_task(world: World) -> None:
    with pytest.raises(UnknownTaskError):
        world.reset("no-such-task", 0)


def test_needs_a_reset_first(named_world: tuple[str, World]) -> None:
    name, _ = named_world
    fresh = make_world(name, **CASES[name].settings)
    with pytest.raises(ConfigError, match="reset"):
        fresh.execute(still(fresh))
    fresh.close()


def test_close_twice(named_world: tuple[str, World]) -> None:
    name, _ = named_world
    world = make_world(name, **CASES[name].settings)
    world.reset(CASES[name].task, 0)
    world.close()
    world.close()


def test_two_worlds_do_not_disturb_each_other(named_world: tuple[str, World]) -> None:
    name, world = named_world
    task = CASES[name].task
    before = world.reset(task, 0).image
    other = make_world(name, **CASES[name].settings)
    other.reset(task, 1)
    other.close()
    np.testing.assert_array_equal(world.reset(task, 0).image, before)


def test_unknown_world_and_setting() -> None:
    with pytest.raises(ConfigError, match=", ".join(world_names())):
        make_world("no-such-world")
    with pytest.raises(ConfigError, match="no_such_setting"):
        make_world("metaworld", no_such_setting=1)
