"""Rates over several runs and tasks, and which methods differ in the same scenes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapt_core.statistics import Interval, p_differ, wilson_interval
from adapt_core.tables import Control

from adapt_cli.tables.results import Result

REFERENCE = "ipa"


@dataclass(frozen=True)
class Rate:
    """`successes` of `episodes`, of one task or of several together."""

    successes: int
    episodes: int

    @property
    def rate(self) -> float:
        """Between 0 and 1; 0 where nothing was tried."""
        return self.successes / self.episodes if self.episodes else 0.0

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the rate."""
        return wilson_interval(self.successes, self.episodes)

    def __str__(self) -> str:
        """Such as "17/20 (64-95 %)"; nothing where nothing was tried."""
        if not self.episodes:
            return ""
        low, high = self.interval
        return f"{self.successes}/{self.episodes} ({100 * low:.0f}-{100 * high:.0f} %)"


@dataclass(frozen=True)
class Comparison:
    """Scenes in which only `one` succeeded and in which only `other` did, of `scenes` that both were tried in."""

    one: str
    other: str
    iteration: int
    scenes: int
    only_one: int
    only_other: int

    @property
    def p(self) -> float:
        """Two-sided p-value of McNemar's exact test."""
        return p_differ(self.only_one, self.only_other)


def labels_of(results: Iterable[Result]) -> list[str]:
    """The different methods, in the table's order."""
    return list(dict.fromkeys(result.label for result in results))


def tasks_of(results: Iterable[Result]) -> list[str]:
    """The different tasks, in the table's order."""
    return list(dict.fromkeys(result.task.id for result in results))


def iterations_of(results: Iterable[Result], label: str) -> list[int]:
    """The iterations that a method has."""
    return sorted({result.iteration for result in results if result.label == label})


def rate_of(results: Iterable[Result], label: str, iteration: int, task: str | None = None) -> Rate:
    """The rate of a method in an iteration, over all runs; over all tasks, too, where none is named."""
    chosen = [
        result.trials
        for result in results
        if (result.label, result.iteration) == (label, iteration) and task in (None, result.task.id)
    ]
    return Rate(sum(trials.successes for trials in chosen), sum(trials.episodes for trials in chosen))


def comparisons(results: Sequence[Result]) -> list[Comparison]:
    """The reference method against each other one in the same scenes, in the last iteration that both have.

    The reference is the first of IPA's, else the first method that is no control.
    """
    labels = labels_of(result for result in results if result.cell.method not in list(Control))
    if not labels:
        return []
    one = next((label for label in labels if label.startswith(REFERENCE)), labels[0])
    others = [other for other in labels_of(results) if other != one]
    return [compared for other in others if (compared := _compare(results, one, other)).scenes]


def _compare(results: Sequence[Result], one: str, other: str) -> Comparison:
    iteration = max(set(iterations_of(results, one)) & set(iterations_of(results, other)), default=-1)
    mine, theirs = (
        {
            (result.task.id, result.cell.seed): result.trials
            for result in results
            if (result.label, result.iteration) == (label, iteration)
        }
        for label in (one, other)
    )
    both = [(mine[place], theirs[place]) for place in mine.keys() & theirs.keys()]
    counts = [a.against(b) for a, b in both]
    scenes = sum(len(a.by_seed.keys() & b.by_seed.keys()) for a, b in both)
    return Comparison(one, other, iteration, scenes, sum(a for a, _ in counts), sum(b for _, b in counts))
