"""The values that travel between planner, inverse dynamics, world and store.

Units are SI. Images are RGB, 8 bits a channel, upright. Quaternions are (x, y, z, w). Arrays are never mutated once they
are in one of these values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (h, w, 3)
Frames = NDArray[np.uint8]  # (f, h, w, 3)
Vector = NDArray[np.float64]  # (d,)

END_EFFECTOR_DIM = 8  # x y z [m], qx qy qz qw, gripper opening 0 (closed) .. 1 (open)


class ActionSpace(StrEnum):
    """What the rows of an action chunk mean."""

    END_EFFECTOR = "end_effector"  # target pose and gripper opening, (n, 8), see END_EFFECTOR_DIM
    RAW = "raw"  # the world's own action vector, (n, d)


class ControlLoop(StrEnum):
    """How much of a plan is executed before the next one is imagined (SAIL, section 4)."""

    OPEN = "open"  # all of it
    MOSTLY_OPEN = "mostly_open"  # three quarters of it
    SEMI_OPEN = "semi_open"  # half of it
    CLOSED = "closed"  # its first action


class Outcome(StrEnum):
    """How an episode ended, whatever its label."""

    COMPLETED = "completed"
    ABORTED = "aborted"


class LabelValue(StrEnum):
    """A judgement of an episode. `UNLABELED` is what an undo leaves behind."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNSURE = "unsure"
    UNLABELED = "unlabeled"


class ExperienceFilter(StrEnum):
    """Which rollouts a SAIL iteration learns from (SAIL, section 4.3)."""

    SUCCESS = "success"  # only the successful ones
    NONE = "none"  # all of them
    RELABEL = "relabel"  # all of them, the failed ones with "not" before their prompt


@dataclass(frozen=True)
class Task:
    """One instruction in one world.

    `in_domain_prompt` is what the in-domain model was trained on ("door close"), `prior_prompt` is the same thing said to
    an internet model ("a robot arm closing a door"). `novel` tasks were never seen by the in-domain model.
    """

    id: str
    suite: str
    in_domain_prompt: str
    prior_prompt: str
    novel: bool


@dataclass(frozen=True)
class Observation:
    """What the robot sees and feels at one instant.

    `image` (h, w, 3) uint8; `end_effector` (8,) float64 in the robot's base frame (see END_EFFECTOR_DIM), or None for a
    world without one; `stamp_s` seconds on the world's clock; `step` control steps since the reset; `success` the
    simulator's truth, None where nobody but a person can tell.
    """

    image: Image
    end_effector: Vector | None
    stamp_s: float
    step: int
    success: bool | None = None


@dataclass(frozen=True)
class PlanRequest:
    """A video plan to imagine from `image` (h, w, 3) uint8. Equal requests with equal weights give equal plans."""

    image: Image
    in_domain_prompt: str
    prior_prompt: str
    seed: int
    stamp_s: float = 0.0


@dataclass(frozen=True)
class VideoPlan:
    """The imagined future: `frames` (f, h, w, 3) uint8, the observation itself not among them.

    `stamp_s` is that of the observation it starts from, `weights_version` that of the in-domain model.
    """

    frames: Frames
    in_domain_prompt: str
    prior_prompt: str
    seed: int
    weights_version: str
    stamp_s: float = 0.0


@dataclass(frozen=True)
class ActionChunk:
    """Actions to execute in order: `actions` (n, d) float64, each pursued for `frame_skip` control steps.

    `frame_id` names the frame of END_EFFECTOR poses; `stamp_s` is that of the observation the chunk was inferred from.
    """

    space: ActionSpace
    actions: NDArray[np.float64]
    frame_skip: int
    frame_id: str
    stamp_s: float = 0.0

    def first(self, count: int) -> ActionChunk:
        """The same chunk with only its first `count` actions."""
        return ActionChunk(self.space, self.actions[:count], self.frame_skip, self.frame_id, self.stamp_s)


@dataclass(frozen=True)
class WorldSpec:
    """What a world offers.

    `image_shape` is (height, width) in pixels; `raw_low` and `raw_high` (d,) bound the raw action; `spaces` lists the
    action spaces that it executes; `workspace` ((3,) low, (3,) high) in metres bounds END_EFFECTOR positions, None where
    there is no end effector; `control_dt_s` is the duration of one control step.
    """

    name: str
    image_shape: tuple[int, int]
    spaces: tuple[ActionSpace, ...]
    raw_low: Vector
    raw_high: Vector
    control_dt_s: float
    frame_id: str
    workspace: tuple[Vector, Vector] | None = None


@dataclass(frozen=True)
class TrainingEpisode:
    """An episode to train on: the folder of its store, its id there, the prompt to learn it under.

    `experience` is what the robot did by itself, not what it was shown.
    """

    store: str
    episode_id: str
    prompt: str
    experience: bool = False


@dataclass(frozen=True)
class FinetuneRequest:
    """Finetune the in-domain model `base_version` on `episodes` and store the result as `new_version`.

    `experience_share` of each of the in-domain model's batches are clips of experience; None: as many as there are.
    """

    base_version: str
    new_version: str
    episodes: tuple[TrainingEpisode, ...]
    steps: int
    batch_size: int
    learning_rate: float
    seed: int
    experience_share: float | None = None


@dataclass(frozen=True)
class EpisodeRequest:
    """One episode to run: task, seed of the scene and of the sampler, and where it belongs in a run."""

    task: Task
    seed: int
    run_id: str
    iteration: int
    index: int
    max_steps: int  # recorded frames after the first, each `frame_skip` control steps apart
    control_loop: ControlLoop


@dataclass(frozen=True)
class EpisodeResult:
    """How an episode ended. `success` is the world's truth, None where only a person can tell.

    `reason` says why it ended before it was solved or its steps were used up.
    """

    episode_id: str
    outcome: Outcome
    steps: int
    success: bool | None
    reason: str = ""
