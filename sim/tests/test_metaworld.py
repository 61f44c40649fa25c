"""What only MetaWorld does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError, UnknownTaskError
from adapt_core.types import ActionChunk, ActionSpace
from adapt_sim.metaworld import MetaWorldWorld
from adapt_sim.metaworld_envs import task_ids


@pytest.fixture(scope="module")
def world() -> Iterator[MetaWorldWorld]:
    """A world with small images."""
    world = MetaWorldWorld(image_size=64)
    yield world
    world.close()


def towards(target: np.ndarray, count: int = 20) -> ActionChunk:
    """A chunk that pursues one end-effector target (8,)."""
    return ActionChunk(ActionSpace.END_EFFECTOR, np.repeat(target[None], count, axis=0), 4, "metaworld_world")


def test_reaches_an_end_effector_target(world: MetaWorldWorld) -> None:
    target = world.reset("reach", 0).end_effector.copy()
    target[:3] += [0.15, 0.1, 0.05]
    target[7] = 0.0
    reached = world.execute(towards(target))[-1].end_effector
    assert np.linalg.norm(reached[:3] - target[:3]) < 0.01
    assert reached[7] < 0.1


@pytest.mark.parametrize(
    ("index", "value", "code"),
    [
        (0, 2.0, "outside_workspace"),
        (7, 1.2, "outside_limits"),
        (4, 0.0, "non_unit_quaternion"),
        (2, np.nan, "non_finite"),
    ],
)
def test_refuses_bad_targets(world: MetaWorldWorld, index: int, value: float, code: str) -> None:
    target = world.reset("reach", 0).end_effector.copy()
    target[index] = value
    with pytest.raises(PlanRejectedError) as caught:
        world.execute(towards(target))
    assert caught.value.code == code


def test_image_is_upright() -> None:
    world = MetaWorldWorld(image_size=64)
    image = world.reset("drawer-close", 0).image
    world.close()
    red = (image[..., 0] > 100) & (image[..., 1] < 60)
    assert np.nonzero(red)[0].mean() < 32  # the arm reaches in from above


def test_runs_beyond_metaworlds_episode_cap(world: MetaWorldWorld) -> None:
    world.reset("reach", 0)
    last = world.execute(ActionChunk(ActionSpace.RAW, np.zeros((1, 4)), 501, "metaworld_world"))[-1]
    assert last.step == 501


def test_scene_does_not_depend_on_what_was_before(world: MetaWorldWorld) -> None:
    expected = world.reset("door-open", 5)  # the first of its environment
    world.execute(ActionChunk(ActionSpace.RAW, np.full((10, 4), 0.7), 4, "metaworld_world"))
    world.reset("door-open", 1)
    world.reset("reach", 2)
    again = world.reset("door-open-v3", 5)
    np.testing.assert_array_equal(again.image, expected.image)
    np.testing.assert_array_equal(again.end_effector, expected.end_effector)


def test_unknown_task_names_close_matches(world: MetaWorldWorld) -> None:
    with pytest.raises(UnknownTaskError, match="drawer-close"):
        world.reset("drawer-clsoe", 0)


@pytest.mark.slow
@pytest.mark.parametrize("task", task_ids())
def test_every_task(task: str) -> None:
    """Each of the fifty can be built, repeats exactly, and starts unsolved."""
    world = MetaWorldWorld(image_size=32)
    first, other, again = (world.reset(task, seed) for seed in (0, 1, 0))
    world.close()
    np.testing.assert_array_equal(first.image, again.image)
    assert not first.success and not other.success


def test_there_are_fifty_tasks() -> None:
    assert len(task_ids()) == 50
