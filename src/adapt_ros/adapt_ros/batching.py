"""Requests for plans that wait are sampled together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StepProgress, StopCheck, VideoPlanner
from adapt_core.types import PlanRequest, VideoPlan


@dataclass(eq=False)
class Job:
    """One request from its arrival to its end, which `done` is told exactly once: a plan or what went wrong."""

    request: PlanRequest
    progress: StepProgress
    cancelled: StopCheck
    done: Callable[[VideoPlan | Exception], None]
    ended: bool = field(default=False, init=False)

    def end(self, outcome: VideoPlan | Exception) -> None:
        """Tell `done`; only the first time counts."""
        if not self.ended:
            self.ended = True
            self.done(outcome)

    def drop_if_cancelled(self) -> bool:
        """End a cancelled job; whether it has ended."""
        if not self.ended and self.cancelled():
            self.end(CancelledByUserError("imagining was cancelled"))
        return self.ended


class Batcher:
    """The queue before a planner. `add` may be called from any thread, `run_next` from the planner's only."""

    def __init__(self, planner: VideoPlanner, max_batch: int, gather_s: float) -> None:
        self._planner = planner
        self._max_batch = max_batch
        self._gather_s = gather_s
        self._lock = threading.Lock()
        self._waiting: list[Job] = []

    def add(self, job: Job) -> None:
        """Queue `job`; call `run_next` once for it in the planner's thread."""
        with self._lock:
            self._waiting.append(job)

    def run_next(self, should_stop: StopCheck) -> None:
        """Sample what waits, together, up to `max_batch`; nothing when an earlier call took it all.

        Images of another size than the first one's wait for the next batch.
        """
        if self._waiting:
            time.sleep(self._gather_s)  # goals sent together arrive one after another
        batch = self._take()
        if not batch:
            return
        try:
            plans = self._planner.plan(
                [job.request for job in batch],
                lambda step, steps: self._report(batch, step, steps),
                lambda: should_stop() or _all_dropped(batch),
            )
        except Exception as error:
            for job in batch:
                job.end(error)
        else:
            for job, plan in zip(batch, plans, strict=True):
                job.end(plan)

    def _take(self) -> list[Job]:
        with self._lock:
            waiting = [job for job in self._waiting if not job.drop_if_cancelled()]
            fitting = [job for job in waiting if job.request.image.shape == waiting[0].request.image.shape]
            batch = fitting[: self._max_batch]
            self._waiting = [job for job in waiting if job not in batch]
        return batch

    def _report(self, batch: list[Job], step: int, steps: int) -> None:
        with self._lock:
            self._waiting = [job for job in self._waiting if not job.drop_if_cancelled()]
        for job in batch:
            if not job.drop_if_cancelled():
                job.progress(step, steps)


def _all_dropped(batch: list[Job]) -> bool:
    """End the cancelled ones; whether none is left."""
    return sum(not job.drop_if_cancelled() for job in batch) == 0
