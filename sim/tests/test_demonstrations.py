"""Demonstrations in MetaWorld: experts, random play and collection over processes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from adapt_core.errors import ConfigError, UnknownTaskError
from adapt_core.types import ActionChunk, ActionSpace
from adapt_sim.collection import CollectionJob, collect_many
from adapt_sim.demonstrations import Demonstration, Recording
from adapt_sim.metaworld import FRAME_ID, MetaWorldWorld
from adapt_sim.metaworld_demonstrations import collect_expert, collect_random_play
from adapt_sim.scripted_expert import expert

pytestmark = pytest.mark.filterwarnings("ignore:Constant")  # MetaWorld's experts rely on being clipped


@pytest.fixture(scope="module")
def world() -> Iterator[MetaWorldWorld]:
    """A world with tiny images: here only the actions matter."""
    world = MetaWorldWorld(image_size=16)
    yield world
    world.close()


def check_shapes(demonstration: Demonstration) -> None:
    """Shapes and ranges that every demonstration keeps."""
    n = len(demonstration.frames)
    assert demonstration.frames.dtype == np.uint8 and demonstration.end_effector.shape == (n, 8)
    assert demonstration.raw_actions.shape == (n - 1, 4) and np.abs(demonstration.raw_actions).max() <= 1.0
    assert demonstration.end_effector_actions.shape == (n - 1, 8)
    np.testing.assert_array_equal(demonstration.end_effector_actions[:, :7], demonstration.end_effector[1:, :7])


@pytest.mark.parametrize("task", ["drawer-close", "door-close", "reach"])
def test_expert_succeeds(world: MetaWorldWorld, task: str) -> None:
    demonstration = collect_expert(world, task, seed=0)
    check_shapes(demonstration)
    assert demonstration.success
    assert len(demonstration.frames) < 40  # it stops soon after success


def test_recorded_actions_lead_to_the_goal_in_both_spaces(world: MetaWorldWorld) -> None:
    demonstration = collect_expert(world, "drawer-close", seed=1)
    recorded = {
        ActionSpace.RAW: demonstration.raw_actions,
        ActionSpace.END_EFFECTOR: demonstration.end_effector_actions,
    }
    for space, actions in recorded.items():
        world.reset("drawer-close", 1)
        observations = world.execute(ActionChunk(space, actions, demonstration.frame_skip, FRAME_ID))
        assert any(o.success for o in observations), space


def test_random_share_is_seeded_and_worse(world: MetaWorldWorld) -> None:
    recording = Recording(max_frames=20)
    first, again = (collect_expert(world, "drawer-close", 0, 0.7, recording) for _ in range(2))
    check_shapes(first)
    np.testing.assert_array_equal(first.raw_actions, again.raw_actions)
    assert first.random_share == 0.7 and not first.success


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_the_share_of_random_actions_is_the_one_asked_for(world: MetaWorldWorld, share: float) -> None:
    """Of 2,000 actions in one state, those that differ from the expert's are `share` of all, give or take 4 sigma."""
    states: list[np.ndarray] = []
    scripted = expert("drawer-close")

    def watched(state: np.ndarray) -> np.ndarray:
        states.append(state)
        return scripted(state)

    world.reset("drawer-close", 0)
    world.follow(watched, 1)
    suboptimal = expert("drawer-close", seed=3, random_share=share)
    changed = sum(not np.array_equal(suboptimal(states[0]), scripted(states[0])) for _ in range(2000))
    assert changed == pytest.approx(2000 * share, abs=4 * (2000 * share * (1 - share)) ** 0.5)


def test_random_play_roams(world: MetaWorldWorld) -> None:
    play = collect_random_play(world, "reach", 0, Recording(max_frames=40, frames_after_success=None))
    check_shapes(play)
    assert len(play.frames) == 40
    assert (np.ptp(play.end_effector[:, :3], axis=0) > 0.1).all()
    assert set(play.end_effector_actions[:, 7]) >= {0.0, 1.0}


def test_unknown_task(world: MetaWorldWorld) -> None:
    with pytest.raises(UnknownTaskError):
        collect_expert(world, "no-such-task", 0)


def test_collects_in_other_processes() -> None:
    short = Recording(max_frames=5)
    jobs = [
        CollectionJob("reach", seed, share, short, image_size=16) for seed, share in ((0, 0.0), (1, 0.7), (2, None))
    ]
    told: list[tuple[int, int]] = []
    collected = {d.seed: d for d in collect_many(jobs, workers=1, progress=lambda *done: told.append(done))}
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [collected[seed].random_share for seed in range(3)] == [0.0, 0.7, 1.0]
    with pytest.raises(ConfigError):
        next(collect_many(jobs, workers=0))
