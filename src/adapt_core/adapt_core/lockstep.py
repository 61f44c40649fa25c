"""Several episodes at once, one a world: their plans are imagined in one call, then all worlds move."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.errors import CancelledByUserError, MotionStoppedError, PlanRejectedError
from adapt_core.ports import StepProgress, StopCheck, World, never
from adapt_core.running_episode import RunningEpisode
from adapt_core.safety import PLANNED_BADLY
from adapt_core.types import ActionChunk, EpisodeRequest, EpisodeResult, Observation, Outcome

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]  # `map`, or what does the same in threads


@dataclass
class _Seat:
    """A world's runner and the episode that it runs. `failure` says why the episode ended before its steps were used up."""

    runner: PlanningEpisodeRunner
    episode: RunningEpisode
    failure: str = ""

    @property
    def over(self) -> bool:
        return self.episode.over or bool(self.failure)

    def act(self, chunk: ActionChunk) -> None:
        try:
            self.episode.execute(chunk)
        except (PlanRejectedError, MotionStoppedError) as error:
            if error.code not in PLANNED_BADLY:
                raise
            self.failure = str(error)

    def finish(self) -> EpisodeResult:
        writer, episode = self.episode.writer, self.episode
        writer.finish(Outcome.COMPLETED, self.failure, episode.success)
        return EpisodeResult(writer.episode_id, Outcome.COMPLETED, episode.steps, episode.success, self.failure)


@dataclass(frozen=True)
class LockstepEpisodeRunner:
    """Simulated episodes in as many worlds as there are `runners`; implements `EpisodeBatchRunner`.

    The runners share everything but their world. A world whose episode is over takes the next one, so that calls of the
    planner stay full. Scenes and noise depend on each request's seed alone: results do not change with the number of
    worlds. Several worlds are called from several threads, each by one at a time.

    A plan that the robot refuses as bad, or a contact reflex, ends its episode as a failure: in a simulation it would
    happen again.
    """

    runners: Sequence[PlanningEpisodeRunner]

    @classmethod
    def of(cls, runner: PlanningEpisodeRunner, worlds: Sequence[World]) -> LockstepEpisodeRunner:
        """As `runner`, but in all of `worlds`."""
        return cls([replace(runner, world=world) for world in worlds])

    def run_many(
        self, requests: Sequence[EpisodeRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> Iterator[EpisodeResult]:
        """See ports.EpisodeBatchRunner."""
        waiting, idle = deque(requests), list(self.runners)
        seats: list[_Seat] = []
        with ThreadPoolExecutor(len(self.runners)) as threads, ExitStack() as recordings:
            # A world in this process keeps to one thread: its renderer does.
            each: Each = threads.map if len(self.runners) > 1 else map
            while waiting or seats:
                if should_stop():
                    raise CancelledByUserError("the episodes were cancelled; what was run is kept")
                taken = [(idle.pop(), waiting.popleft()) for _ in range(min(len(idle), len(waiting)))]
                seen = each(_reset, taken)
                seats += [
                    _begin(runner, request, first, recordings, should_stop)
                    for (runner, request), first in zip(taken, seen, strict=True)
                ]
                self._step([seat for seat in seats if not seat.over], each, should_stop)
                _tell(progress, seats)
                for done in [seat for seat in seats if seat.over]:
                    seats.remove(done)
                    idle.append(done.runner)
                    yield done.finish()

    def _step(self, seats: Sequence[_Seat], each: Each, should_stop: StopCheck) -> None:
        """One plan for each episode, and its motion."""
        requests = [seat.episode.plan_request() for seat in seats]
        plans = self.runners[0].planner.plan(requests, should_stop=should_stop)
        chunks = [seat.episode.follow(plan) for seat, plan in zip(seats, plans, strict=True)]
        list(each(_act, zip(seats, chunks, strict=True)))


def _tell(progress: StepProgress | None, seats: Sequence[_Seat]) -> None:
    if progress is not None:
        running = [seat.episode for seat in seats]
        progress(sum(episode.steps for episode in running), sum(episode.request.max_steps for episode in running))


def _reset(taken: tuple[PlanningEpisodeRunner, EpisodeRequest]) -> Observation:
    runner, request = taken
    return runner.world.reset(request.task.id, request.seed)


def _act(moving: tuple[_Seat, ActionChunk]) -> None:
    seat, chunk = moving
    seat.act(chunk)


def _begin(
    runner: PlanningEpisodeRunner,
    request: EpisodeRequest,
    first: Observation,
    recordings: ExitStack,
    should_stop: StopCheck,
) -> _Seat:
    writer = recordings.enter_context(runner.begin(request, first))
    return _Seat(
        runner,
        RunningEpisode(runner.world, runner.inverse_dynamics, request, writer, first, should_stop=should_stop),
    )
