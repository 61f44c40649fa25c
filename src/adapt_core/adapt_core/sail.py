"""The self-adapting improvement loop (SAIL, algorithm 1).

Driven through ports, so that it is the same in one process and in the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import ConfigError, TrainingError
from adapt_core.experience import training_prompt
from adapt_core.ports import (
    EpisodeBatchRunner,
    EpisodeRunner,
    ImprovableInverseDynamics,
    Labeler,
    LossProgress,
    StopCheck,
    Trainer,
    VideoPlanner,
    never,
)
from adapt_core.rollback import goes_on_from
from adapt_core.rollouts import roll_out
from adapt_core.sail_request import IterationResult, Phase, SailProgress, SailRequest, ServedWeights
from adapt_core.settings import FinetuneSettings, Rollback
from adapt_core.types import ExperienceFilter, FinetuneRequest, LabelValue, TrainingEpisode

Report = Callable[[SailProgress], None]


def base_version(store: EpisodeStore, run_id: str, planner: VideoPlanner) -> str:
    """The weights that a run begins with: those of its first episode, where it has begun, else those that serve."""
    begun = store.episodes(run_id=run_id, iteration=0)
    return begun[0].weights_version if begun else planner.weights_version


@dataclass(frozen=True)
class SailLoop:
    """K iterations of: roll out N episodes, add them to the data, finetune on all of it, serve the new weights.

    What is done is read off the episode store, and finished finetunings are not repeated, so that running an interrupted
    run again continues it. `inverse_dynamics` is given where it can be finetuned, too.
    """

    runner: EpisodeRunner | EpisodeBatchRunner
    planner: VideoPlanner
    trainer: Trainer
    labeler: Labeler
    store: EpisodeStore
    inverse_dynamics: ImprovableInverseDynamics | None = None

    def run(
        self, request: SailRequest, progress: Report = lambda progress: None, should_stop: StopCheck = never
    ) -> list[IterationResult]:
        """Run or resume.

        Raises AdaptError when an episode aborts again and again, ConfigError where the inverse dynamics is to be finetuned
        and cannot be, and CancelledByUserError.
        """
        served = self._first_weights(request)
        data = list(request.initial_data)
        results: list[IterationResult] = []
        for iteration in range(request.settings.iterations):
            here = SailProgress(Phase.ROLLOUT, iteration, served.in_domain)
            serve = partial(self._serve, served)
            rollouts = roll_out(self.runner, self.store, request, here, serve, progress, should_stop)
            labels = self._labels(request, rollouts, here, progress, should_stop)
            if not request.settings.initial_data_only:
                data += self._experience(request, rollouts, labels)
            start = goes_on_from([*results, self._result(here, rollouts, served)], request.settings.rollback).served
            if start != served:
                self._serve(start)
            finetuned = start
            if request.settings.finetune_last or iteration + 1 < request.settings.iterations:
                learning = self._learning(here, rollouts, start)
                finetuned = self._finetune(request, learning, start, data, progress, should_stop)
            results.append(self._result(here, rollouts, served))  # labels that came meanwhile count
            served = finetuned
        self._serve(served)
        return results

    def _first_weights(self, request: SailRequest) -> ServedWeights:
        if request.settings.finetune_inverse_dynamics is None:
            return ServedWeights(request.base_version)
        if self.inverse_dynamics is None:
            raise ConfigError(
                "finetune_inverse_dynamics: here the inverse dynamics cannot be finetuned; run the loop with --in-process, "
                "or leave this out"
            )
        begun = self.store.episodes(run_id=request.run_id, iteration=0)
        acting = begun[0].inverse_dynamics_version if begun else self.inverse_dynamics.weights_version
        return ServedWeights(request.base_version, acting)

    def _serve(self, weights: ServedWeights) -> None:
        if self.planner.weights_version != weights.in_domain:
            self.planner.load_weights(weights.in_domain)
        acting = self.inverse_dynamics
        if acting is not None and weights.inverse_dynamics and acting.weights_version != weights.inverse_dynamics:
            acting.load_weights(weights.inverse_dynamics)

    def _labels(
        self,
        request: SailRequest,
        rollouts: list[EpisodeMeta],
        here: SailProgress,
        progress: Report,
        should_stop: StopCheck,
    ) -> list[LabelValue]:
        """The rollouts' labels; waited for, unless nothing depends on them."""
        settings = request.settings
        if settings.filter is ExperienceFilter.NONE and settings.rollback is Rollback.NONE:
            return [self.labeler.known_label(meta.episode_id) for meta in rollouts]
        labels: list[LabelValue] = []
        for meta in rollouts:
            successes = sum(label is LabelValue.SUCCESS for label in labels)
            progress(replace(here, phase=Phase.LABEL, episode=len(labels), successes=successes, steps=len(rollouts)))
            labels.append(self.labeler.wait_for_label(meta.episode_id, should_stop))
        return labels

    def _result(self, here: SailProgress, rollouts: list[EpisodeMeta], served: ServedWeights) -> IterationResult:
        labels = [self.labeler.known_label(meta.episode_id) for meta in rollouts]
        successes, failures = labels.count(LabelValue.SUCCESS), labels.count(LabelValue.FAILURE)
        return IterationResult(here.iteration, len(rollouts), successes + failures, successes, served)

    def _learning(self, here: SailProgress, rollouts: list[EpisodeMeta], start: ServedWeights) -> SailProgress:
        successes = self._result(here, rollouts, start).successes
        return SailProgress(Phase.FINETUNE, here.iteration, start.in_domain, len(rollouts), successes)

    def _experience(
        self, request: SailRequest, rollouts: list[EpisodeMeta], labels: list[LabelValue]
    ) -> list[TrainingEpisode]:
        """The rollouts that pass the filter, each with the prompt to learn it under."""
        prompts = [
            training_prompt(meta, label, request.settings.filter) for meta, label in zip(rollouts, labels, strict=True)
        ]
        return [
            TrainingEpisode(str(self.store.root), meta.episode_id, prompt, experience=True)
            for meta, prompt in zip(rollouts, prompts, strict=True)
            if prompt is not None
        ]

    def _finetune(
        self,
        request: SailRequest,
        here: SailProgress,
        start: ServedWeights,
        data: list[TrainingEpisode],
        progress: Report,
        should_stop: StopCheck,
    ) -> ServedWeights:
        """Weights finetuned on `data` from `start`; `start` itself where there is nothing to learn from."""
        if not data:
            return start

        def report(step: int, steps: int, loss: float) -> None:
            progress(replace(here, step=step, steps=steps, loss=loss))

        name = f"{request.run_id}-{here.iteration + 1:03d}"
        asked = _asked(request.settings.finetune, start.in_domain, name, data, here.iteration)
        asked = replace(asked, experience_share=request.settings.experience_share)
        in_domain = _finetuned(self.trainer.finetune, asked, report, should_stop)
        settings, acting = request.settings.finetune_inverse_dynamics, self.inverse_dynamics
        if settings is None or acting is None:
            return ServedWeights(in_domain)
        asked = _asked(settings, start.inverse_dynamics, f"{name}-inverse-dynamics", data, here.iteration)
        return ServedWeights(in_domain, _finetuned(acting.finetune, asked, report, should_stop))


def _asked(
    settings: FinetuneSettings, base: str, name: str, data: list[TrainingEpisode], iteration: int
) -> FinetuneRequest:
    return FinetuneRequest(
        base_version=base,
        new_version=name,
        episodes=tuple(data),
        steps=settings.steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=settings.seed + iteration,
    )


def _finetuned(
    finetune: Callable[[FinetuneRequest, LossProgress | None, StopCheck], str],
    asked: FinetuneRequest,
    report: LossProgress,
    should_stop: StopCheck,
) -> str:
    report(0, asked.steps, float("nan"))
    version = finetune(asked, report, should_stop)
    if version != asked.new_version:
        raise TrainingError(f"the trainer wrote {version} where {asked.new_version} was asked for")
    return version
