"""What the panel shows and sends, free of messages and widgets."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.types import Frames, LabelValue

LEASE_S = 0.4  # of who enables motion: when that is killed, motion stops within it
SCENE_CHECKLIST = (  # what must be so before a real episode begins; only a person can say so
    "Objects are back at their start",
    "The gripper is empty",
    "Nobody is in the robot's reach",
    "The emergency stop is in my reach",
)


@dataclass(frozen=True)
class Waiting:
    """An episode that waits for a label: the folder of its store, and its id there."""

    store: str
    episode_id: str


@dataclass(frozen=True)
class Judgement:
    """Who judged which episode how; UNLABELED is an undo."""

    episode_id: str
    value: LabelValue
    operator: str


@dataclass(frozen=True)
class GuardState:
    """The guard's word: the lease is held, the stop latch is set, a chunk is executed, why the last one was not."""

    enabled: bool
    stopped: bool
    moving: bool
    code: str
    message: str


@dataclass(frozen=True)
class Scene:
    """A scene that a person has to set up before the next episode of a real robot."""

    number: int
    task_id: str
    waiting: bool


@dataclass(frozen=True, eq=False)
class Preview:
    """A motion that waits for approval: the imagined `frames` (f, h, w, 3), the number of its poses, its duration."""

    plan_hash: str
    prompt: str
    frames: Frames
    poses: int
    duration_s: float
