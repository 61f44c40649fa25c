"""How often does it work? Seeded episodes of one task, counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapt_core.errors import AdaptError
from adapt_core.ports import EpisodeRunner, StopCheck, never
from adapt_core.statistics import Interval, wilson_interval
from adapt_core.types import ControlLoop, EpisodeRequest, Outcome, Task


@dataclass(frozen=True)
class SuccessRate:
    """`successes` of `episodes`, with the Wilson interval of the rate."""

    successes: int
    episodes: int

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the rate."""
        return wilson_interval(self.successes, self.episodes)


def evaluate(
    runner: EpisodeRunner,
    task: Task,
    seeds: range,
    run_id: str,
    max_steps: int,
    control_loop: ControlLoop,
    progress: Callable[[SuccessRate], None] = lambda rate: None,
    should_stop: StopCheck = never,
) -> SuccessRate:
    """Success rate of `runner` on `task`, one episode a seed.

    Equal seeds give equal scenes, so that methods are paired. Success is the world's truth. Raises AdaptError when an
    episode aborts or the world cannot tell.
    """
    rate = SuccessRate(0, 0)
    for index, seed in enumerate(seeds):
        result = runner.run(EpisodeRequest(task, seed, run_id, 0, index, max_steps, control_loop), None, should_stop)
        if result.outcome is Outcome.ABORTED:
            raise AdaptError(f"episode {index} (seed {seed}) aborted: {result.reason}")
        if result.success is None:
            raise AdaptError(
                f"this world cannot tell whether {task.id} succeeded; label the episodes by hand: adapt label"
            )
        rate = SuccessRate(rate.successes + result.success, rate.episodes + 1)
        progress(rate)
    return rate
