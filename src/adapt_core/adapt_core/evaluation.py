"""How often does it work? Seeded episodes of one task, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import AdaptError
from adapt_core.ports import EpisodeBatchRunner, StopCheck, never
from adapt_core.statistics import Interval, wilson_interval
from adapt_core.types import ControlLoop, EpisodeRequest, Outcome, Task


@dataclass(frozen=True)
class Trials:
    """What became of each scene: whether the episode with this seed succeeded."""

    by_seed: Mapping[int, bool]

    @property
    def episodes(self) -> int:
        """How many there are."""
        return len(self.by_seed)

    @property
    def successes(self) -> int:
        """How many succeeded."""
        return sum(self.by_seed.values())

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the rate."""
        return wilson_interval(self.successes, self.episodes)

    def against(self, other: Trials) -> tuple[int, int]:
        """Scenes in which only this one succeeded, and in which only the other did; of the seeds that both have."""
        both = [(success, other.by_seed[seed]) for seed, success in self.by_seed.items() if seed in other.by_seed]
        return sum(mine and not theirs for mine, theirs in both), sum(theirs and not mine for mine, theirs in both)


@dataclass(frozen=True)
class Evaluation:
    """What is asked: one episode of `task` a seed, known as `run_id` in the store.

    Equal seeds give equal scenes, so that methods are paired.
    """

    task: Task
    seeds: range
    run_id: str
    max_steps: int
    control_loop: ControlLoop

    def request(self, seed: int) -> EpisodeRequest:
        """The episode of one seed."""
        index = self.seeds.index(seed)
        return EpisodeRequest(self.task, seed, self.run_id, 0, index, self.max_steps, self.control_loop)


def evaluate(
    runner: EpisodeBatchRunner,
    store: EpisodeStore,
    asked: Evaluation,
    progress: Callable[[Trials], None] = lambda trials: None,
    should_stop: StopCheck = never,
) -> Trials:
    """Run the episodes that `store`, which `runner` writes to, does not have yet; what became of them all.

    Success is the world's truth. Raises AdaptError where the world cannot tell, and whatever ends an episode but its own
    failure.
    """
    done = store.episodes(run_id=asked.run_id, task_id=asked.task.id, outcome=Outcome.COMPLETED)
    trials = trials_of(meta for meta in done if meta.seed in asked.seeds)
    progress(trials)
    missing = [asked.request(seed) for seed in asked.seeds if seed not in trials.by_seed]
    for result in runner.run_many(missing, should_stop=should_stop):
        trials = Trials({**trials.by_seed, **trials_of([store.meta(result.episode_id)]).by_seed})
        progress(trials)
    return trials


def trials_of(episodes: Iterable[EpisodeMeta]) -> Trials:
    """What became of stored episodes. Raises AdaptError for one whose world could not tell."""
    by_seed: dict[int, bool] = {}
    for meta in episodes:
        if meta.success is None:
            raise AdaptError(
                f"this world cannot tell whether {meta.task_id} succeeded; label the episodes by hand: adapt label"
            )
        by_seed[meta.seed] = meta.success
    return Trials(by_seed)
