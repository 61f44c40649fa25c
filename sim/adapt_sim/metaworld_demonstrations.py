"""Demonstrations in MetaWorld, by its scripted experts or by random play."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adapt_sim.demonstrations import Demonstration, Recording, Shown, Subject, record
from adapt_sim.metaworld import HAND_QUATERNION, MetaWorldWorld
from adapt_sim.proportional_control import opening, track
from adapt_sim.random_waypoints import RandomWaypoints
from adapt_sim.scripted_expert import Policy, expert


def collect_expert(
    world: MetaWorldWorld, task_id: str, seed: int, random_share: float = 0.0, recording: Recording | None = None
) -> Demonstration:
    """Let the scripted expert do `task_id` in the scene of `seed`, see `expert`. Raises UnknownTaskError."""
    policy = expert(task_id, seed, random_share)
    return _record(
        world, Subject(task_id, seed, random_share, world.spec.control_dt_s), policy, recording or Recording()
    )


collect_foreign = collect_expert


def collect_random_play(
    world: MetaWorldWorld, task_id: str, seed: int, recording: Recording | None = None
) -> Demonstration:
    """Let the hand wander between random waypoints in the scene of `seed`. Raises UnknownTaskError."""
    subject = Subject(task_id, seed, 1.0, world.spec.control_dt_s)
    return _record(world, subject, wandering(seed), recording or Recording(frames_after_success=None))


collect_random_waypoints = collect_random_play  # its waypoints are where the things are


def wandering(seed: int) -> Policy:
    """A policy without a goal that moves the hand between random waypoints."""
    waypoints = RandomWaypoints(seed)

    def act(state: NDArray[np.float64]) -> NDArray[np.float64]:
        pose = np.concatenate([state[:3], HAND_QUATERNION, state[3:4]])
        return track(state[:3], waypoints.target(pose))

    return act


def _record(world: MetaWorldWorld, subject: Subject, policy: Policy, recording: Recording) -> Demonstration:
    first = world.reset(subject.task_id, subject.seed)
    return record(subject, first, _play(world, policy, recording.frame_skip), recording)


def _play(world: MetaWorldWorld, policy: Policy, frame_skip: int) -> Iterator[Shown]:
    while True:
        raw, observation = world.follow(policy, frame_skip)  # (frame_skip, 4)
        mean = raw.mean(axis=0)
        yield Shown(mean, float(opening(mean[3])), observation)
