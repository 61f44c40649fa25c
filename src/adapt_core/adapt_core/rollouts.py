"""The episodes of one iteration, those of an interrupted run among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import AdaptError, CancelledByUserError
from adapt_core.ports import EpisodeRunner, StepProgress, StopCheck
from adapt_core.sail_request import SailProgress, SailRequest
from adapt_core.types import EpisodeRequest, Outcome

SCENES_PER_ITERATION = 10_000  # seeds of an iteration's scenes start at this many times its index


def roll_out(
    runner: EpisodeRunner,
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
    for index in missing:
        before = replace(here, episode=len(done), successes=sum(bool(meta.success) for meta in done.values()))

        def report(step: int, steps: int, before: SailProgress = before) -> None:
            progress(replace(before, step=step, steps=steps))

        report(0, request.max_steps)
        done[index] = _run_episode(runner, store, request, here.iteration, index, report, should_stop)
    return [done[index] for index in range(request.settings.episodes)]


def _run_episode(
    runner: EpisodeRunner,
    store: EpisodeStore,
    request: SailRequest,
    iteration: int,
    index: int,
    report: StepProgress,
    should_stop: StopCheck,
) -> EpisodeMeta:
    """One episode, tried again when it aborts, at most `max_attempts` times in all."""
    seed = request.seed * SCENES_PER_ITERATION**2 + iteration * SCENES_PER_ITERATION + index
    episode = EpisodeRequest(
        request.task, seed, request.run_id, iteration, index, request.max_steps, request.control_loop
    )
    for _ in range(request.settings.max_attempts):
        result = runner.run(episode, report, should_stop)
        if result.outcome is Outcome.COMPLETED:
            return store.meta(result.episode_id)
        if should_stop():
            raise CancelledByUserError("the run was cancelled; the same command resumes it")
    raise AdaptError(
        f"episode {index} of iteration {iteration} aborted {request.settings.max_attempts} times, last because: "
        f"{result.reason}. Mend that; the same command resumes the run"
    )
