"""Collects many demonstrations over several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Any

from adapt_core.errors import ConfigError
from adapt_core.ports import World

from adapt_sim.demonstrations import Demonstration, Recording
from adapt_sim.registry import demonstrations_in, make_world

PARTLY_OPEN = (0.2, 0.8)  # from closed to open, where a scene is not to show which of the two is wanted
CollectProgress = Callable[[int, int], None]  # (demonstrations done, demonstrations in all)


@dataclass(frozen=True)
class CollectionJob:
    """One demonstration to collect; without `random_share` it is random play instead of the expert's.

    As a `control` random play goes where the things are.
    """

    task_id: str
    seed: int
    random_share: float | None = 0.0
    recording: Recording = field(default_factory=Recording)
    image_size: int = 128
    randomise_seed: int | None = None
    start_fraction: tuple[float, float] | None = None  # MetaWorld only, as is the next
    midway: bool = False
    world: str = "metaworld"
    control: bool = False

    @property
    def world_settings(self) -> dict[str, Any]:
        """The arguments of the world to collect in."""
        settings: dict[str, Any] = {"image_size": self.image_size, "randomise_seed": self.randomise_seed}
        if self.start_fraction is not None:
            settings["start_fraction"] = self.start_fraction
        if self.midway:
            settings["midway"] = True
        return settings


def collect_many(
    jobs: Iterable[CollectionJob], workers: int = 2, progress: CollectProgress | None = None
) -> Iterator[Demonstration]:
    """Collect `jobs` in `workers` processes and yield each demonstration as it finishes, in no particular order.

    Jobs of one task should follow each other: building a scene costs more than an episode. Raises what a job raised,
    ConfigError without a worker.
    """
    if workers < 1:
        raise ConfigError(f"collecting needs at least one worker, got {workers}")
    queue = list(jobs)
    waiting = iter(queue)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        running: set[Future[Demonstration]] = {pool.submit(collect, job) for job in islice(waiting, 2 * workers)}
        done_count = 0
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(collect, job) for job in islice(waiting, len(done))}
            for future in done:
                done_count += 1
                if progress is not None:
                    progress(done_count, len(queue))
                yield future.result()


_worlds: dict[str, World] = {}  # this process's only world, by its name and settings


def collect(job: CollectionJob) -> Demonstration:
    """Collect one job in this process, in a world that is kept for the next one. Raises UnknownTaskError, ConfigError."""
    demonstrations = demonstrations_in(job.world)
    key = f"{job.world} {job.world_settings}"
    if key not in _worlds:
        for world in _worlds.values():
            world.close()
        _worlds.clear()
        _worlds[key] = make_world(job.world, **job.world_settings)
    if job.random_share is None:
        play = demonstrations.collect_random_waypoints if job.control else demonstrations.collect_random_play
        return play(_worlds[key], job.task_id, job.seed, job.recording)
    expert = demonstrations.collect_expert if job.randomise_seed is None else demonstrations.collect_foreign
    return expert(_worlds[key], job.task_id, job.seed, job.random_share, job.recording)
