"""The self-adapting improvement loop (SAIL, algorithm 1).

Driven through ports, so that it is the same in one process and in the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import AdaptError, CancelledByUserError, TrainingError
from adapt_core.experience import training_prompt
from adapt_core.ports import EpisodeRunner, Labeler, StopCheck, Trainer, VideoPlanner, never
from adapt_core.settings import SailSettings
from adapt_core.types import (
    ControlLoop,
    EpisodeRequest,
    ExperienceFilter,
    FinetuneRequest,
    LabelValue,
    Outcome,
    Task,
    TrainingEpisode,
)

SCENES_PER_ITERATION = 10_000  # seeds of an iteration's scenes start at this many times its index


class Phase(StrEnum):
    """What the loop is doing."""

    ROLLOUT = "rollout"
    LABEL = "label"
    FINETUNE = "finetune"


@dataclass(frozen=True)
class SailProgress:
    """Where the loop is.

    `step` of `steps` are recorded frames of the episode, or finetuning steps with their `loss`.
    """

    phase: Phase
    iteration: int
    weights_version: str
    episode: int = 0
    successes: int = 0
    step: int = 0
    steps: int = 0
    loss: float = float("nan")


@dataclass(frozen=True)
class SailRequest:
    """One run of the loop on one task.

    `initial_data` is D_ini, empty to start from nothing (SAIL, algorithm 1, line 2).
    """

    task: Task
    run_id: str
    base_version: str
    settings: SailSettings
    initial_data: tuple[TrainingEpisode, ...]
    max_steps: int
    control_loop: ControlLoop
    seed: int = 0


@dataclass(frozen=True)
class IterationResult:
    """What one iteration rolled out: `weights_version` imagined it, `successes` of `episodes` were labelled so."""

    index: int
    episodes: int
    successes: int
    weights_version: str


def base_version(store: EpisodeStore, run_id: str, planner: VideoPlanner) -> str:
    """The weights that a run begins with: those of its first episode, where it has begun, else those that serve."""
    begun = store.episodes(run_id=run_id, iteration=0)
    return begun[0].weights_version if begun else planner.weights_version


class SailLoop:
    """K iterations of: roll out N episodes, add them to the data, finetune on all of it, serve the new weights.

    What is done is read off the episode store, and finished finetunings are not repeated by the trainer, so that running
    an interrupted run again continues it.
    """

    def __init__(
        self, runner: EpisodeRunner, planner: VideoPlanner, trainer: Trainer, labeler: Labeler, store: EpisodeStore
    ) -> None:
        self.runner = runner
        self.planner = planner
        self.trainer = trainer
        self.labeler = labeler
        self.store = store

    def run(
        self,
        request: SailRequest,
        progress: Callable[[SailProgress], None] = lambda progress: None,
        should_stop: StopCheck = never,
    ) -> list[IterationResult]:
        """Run or resume. Raises AdaptError when an episode aborts again and again, and CancelledByUserError."""
        version = request.base_version
        data = list(request.initial_data)
        results = []
        for iteration in range(request.settings.iterations):
            here = SailProgress(Phase.ROLLOUT, iteration, version)
            rollouts = self._roll_out(request, here, progress, should_stop)
            labels = self._labels(request, rollouts, here, progress, should_stop)
            successes = sum(label is LabelValue.SUCCESS for label in labels)
            results.append(IterationResult(iteration, len(rollouts), successes, version))
            data += self._experience(request, rollouts, labels)
            here = replace(here, phase=Phase.FINETUNE, episode=len(rollouts), successes=successes)
            version = self._finetune(request, here, data, progress, should_stop)
        self._serve(version)
        return results

    def _serve(self, version: str) -> None:
        if self.planner.weights_version != version:
            self.planner.load_weights(version)

    def _roll_out(
        self, request: SailRequest, here: SailProgress, progress: Callable[[SailProgress], None], should_stop: StopCheck
    ) -> list[EpisodeMeta]:
        """The iteration's N completed episodes, those of an interrupted run among them."""
        done = {
            meta.index: meta
            for meta in self.store.episodes(run_id=request.run_id, iteration=here.iteration, outcome=Outcome.COMPLETED)
        }
        missing = [index for index in range(request.settings.episodes) if index not in done]
        if missing:
            self._serve(here.weights_version)
        for index in missing:
            before = replace(here, episode=len(done), successes=sum(bool(meta.success) for meta in done.values()))

            def report(step: int, steps: int, before: SailProgress = before) -> None:
                progress(replace(before, step=step, steps=steps))

            report(0, request.max_steps)
            done[index] = self._run_episode(request, here.iteration, index, report, should_stop)
        return [done[index] for index in range(request.settings.episodes)]

    def _run_episode(
        self,
        request: SailRequest,
        iteration: int,
        index: int,
        report: Callable[[int, int], None],
        should_stop: StopCheck,
    ) -> EpisodeMeta:
        """One episode, tried again when it aborts, at most `max_attempts` times in all."""
        seed = request.seed * SCENES_PER_ITERATION**2 + iteration * SCENES_PER_ITERATION + index
        episode = EpisodeRequest(
            request.task, seed, request.run_id, iteration, index, request.max_steps, request.control_loop
        )
        for _ in range(request.settings.max_attempts):
            result = self.runner.run(episode, report, should_stop)
            if result.outcome is Outcome.COMPLETED:
                return self.store.meta(result.episode_id)
            if should_stop():
                raise CancelledByUserError("the run was cancelled; the same command resumes it")
        raise AdaptError(
            f"episode {index} of iteration {iteration} aborted {request.settings.max_attempts} times, last because: "
            f"{result.reason}. Mend that; the same command resumes the run"
        )

    def _labels(
        self,
        request: SailRequest,
        rollouts: list[EpisodeMeta],
        here: SailProgress,
        progress: Callable[[SailProgress], None],
        should_stop: StopCheck,
    ) -> list[LabelValue]:
        """The rollouts' labels; waited for, unless nothing is filtered by them."""
        if request.settings.filter is ExperienceFilter.NONE:
            return [self.store.label_of(meta.episode_id) for meta in rollouts]
        labels: list[LabelValue] = []
        for meta in rollouts:
            successes = sum(label is LabelValue.SUCCESS for label in labels)
            progress(replace(here, phase=Phase.LABEL, episode=len(labels), successes=successes, steps=len(rollouts)))
            labels.append(self.labeler.wait_for_label(meta.episode_id, should_stop))
        return labels

    def _experience(
        self, request: SailRequest, rollouts: list[EpisodeMeta], labels: list[LabelValue]
    ) -> list[TrainingEpisode]:
        """The rollouts that pass the filter, each with the prompt to learn it under."""
        prompts = [
            training_prompt(meta, label, request.settings.filter) for meta, label in zip(rollouts, labels, strict=True)
        ]
        return [
            TrainingEpisode(str(self.store.root), meta.episode_id, prompt)
            for meta, prompt in zip(rollouts, prompts, strict=True)
            if prompt is not None
        ]

    def _finetune(
        self,
        request: SailRequest,
        here: SailProgress,
        data: list[TrainingEpisode],
        progress: Callable[[SailProgress], None],
        should_stop: StopCheck,
    ) -> str:
        """Version of the weights finetuned on `data`; the ones that serve now where there is nothing to learn from."""
        if not data:
            return here.weights_version
        settings = request.settings.finetune
        asked = FinetuneRequest(
            base_version=here.weights_version,
            new_version=f"{request.run_id}-{here.iteration + 1:03d}",
            episodes=tuple(data),
            steps=settings.steps,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            seed=settings.seed + here.iteration,
        )

        def report(step: int, steps: int, loss: float) -> None:
            progress(replace(here, step=step, steps=steps, loss=loss))

        report(0, settings.steps, float("nan"))
        version = self.trainer.finetune(asked, report, should_stop)
        if version != asked.new_version:
            raise TrainingError(f"the trainer wrote {version} where {asked.new_version} was asked for")
        return version
