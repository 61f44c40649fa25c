"""Demonstrations and random play from the simulator into an episode store, skipping what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from adapt_core.code_version import code_version
from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.ports import WorkProgress
from adapt_core.robots import Robot
from adapt_core.tasks import load_suite
from adapt_core.types import ActionSpace, ControlLoop, Outcome, Task

if TYPE_CHECKING:
    from adapt_sim.collection import CollectionJob
    from adapt_sim.demonstrations import Demonstration

RUN_ID = "demonstrations"
AFTER_SUCCESS = 4  # frames that are still recorded once the task is done
DEMO_SCENES, MIDWAY_SCENES = 0, 100  # seeds of the first ones that embedded models learn from: whole, begun midway
LOOKS_SEED = 1  # of the randomised looks
OPERATOR = "expert"  # who labels demonstrations, by the simulator's truth


@dataclass(frozen=True)
class Collection:
    """What to collect: `count` episodes of each of `tasks`, scenes from `first_seed` on.

    No episode has more than `max_frames`; None: as a `Recording` has it. As a `control` random play goes where the things
    are. `partly_open` scenes, of MetaWorld's doors and the like, do not show whether to open or to close; `midway` ones
    begin in the middle of a task, the hand off its path.
    """

    robot: Robot
    tasks: tuple[Task, ...]
    count: int
    first_seed: int
    random_share: float = 0.0
    random_play: bool = False
    randomise: bool = False
    workers: int = 2
    max_frames: int | None = None
    control: bool = False
    partly_open: bool = False
    midway: bool = False

    @property
    def method(self) -> str:
        """How the actions are chosen, as the episodes' meta data say it."""
        name = "expert" if self.random_share == 0.0 else f"expert-random-{self.random_share:g}"
        if self.control:
            return "random_waypoint"
        changed = ("-randomised" if self.randomise else "") + ("-partly-open" if self.partly_open else "")
        changed += "-midway" if self.midway else ""
        return ("random-play" if self.random_play else name) + changed


def chosen_tasks(suite_name: str, names: str) -> tuple[Task, ...]:
    """Tasks from "seen", "novel", "all" or ids with commas between. Raises UnknownTaskError."""
    suite = load_suite(suite_name)
    groups = {"seen": suite.seen, "novel": suite.novel, "all": lambda: list(suite.values())}
    if names in groups:
        return tuple(groups[names]())
    return tuple(suite[name.strip()] for name in names.split(","))


def collect(collection: Collection, folder: Path, progress: WorkProgress = lambda done, total, what: None) -> int:
    """Fill the store in `folder` with what is not yet there; how many episodes were added.

    Raises ConfigError for a robot in whose world there are no experts.
    """
    from adapt_sim.collection import collect_many
    from adapt_sim.registry import demonstrations_in

    demonstrations_in(collection.robot.world)
    store = EpisodeStore(folder)
    jobs = _missing_jobs(collection, store)
    total = len(collection.tasks) * collection.count
    progress(total - len(jobs), total, "")
    if not jobs:
        return 0
    tasks = {task.id: task for task in collection.tasks}
    for added, demonstration in enumerate(collect_many(jobs, min(collection.workers, len(jobs))), start=1):
        _store(demonstration, collection, tasks[demonstration.task_id], store)
        progress(total - len(jobs) + added, total, demonstration.task_id)
    return len(jobs)


def _missing_jobs(collection: Collection, store: EpisodeStore) -> list[CollectionJob]:
    """Jobs whose task and seed the store does not have by the same method; those of one task follow each other."""
    stored = store.episodes(outcome=Outcome.COMPLETED)
    there = {(meta.task_id, meta.seed) for meta in stored if meta.method == collection.method}
    seeds = range(collection.first_seed, collection.first_seed + collection.count)
    wanted = [(task, seed) for task in collection.tasks for seed in seeds]
    return [_job(collection, task, seed) for task, seed in wanted if (task.id, seed) not in there]


def _store(demonstration: Demonstration, collection: Collection, task: Task, store: EpisodeStore) -> None:
    """Write one demonstration as an episode, labelled by whether the simulator saw it succeed."""
    end_effector = collection.robot.action_space is ActionSpace.END_EFFECTOR
    frame_s = demonstration.frame_skip * demonstration.control_dt_s
    store.add(
        _header(demonstration, collection, task),
        demonstration.frames,
        demonstration.end_effector,
        demonstration.end_effector_actions if end_effector else demonstration.raw_actions,
        success=demonstration.success,
        stamps_s=frame_s * np.arange(len(demonstration.frames), dtype=np.float64),
        operator=OPERATOR,
    )


def _job(collection: Collection, task: Task, seed: int) -> CollectionJob:
    from adapt_sim.collection import PARTLY_OPEN, CollectionJob
    from adapt_sim.demonstrations import Recording

    recording = Recording(
        frame_skip=collection.robot.frame_skip, frames_after_success=None if collection.random_play else AFTER_SUCCESS
    )
    if collection.max_frames is not None:
        recording = replace(recording, max_frames=collection.max_frames)
    return CollectionJob(
        task_id=task.id,
        seed=seed,
        random_share=None if collection.random_play else collection.random_share,
        recording=recording,
        image_size=collection.robot.camera.height,
        randomise_seed=LOOKS_SEED if collection.randomise else None,
        world=collection.robot.world,
        control=collection.control,
        start_fraction=PARTLY_OPEN if collection.partly_open else None,
        midway=collection.midway,
    )


def _header(demonstration: Demonstration, collection: Collection, task: Task) -> EpisodeHeader:
    return EpisodeHeader(
        run_id=RUN_ID,
        iteration=0,
        index=demonstration.seed - collection.first_seed,
        robot=collection.robot.name,
        suite=task.suite,
        task_id=task.id,
        in_domain_prompt=task.in_domain_prompt,
        prior_prompt=task.prior_prompt,
        novel=task.novel,
        seed=demonstration.seed,
        method=collection.method,
        weights_version="",
        inverse_dynamics_version="",
        code_version=code_version(),
        control_loop=ControlLoop.OPEN,
        action_space=collection.robot.action_space,
        frame_skip=demonstration.frame_skip,
        image_shape=(demonstration.frames.shape[1], demonstration.frames.shape[2]),
    )
