"""The episodes of one iteration, those of an interrupted run among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import AdaptError, CancelledByUserError
from adapt_core.ports import EpisodeBatchRunner, EpisodeRunner, StepProgress, StopCheck
from adapt_core.sail_request import SailProgress, SailRequest
from adapt_core.types import EpisodeRequest, Outcome

SCENES_PER_ITERATION = 10_000  # seeds of an iteration's scenes start at this many times its index


def scene_seed(seed: int, iteration: int, index: int) -> int:
    """Seed of the scene and the noise of an iteration's episode, in a run with `seed`: no two are the same."""
    return seed * SCENES_PER_ITERATION**2 + iteration * SCENES_PER_ITERATION + index


def roll_out(
    runner: EpisodeRunner | EpisodeBatchRunner,
    store: EpisodeStore,
    request: SailRequest,
    here: SailProgress,
    serve: Callable[[], None],
    progress: Callable[[SailProgress], None],
    should_stop: StopCheck,
) -> list[EpisodeMeta]:
    """The iteration's N completed episodes; `serve` is called before those that are still to be run.

    Raises AdaptError when an episode aborts again and again, and CancelledByUserError.
    """
    done = {
        meta.index: meta
        for meta in store.episodes(run_id=request.run_id, iteration=here.iteration, outcome=Outcome.COMPLETED)
    }
    missing = [index for index in range(request.settings.episodes) if index not in done]
    if missing:
        serve()
    asked = [_episode(request, here.iteration, index) for index in missing]

    def report(step: int, steps: int) -> None:
        successes = sum(bool(meta.success) for meta in done.values())
        progress(replace(here, episode=len(done), successes=successes, step=step, steps=steps))

    report(0, request.max_steps)
    for meta in _completed(runner, store, asked, request.settings.max_attempts, report, should_stop):
        done[meta.index] = meta
        report(0, request.max_steps)
    return [done[index] for index in range(request.settings.episodes)]


def _episode(request: SailRequest, iteration: int, index: int) -> EpisodeRequest:
    seed = scene_seed(request.seed, iteration, index)
    return EpisodeRequest(request.task, seed, request.run_id, iteration, index, request.max_steps, request.control_loop)


def _completed(
    runner: EpisodeRunner | EpisodeBatchRunner,
    store: EpisodeStore,
    asked: list[EpisodeRequest],
    attempts: int,
    report: StepProgress,
    should_stop: StopCheck,
) -> Iterator[EpisodeMeta]:
    if isinstance(runner, EpisodeBatchRunner):
        for result in runner.run_many(asked, report, should_stop):
            yield store.meta(result.episode_id)
        return
    for episode in asked:
        yield _run_episode(runner, store, episode, attempts, report, should_stop)


def _run_episode(
    runner: EpisodeRunner,
    store: EpisodeStore,
    episode: EpisodeRequest,
    attempts: int,
    report: StepProgress,
    should_stop: StopCheck,
) -> EpisodeMeta:
    """One episode, tried again when it aborts, at most `attempts` times in all."""
    for _ in range(attempts):
        result = runner.run(episode, report, should_stop)
        if result.outcome is Outcome.COMPLETED:
            return store.meta(result.episode_id)
        if should_stop():
            raise CancelledByUserError("the run was cancelled; the same command resumes it")
    raise AdaptError(
        f"episode {episode.index} of iteration {episode.iteration} aborted {attempts} times, last because: "
        f"{result.reason}. Mend that; the same command resumes the run"
    )
