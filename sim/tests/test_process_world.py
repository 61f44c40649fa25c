"""A world in a process of its own is the world itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from adapt_core.errors import ConfigError, PeerLostError, PlanRejectedError, UnknownTaskError
from adapt_core.types import ActionChunk, ActionSpace
from adapt_sim import make_world
from adapt_sim.process_world import ProcessWorld

TASK = "cartpole-swingup"


@pytest.fixture(scope="module")
def world() -> Iterator[ProcessWorld]:
    made = ProcessWorld("dmc", image_size=64)
    yield made
    made.close()


def chunk_of(world: ProcessWorld, count: int, value: float = 0.5) -> ActionChunk:
    actions = np.full((count, len(world.spec.raw_low)), value)
    return ActionChunk(ActionSpace.RAW, actions, 2, world.spec.frame_id)


def test_it_does_what_the_world_does(world: ProcessWorld) -> None:
    here = make_world("dmc", image_size=64)
    one, other = here.reset(TASK, 3), world.reset(TASK, 3)
    assert np.array_equal(one.image, other.image)
    assert world.spec.frame_id == here.spec.frame_id
    seen = zip(here.execute(chunk_of(world, 3)), world.execute(chunk_of(world, 3)), strict=True)
    for mine, theirs in seen:
        assert np.array_equal(mine.image, theirs.image)
        assert (mine.step, mine.success) == (theirs.step, theirs.success)
    here.close()


def test_motion_ends_when_it_should_stop(world: ProcessWorld) -> None:
    world.reset(TASK, 0)
    asked = 5000
    assert len(world.execute(chunk_of(world, asked), should_stop=lambda: True)) < asked
    assert len(world.execute(chunk_of(world, 2))) == 2, "a stop is over with its chunk"


def test_its_errors_are_the_worlds(world: ProcessWorld) -> None:
    with pytest.raises(UnknownTaskError):
        world.reset("no-such-task", 0)
    world.reset(TASK, 0)
    with pytest.raises(PlanRejectedError) as caught:
        world.execute(chunk_of(world, 2, value=9.0))
    assert caught.value.code == "outside_limits"
    broken = ProcessWorld("dmc", no_such_setting=1)
    with pytest.raises(ConfigError, match="no_such_setting"):
        _ = broken.spec
    broken.close()


def test_a_process_that_dies_is_named() -> None:
    world = ProcessWorld("dmc", image_size=64)
    world.reset(TASK, 0)
    [process] = world._process._processes
    os.kill(process, signal.SIGKILL)
    with pytest.raises(PeerLostError, match="the world dmc has died"):
        world.execute(chunk_of(world, 2))
    world.close()
