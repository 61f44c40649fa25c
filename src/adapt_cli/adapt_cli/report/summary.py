"""What a run came to, read off its folder: `summary.json` is this, spelled out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import ConfigError
from adapt_core.run_folder import RunFolder
from adapt_core.statistics import wilson_interval
from adapt_core.types import LabelValue, Outcome
from adapt_core.weights import WeightsStore

from adapt_cli.report.verdict import verdict


@dataclass(frozen=True)
class IterationSummary:
    """One iteration: `episodes` completed, of which `judged` have a verdict and `successes` succeeded; `aborted` besides.

    `rate` is successes / judged with its 95 % Wilson interval, None where nothing was judged.
    """

    index: int
    episodes: int
    successes: int
    weights_version: str
    rate: float | None
    wilson_low: float | None
    wilson_high: float | None
    judged: int
    aborted: int


@dataclass(frozen=True)
class RunSummary:
    """A whole run. `labels` counts the episodes whose valid label is by each operator; `settings` is what it began with."""

    run: str
    robot: str
    suite: str
    task: str
    novel: bool
    prompts: dict[str, str]
    method: str
    preset: str
    filter: str
    control_loop: str
    seeds: dict[str, Any]
    weights: list[str]
    labels: dict[str, int]
    iterations: list[IterationSummary]
    settings: dict[str, Any]
    code_version: str


def summarise(folder: RunFolder, store: EpisodeStore) -> RunSummary:
    """Summary of the episodes in `store`. Raises ConfigError when there are none."""
    metas = store.episodes()
    if not metas:
        raise ConfigError(f"{folder.path} has no episodes yet; run some: adapt sail <task> --run {folder.path}")
    settings = folder.settings() if folder.settings_file.exists() else {}
    labels = {meta.episode_id: store.label_of(meta.episode_id) for meta in metas}
    last = metas[-1]
    return RunSummary(
        run=folder.run_id,
        robot=last.robot,
        suite=last.suite,
        task=_joined(meta.task_id for meta in metas),
        novel=last.novel,
        prompts={"in_domain": last.in_domain_prompt, "prior": last.prior_prompt},
        method=_joined(meta.method for meta in metas),
        preset=str(settings.get("preset", "")),
        filter=str(settings.get("filter", "")),
        control_loop=_joined(str(meta.control_loop) for meta in metas),
        seeds={"loop": settings.get("seed"), "scenes": [meta.seed for meta in metas]},
        weights=sorted({meta.weights_version for meta in metas} | _finetuned(folder)),
        labels=_operators(store, metas),
        iterations=[_iteration(index, metas, labels) for index in sorted({meta.iteration for meta in metas})],
        settings=settings,
        code_version=last.code_version,
    )


def _iteration(index: int, metas: Sequence[EpisodeMeta], labels: dict[str, LabelValue]) -> IterationSummary:
    mine = [meta for meta in metas if meta.iteration == index]
    completed = [meta for meta in mine if meta.outcome is Outcome.COMPLETED]
    verdicts = [verdict(meta.success, labels[meta.episode_id]) for meta in completed]
    judged = sum(said is not None for said in verdicts)
    successes = sum(said is True for said in verdicts)
    interval = wilson_interval(successes, judged) if judged else None
    return IterationSummary(
        index=index,
        episodes=len(completed),
        successes=successes,
        weights_version=_joined(meta.weights_version for meta in completed or mine),
        rate=successes / judged if judged else None,
        wilson_low=interval.low if interval else None,
        wilson_high=interval.high if interval else None,
        judged=judged,
        aborted=len(mine) - len(completed),
    )


def _joined(values: Iterable[str]) -> str:
    """The different values, in order of appearance."""
    return ", ".join(dict.fromkeys(values))


def _operators(store: EpisodeStore, metas: Sequence[EpisodeMeta]) -> dict[str, int]:
    here = {meta.episode_id for meta in metas}
    counted = Counter(label.operator for episode, label in store.labels().items() if episode in here)
    return dict(counted.most_common())


def _finetuned(folder: RunFolder) -> set[str]:
    """Versions that this run's finetunings wrote."""
    return set(WeightsStore(folder.weights).versions()) if folder.weights.is_dir() else set()
