"""Records demonstrations in MetaWorld: frames, poses, and the actions between them in both action spaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from adapt_core.types import Frames, Observation
from numpy.typing import NDArray

from adapt_sim.metaworld import HAND_QUATERNION, MetaWorldWorld
from adapt_sim.proportional_control import opening, track
from adapt_sim.random_waypoints import RandomWaypoints
from adapt_sim.scripted_expert import Policy, expert


@dataclass(frozen=True)
class Demonstration:
    """An episode of n frames, `frame_skip` control steps apart.

    `frames` (n, h, w, 3) uint8 RGB; `end_effector` (n, 8) poses, see END_EFFECTOR_DIM; `raw_actions` (n-1, 4), the mean
    of the raw actions between two frames; `end_effector_actions` (n-1, 8), the pose reached by the next frame with the
    gripper opening that was commanded; `success` whether any frame shows the task done.
    """

    task_id: str
    seed: int
    random_share: float  # of the expert's actions; 1.0 for random play
    frame_skip: int
    control_dt_s: float
    frames: Frames
    end_effector: NDArray[np.float64]
    raw_actions: NDArray[np.float64]
    end_effector_actions: NDArray[np.float64]
    success: bool


@dataclass(frozen=True)
class Recording:
    """How to record: `max_frames` at most, only `frames_after_success` once it succeeded (None: to the end)."""

    frame_skip: int = 4
    max_frames: int = 126  # MetaWorld's own episode of 500 control steps
    frames_after_success: int | None = 4


def collect_expert(
    world: MetaWorldWorld, task_id: str, seed: int, random_share: float = 0.0, recording: Recording | None = None
) -> Demonstration:
    """Let the scripted expert do `task_id` in the scene of `seed`, see `expert`. Raises UnknownTaskError."""
    policy = expert(task_id, seed, random_share)
    return _record(world, task_id, seed, random_share, policy, recording or Recording())


def collect_random_play(
    world: MetaWorldWorld, task_id: str, seed: int, recording: Recording | None = None
) -> Demonstration:
    """Let the hand wander between random waypoints in the scene of `seed`. Raises UnknownTaskError."""
    waypoints = RandomWaypoints(seed)

    def wander(state: NDArray[np.float64]) -> NDArray[np.float64]:
        pose = np.concatenate([state[:3], HAND_QUATERNION, state[3:4]])
        return track(state[:3], waypoints.target(pose))

    return _record(world, task_id, seed, 1.0, wander, recording or Recording(frames_after_success=None))


def _record(
    world: MetaWorldWorld, task_id: str, seed: int, random_share: float, policy: Policy, recording: Recording
) -> Demonstration:
    observations, raw_actions = _play(world, world.reset(task_id, seed), policy, recording)
    poses = np.array([o.end_effector for o in observations])  # (n, 8)
    targets = poses[1:].copy()
    targets[:, 7] = opening(raw_actions[:, 3])
    return Demonstration(
        task_id=task_id,
        seed=seed,
        random_share=random_share,
        frame_skip=recording.frame_skip,
        control_dt_s=world.spec.control_dt_s,
        frames=np.array([o.image for o in observations]),
        end_effector=poses,
        raw_actions=raw_actions,
        end_effector_actions=targets,
        success=any(bool(o.success) for o in observations),
    )


def _play(
    world: MetaWorldWorld, first: Observation, policy: Policy, recording: Recording
) -> tuple[list[Observation], NDArray[np.float64]]:
    """The n observations and the n - 1 mean raw actions between them, (n-1, 4)."""
    observations, raw_actions = [first], []
    succeeded_at = None
    frames_after_success = np.inf if recording.frames_after_success is None else recording.frames_after_success
    while len(observations) < recording.max_frames:
        raw, observation = world.follow(policy, recording.frame_skip)  # (frame_skip, 4)
        raw_actions.append(raw.mean(axis=0))
        observations.append(observation)
        if succeeded_at is None and observation.success:
            succeeded_at = len(observations)
        if succeeded_at is not None and len(observations) - succeeded_at >= frames_after_success:
            break
    return observations, np.array(raw_actions)
