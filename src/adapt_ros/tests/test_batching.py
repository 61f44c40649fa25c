"""Requests that wait are sampled together, cancelled ones are dropped. No ROS in here."""

from __future__ import annotations

import threading

import numpy as np
from adapt_core.errors import CancelledByUserError, WeightsError
from adapt_core.ports import never
from adapt_core.types import PlanRequest, VideoPlan
from adapt_ros.batching import Batcher, Job
from adapt_ros.fakes.models import FakePlanner


class Asked:
    """One request and what came of it."""

    def __init__(self, seed: int, size: int = 4) -> None:
        self.outcomes: list[VideoPlan | Exception] = []
        self.steps: list[int] = []
        self.cancelled = threading.Event()
        request = PlanRequest(np.zeros((size, size, 3), np.uint8), "own", "prior", seed)
        self.job = Job(request, self._step, self.cancelled.is_set, self.outcomes.append)

    def _step(self, step: int, _steps: int) -> None:
        self.steps.append(step)


def run(planner: FakePlanner, *asked: Asked, max_batch: int = 8) -> None:
    batcher = Batcher(planner, max_batch, 0.0)
    for one in asked:
        batcher.add(one.job)
    for _ in asked:
        batcher.run_next(never)


def test_what_waits_is_sampled_together_and_each_gets_its_own() -> None:
    planner, asked = FakePlanner(), [Asked(seed) for seed in range(5)]
    run(planner, *asked, max_batch=3)
    assert planner.batches == [3, 2]
    assert [[plan.seed for plan in one.outcomes if isinstance(plan, VideoPlan)] for one in asked] == [
        [i] for i in range(5)
    ]
    assert all(one.steps == [1, 2, 3, 4] for one in asked)


def test_images_of_another_size_wait_for_a_batch_of_their_own() -> None:
    planner, asked = FakePlanner(), [Asked(0), Asked(1, size=8), Asked(2)]
    run(planner, *asked)
    assert planner.batches == [2, 1]
    assert all(isinstance(one.outcomes[0], VideoPlan) for one in asked)


def test_a_cancelled_one_is_dropped_at_the_next_step_and_the_others_go_on() -> None:
    cancelled, other = Asked(0), Asked(1)

    class Planner(FakePlanner):
        def plan(self, requests, progress=None, should_stop=never):  # type: ignore[no-untyped-def]
            def watched(step: int, steps: int) -> None:
                if step == 2:
                    cancelled.cancelled.set()
                progress(step, steps)

            return super().plan(requests, watched, should_stop)

    run(Planner(), cancelled, other)
    assert cancelled.steps == [1]
    assert [type(outcome) for outcome in cancelled.outcomes] == [CancelledByUserError]
    assert other.steps == [1, 2, 3, 4]
    assert isinstance(other.outcomes[0], VideoPlan)


def test_when_all_are_cancelled_sampling_stops() -> None:
    asked = [Asked(0), Asked(1)]
    for one in asked:
        one.cancelled.set()
    planner = FakePlanner()
    run(planner, *asked)
    assert planner.batches == []
    assert [type(one.outcomes[0]) for one in asked] == [CancelledByUserError] * 2


def test_an_error_reaches_everybody_once() -> None:
    class Broken(FakePlanner):
        def plan(self, requests, progress=None, should_stop=never):  # type: ignore[no-untyped-def]
            raise WeightsError("broken")

    asked = [Asked(0), Asked(1)]
    run(Broken(), *asked)
    assert [[str(outcome) for outcome in one.outcomes] for one in asked] == [["broken"], ["broken"]]
