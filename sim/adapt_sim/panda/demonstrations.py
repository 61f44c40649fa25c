"""Demonstrations with the Panda that look like teleoperation, and random play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
from adapt_core.errors import ConfigError, MotionStoppedError, PlanRejectedError
from adapt_core.types import Observation

from adapt_sim.demonstrations import Demonstration, Recording, Shown, Subject, record
from adapt_sim.panda.scripted_operator import AMONG_THINGS_M, random_via_points, via_points
from adapt_sim.panda.teleoperation import HandPath, Via, teleoperate
from adapt_sim.panda.world import CONTROL_DT_S, PandaWorld

FRAME_SKIP = 16  # SAIL, appendix B
NO_RAW_ACTION = np.empty(0)


def collect_expert(
    world: PandaWorld, task_id: str, seed: int, random_share: float = 0.0, recording: Recording | None = None
) -> Demonstration:
    """Do `task_id` in the scene of `seed` as a person would. Raises UnknownTaskError, ConfigError for a random share."""
    _refuse_random(random_share)
    rng = _rng(task_id, seed)
    first = world.reset(task_id, seed)
    subject = Subject(task_id, seed, 0.0, CONTROL_DT_S)
    return _record(world, subject, first, via_points(world.scene, rng), rng, recording or Recording(FRAME_SKIP))


def collect_foreign(
    world: PandaWorld, task_id: str, seed: int, random_share: float = 0.0, recording: Recording | None = None
) -> Demonstration:
    """The same, but the hand is led and nothing is simulated. Raises UnknownTaskError, ConfigError for a random share."""
    _refuse_random(random_share)
    rng = _rng(task_id, seed)
    first = world.reset(task_id, seed)
    path = _path(first, via_points(world.scene, rng), rng)
    recording = recording or Recording(FRAME_SKIP)
    shown = (Shown(NO_RAW_ACTION, *step) for step in world.lead(path, recording.frame_skip))
    return record(Subject(task_id, seed, 0.0, CONTROL_DT_S), first, shown, recording)


def collect_random_play(
    world: PandaWorld, task_id: str, seed: int, recording: Recording | None = None
) -> Demonstration:
    """Let the hand wander above the table in the scene of `seed`. Raises UnknownTaskError."""
    rng = _rng(task_id, seed)
    first = world.reset(task_id, seed)
    subject = Subject(task_id, seed, 1.0, CONTROL_DT_S)
    recording = recording or Recording(FRAME_SKIP, frames_after_success=None)
    return _record(world, subject, first, random_via_points(rng), rng, recording)


def collect_random_waypoints(
    world: PandaWorld, task_id: str, seed: int, recording: Recording | None = None
) -> Demonstration:
    """Let the hand wander among the things, until its arm stops at a contact. Raises UnknownTaskError."""
    rng = _rng(task_id, seed)
    first = world.reset(task_id, seed)
    path = _path(first, random_via_points(rng, AMONG_THINGS_M), rng)
    recording = recording or Recording(FRAME_SKIP, frames_after_success=None)
    return record(Subject(task_id, seed, 1.0, CONTROL_DT_S), first, _until_stopped(world, path, recording), recording)


def _until_stopped(world: PandaWorld, path: HandPath, recording: Recording) -> Iterator[Shown]:
    with suppress(MotionStoppedError, PlanRejectedError):
        for step in world.stream(path, recording.frame_skip):
            yield Shown(NO_RAW_ACTION, *step)


def _record(
    world: PandaWorld,
    subject: Subject,
    first: Observation,
    vias: Sequence[Via],
    rng: np.random.Generator,
    recording: Recording,
) -> Demonstration:
    path = _path(first, vias, rng)
    shown = (Shown(NO_RAW_ACTION, *step) for step in world.stream(path, recording.frame_skip))
    return record(subject, first, shown, recording)


def _refuse_random(share: float) -> None:
    if share:
        raise ConfigError("the Panda's demonstrations have no random actions: leave out --random-share")


def _path(first: Observation, vias: Sequence[Via], rng: np.random.Generator) -> HandPath:
    assert first.end_effector is not None
    return teleoperate(first.end_effector[:7], float(first.end_effector[7]), vias, rng, CONTROL_DT_S)


def _rng(task_id: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, *task_id.encode()])
