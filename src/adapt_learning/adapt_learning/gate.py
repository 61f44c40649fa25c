"""Does an imagined clip go where the task goes? The first test of a planner, before any episode is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from adapt_core.errors import TrainingError
from adapt_core.ports import InverseDynamics, VideoPlanner
from adapt_core.types import ActionSpace, Observation, PlanRequest, VideoPlan

from adapt_learning.training.episodes import Episode


@dataclass(frozen=True)
class Gate:
    """What the imagined last frames are worth, over `clips` held-out clips; metres, medians.

    `error_m` from where the end effector truly was at the last frame to where the imagined clip puts it;
    `true_frames_m` the same for the true frames, the share of the inverse dynamics; `moved_m` how far it truly went. A
    planner that imagines nothing has an error of `moved_m`: it passes where its error is well below.
    """

    clips: int
    error_m: float
    true_frames_m: float
    moved_m: float


@dataclass(frozen=True)
class HeldOut:
    """An expert episode that no model saw, and what a prior calls its task."""

    episode: Episode
    prior_prompt: str


def measure_gate(
    planner: VideoPlanner, inverse_dynamics: InverseDynamics, held_out: Sequence[HeldOut], frames: int, stride: int
) -> Gate:
    """Imagine clips of `frames` future frames that start every `stride` frames of the held-out episodes.

    Raises TrainingError when no episode is long enough, or the inverse dynamics infers no poses.
    """
    rows = [
        _clip_errors(planner, inverse_dynamics, held, start, frames)
        for held in held_out
        for start in range(0, len(held.episode.frames) - frames, stride)
    ]
    if not rows:
        raise TrainingError(f"no held-out episode has {frames + 1} frames: collect longer ones")
    error, true_frames, moved = np.median(np.array(rows), axis=0)
    return Gate(len(rows), float(error), float(true_frames), float(moved))


def _clip_errors(
    planner: VideoPlanner, inverse_dynamics: InverseDynamics, held: HeldOut, start: int, frames: int
) -> tuple[float, float, float]:
    """Error of the imagined clip, error of the true one, and the true motion, each at the last frame [m]."""
    episode, poses = held.episode, held.episode.end_effector
    if poses is None:
        raise TrainingError("the gate needs end-effector poses: this world has none")
    here = Observation(episode.frames[start], poses[start], 0.0, 0)
    [imagined] = planner.plan([PlanRequest(here.image, episode.prompt, held.prior_prompt, seed=start)])
    true = VideoPlan(episode.frames[start + 1 : start + 1 + frames], episode.prompt, held.prior_prompt, 0, "")
    goal = poses[start + frames, :3]
    reached = [_last_position(inverse_dynamics, here, plan) for plan in (imagined, true)]
    moved = np.linalg.norm(goal - poses[start, :3])
    return float(np.linalg.norm(reached[0] - goal)), float(np.linalg.norm(reached[1] - goal)), float(moved)


def _last_position(inverse_dynamics: InverseDynamics, here: Observation, plan: VideoPlan) -> np.ndarray:
    chunk = inverse_dynamics.infer(here, plan)
    if chunk.space is not ActionSpace.END_EFFECTOR:
        raise TrainingError("the gate needs an inverse dynamics that infers end-effector poses")
    return chunk.actions[-1, :3]
