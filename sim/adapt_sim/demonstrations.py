"""What a demonstration is, and how one is recorded in any world: frames, poses, and the actions between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from adapt_core.types import Frames, Observation, Vector
from numpy.typing import NDArray


@dataclass(frozen=True)
class Demonstration:
    """An episode of n frames, `frame_skip` control steps apart.

    `frames` (n, h, w, 3) uint8 RGB; `end_effector` (n, 8) poses, see END_EFFECTOR_DIM; `raw_actions` (n-1, d), the mean
    of the raw actions between two frames, d = 0 for a world without; `end_effector_actions` (n-1, 8), the pose reached by
    the next frame with the gripper opening that was commanded; `success` whether any frame shows the task done.
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


@dataclass(frozen=True)
class Shown:
    """What lies between two frames, and the second: mean raw action (d,), gripper opening commanded, observation."""

    raw_action: Vector
    opening: float
    observation: Observation


@dataclass(frozen=True)
class Subject:
    """What is demonstrated: see the same fields of Demonstration."""

    task_id: str
    seed: int
    random_share: float
    control_dt_s: float


def record(subject: Subject, first: Observation, steps: Iterable[Shown], recording: Recording) -> Demonstration:
    """Record from the observation `first` on over `steps`, which are shown no longer than `recording` says."""
    shown = _shown(steps, recording)
    observations = [first, *(step.observation for step in shown)]
    poses = np.array([observation.end_effector for observation in observations])  # (n, 8)
    targets = poses[1:].copy()
    targets[:, 7] = [step.opening for step in shown]
    return Demonstration(
        **vars(subject),
        frame_skip=recording.frame_skip,
        frames=np.array([observation.image for observation in observations]),
        end_effector=poses,
        raw_actions=np.array([step.raw_action for step in shown]),
        end_effector_actions=targets,
        success=any(bool(observation.success) for observation in observations),
    )


def _shown(steps: Iterable[Shown], recording: Recording) -> list[Shown]:
    """The steps until enough of them were seen."""
    taken: list[Shown] = []
    succeeded_at = None
    frames_after_success = np.inf if recording.frames_after_success is None else recording.frames_after_success
    for step in steps:
        taken.append(step)
        if succeeded_at is None and step.observation.success:
            succeeded_at = len(taken)
        done = succeeded_at is not None and len(taken) - succeeded_at >= frames_after_success
        if done or len(taken) + 1 >= recording.max_frames:
            break
    return taken
