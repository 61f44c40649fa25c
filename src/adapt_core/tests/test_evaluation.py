"""Episodes in lockstep, counted; over a small world whose episodes end after different times."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import (
    AdaptError,
    CancelledByUserError,
    MotionStoppedError,
    PeerLostError,
    PlanRejectedError,
    StoreError,
)
from adapt_core.evaluation import Evaluation, Trials, evaluate
from adapt_core.labelers import SimulatorLabeler
from adapt_core.lockstep import LockstepEpisodeRunner
from adapt_core.ports import EpisodeBatchRunner, StepProgress, StopCheck, never
from adapt_core.recorded_planner import RecordedFrames
from adapt_core.robots import load_robot
from adapt_core.rollouts import scene_seed
from adapt_core.sail import SailLoop
from adapt_core.sail_request import Phase, SailProgress, SailRequest
from adapt_core.settings import load_settings
from adapt_core.types import (
    ActionChunk,
    ActionSpace,
    ControlLoop,
    EpisodeRequest,
    FinetuneRequest,
    Observation,
    Outcome,
    PlanRequest,
    Task,
    TrainingEpisode,
    VideoPlan,
    WorldSpec,
)

TASK = Task("drawer-close", "metaworld", "drawer close", "a robot arm closing a drawer", novel=True)
SPEC = WorldSpec("line", (8, 8), (ActionSpace.RAW,), np.array([-1.0]), np.array([1.0]), 0.1, "world")
Fault = Callable[[list[Observation]], Exception]


@dataclass
class DriftingWorld:
    """A point is pushed to the right, scene by scene differently; solved at 6. In scene `faulty` it ends with `fault`."""

    fault: Fault | None = None
    faulty: int = -1
    knows: bool = True
    seed: int = 0
    position: float = 0.0
    step: int = 0
    spec: WorldSpec = SPEC

    def reset(self, task_id: str, seed: int) -> Observation:
        self.seed, self.position, self.step = seed, (seed * 7 % 5) / 2, 0
        return self._observe()

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        observations: list[Observation] = []
        for action in chunk.actions:
            if should_stop():
                break
            if self.fault is not None and self.seed == self.faulty and self.step == 2:
                raise self.fault(observations)
            self.position += float(action[0])
            self.step += 1
            observations.append(self._observe())
        return observations

    def close(self) -> None: ...

    def _observe(self) -> Observation:
        image = np.full((8, 8, 3), int(10 * self.position), np.uint8)
        return Observation(image, None, 0.1 * self.step, self.step, self.position >= 6 if self.knows else None)


@dataclass
class NoisyPlanner:
    """Imagines frames whose brightness is drawn by the request's seed; remembers how many it was asked at once."""

    weights_version: str = "base"
    batches: list[int] = field(default_factory=list)

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        self.batches.append(len(requests))
        return [self._plan(request) for request in requests]

    def load_weights(self, version: str) -> None:
        self.weights_version = version

    def _plan(self, request: PlanRequest) -> VideoPlan:
        frames = np.random.default_rng(request.seed).integers(0, 100, (8, 8, 8, 3), np.uint8)
        return VideoPlan(frames, request.in_domain_prompt, request.prior_prompt, request.seed, self.weights_version)


class Brightness:
    """Moves as far as the imagined frame is bright."""

    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        return ActionChunk(ActionSpace.RAW, plan.frames[:, 0, 0, :1] / 100, 1, "world", observation.stamp_s)


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(tmp_path / "run" / "episodes")


def runner_of(store: EpisodeStore, world: DriftingWorld, planner: NoisyPlanner | None = None) -> PlanningEpisodeRunner:
    planner = planner or NoisyPlanner()
    return PlanningEpisodeRunner(world, planner, Brightness(), store, load_robot("dmc"), "ipa", "idm", "code")


def lockstep(
    store: EpisodeStore, worlds: int, planner: NoisyPlanner | None = None, **world: object
) -> LockstepEpisodeRunner:
    first = runner_of(store, DriftingWorld(**world), planner)  # type: ignore[arg-type]
    more = [replace(first, world=DriftingWorld(**world)) for _ in range(worlds - 1)]  # type: ignore[arg-type]
    return LockstepEpisodeRunner([first, *more])


def evaluation(seeds: range, max_steps: int = 12) -> Evaluation:
    return Evaluation(TASK, seeds, "evaluate-ipa-base", max_steps, ControlLoop.SEMI_OPEN)


def test_lockstep_equals_one_after_another(store: EpisodeStore, tmp_path: Path) -> None:
    """Same seeds: the same frames, plans and successes, whatever the number of worlds."""
    other, planner = EpisodeStore(tmp_path / "other"), NoisyPlanner()
    one = runner_of(other, DriftingWorld())
    asked = evaluation(range(11))
    alone = [one.run(asked.request(seed)) for seed in asked.seeds]
    trials = evaluate(lockstep(store, 4, planner), store, asked)
    assert trials.by_seed == {seed: result.success for seed, result in zip(asked.seeds, alone, strict=True)}
    assert 0 < trials.successes < 11
    assert max(planner.batches) == 4, "plans are imagined together"
    assert sum(planner.batches) == sum(other.meta(result.episode_id).plans for result in alone)
    together = {meta.seed: meta for meta in store.episodes()}
    for seed, result in zip(asked.seeds, alone, strict=True):
        frames = store.read_frames(together[seed].episode_id)
        assert np.array_equal(frames, other.read_frames(result.episode_id))
        last = together[seed].plans - 1
        plans = store.read_plan(together[seed].episode_id, last), other.read_plan(result.episode_id, last)
        assert np.array_equal(plans[0].frames, plans[1].frames)


def test_worlds_are_kept_busy(store: EpisodeStore) -> None:
    """Whose episode is over takes the next one at once: full batches but for the end."""
    planner = NoisyPlanner()
    evaluate(lockstep(store, 3, planner), store, evaluation(range(9)))
    ends = planner.batches.index(min(planner.batches))
    assert set(planner.batches[:ends]) == {3}


def test_evaluation_goes_on_where_it_was(store: EpisodeStore) -> None:
    asked, checks = evaluation(range(5, 15)), count()
    with pytest.raises(CancelledByUserError):
        evaluate(lockstep(store, 3), store, asked, should_stop=lambda: next(checks) > 60)
    kept = {meta.seed for meta in store.episodes(outcome=Outcome.COMPLETED)}
    assert 0 < len(kept) < 10
    assert store.episodes(outcome=Outcome.ABORTED), "what ran is kept as aborted"
    again = NoisyPlanner()
    trials = evaluate(lockstep(EpisodeStore(store.root), 2, again), store, asked)
    assert set(trials.by_seed) == set(asked.seeds)
    assert evaluate(lockstep(store, 2, again), store, asked) == trials
    completed = [meta.seed for meta in store.episodes(outcome=Outcome.COMPLETED)]
    assert sorted(completed) == list(asked.seeds), "what was done is not done again"


@pytest.mark.parametrize("worlds", [1, 3])
def test_a_plan_that_is_refused_as_bad_is_a_failure(store: EpisodeStore, worlds: int) -> None:
    runner = lockstep(store, worlds, faulty=3, fault=lambda _: PlanRejectedError("out_of_reach", "pose 2 is too far"))
    trials = evaluate(runner, store, evaluation(range(6)))
    assert trials.episodes == 6
    assert trials.by_seed[3] is False
    [refused] = [meta for meta in store.episodes() if meta.seed == 3]
    assert (refused.outcome, refused.success, refused.reason) == (Outcome.COMPLETED, False, "pose 2 is too far")


def test_a_contact_reflex_is_a_failure_whose_frames_are_kept(store: EpisodeStore) -> None:
    runner = lockstep(store, 2, faulty=1, fault=lambda seen: MotionStoppedError("reflex", "the arm met a cup", seen))
    assert evaluate(runner, store, evaluation(range(3))).by_seed[1] is False
    [met] = [meta for meta in store.episodes() if meta.seed == 1]
    assert (met.steps, met.reason) == (2, "the arm met a cup")


@pytest.mark.parametrize("error", [PlanRejectedError("stale_plan", "old"), PeerLostError("the world died")])
def test_what_is_nobodys_failure_ends_the_evaluation(store: EpisodeStore, error: AdaptError) -> None:
    runner = lockstep(store, 2, faulty=1, fault=lambda _: error)
    with pytest.raises(type(error), match=str(error)):
        evaluate(runner, store, evaluation(range(4)))
    assert {meta.seed for meta in store.episodes(outcome=Outcome.ABORTED)} >= {1}


def test_a_world_that_cannot_tell_needs_a_person(store: EpisodeStore) -> None:
    with pytest.raises(AdaptError, match="cannot tell"):
        evaluate(lockstep(store, 1, knows=False), store, evaluation(range(1)))


def test_trials_are_paired_by_seed() -> None:
    mine, theirs = Trials({1: True, 2: True, 3: False, 9: True}), Trials({1: True, 2: False, 3: True, 4: True})
    assert mine.against(theirs) == (1, 1)
    assert (mine.successes, mine.episodes) == (3, 4)
    assert mine.interval.low < 0.75 < mine.interval.high


class NoTrainer:
    """Remembers on which episodes it was to finetune."""

    def __init__(self) -> None:
        self.asked: list[FinetuneRequest] = []

    def finetune(self, request: FinetuneRequest, progress: object = None, should_stop: StopCheck = never) -> str:
        self.asked.append(request)
        return request.new_version


@pytest.mark.parametrize("initial_data_only", [False, True])
def test_the_loop_rolls_out_in_lockstep_and_has_a_control(store: EpisodeStore, initial_data_only: bool) -> None:
    """The control takes the same finetuning steps in the same scenes, and learns from no rollout."""
    planner, trainer = NoisyPlanner(), NoTrainer()
    settings = replace(load_settings(), iterations=2, episodes=5, initial_data_only=initial_data_only)
    initial = (TrainingEpisode("demos", "one", "door close"),)
    request = SailRequest(TASK, "run", "base", settings, initial, 12, ControlLoop.SEMI_OPEN, seed=1)
    loop = SailLoop(lockstep(store, 3, planner), planner, trainer, SimulatorLabeler(store), store)
    seen: list[SailProgress] = []
    results = loop.run(request, seen.append)
    assert [result.episodes for result in results] == [5, 5]
    assert max(planner.batches) == 3
    assert {progress.steps for progress in seen if progress.phase is Phase.ROLLOUT} >= {12, 36}, "frames of all worlds"
    assert max(progress.episode for progress in seen) == 5
    seeds = {meta.seed for meta in store.episodes(iteration=1)}
    assert seeds == {scene_seed(1, 1, index) for index in range(5)}
    learned = [len(asked.episodes) for asked in trainer.asked]
    successes = [result.successes for result in results]
    assert sum(successes) > 0
    assert learned == ([1, 1] if initial_data_only else [1 + successes[0], 1 + sum(successes)])
    assert {asked.steps for asked in trainer.asked} == {settings.finetune.steps}


def test_recorded_frames_are_shown_by_the_clock(store: EpisodeStore) -> None:
    one = runner_of(store, DriftingWorld())
    result = one.run(EpisodeRequest(TASK, 4, "demos", 0, 0, 12, ControlLoop.OPEN))
    frames = store.read_frames(result.episode_id)
    planner = RecordedFrames(store, TASK.id, 8, ControlLoop.SEMI_OPEN)
    asked = PlanRequest(frames[0], "drawer close", "closing", seed=4 * (1 << 16) + 1)
    [plan] = planner.plan([asked])
    expected = [frames[min(5 + ahead, len(frames) - 1)] for ahead in range(8)]
    assert np.array_equal(plan.frames, expected)
    with pytest.raises(StoreError, match="no demonstration of the scene 5"):
        planner.plan([replace(asked, seed=5 * (1 << 16))])


def test_protocols_and_errors_travel() -> None:
    assert isinstance(LockstepEpisodeRunner([]), EpisodeBatchRunner)
    refused = pickle.loads(pickle.dumps(PlanRejectedError("keep_out", "the table")))
    assert (refused.code, str(refused)) == ("keep_out", "the table")
    stopped = pickle.loads(pickle.dumps(MotionStoppedError("reflex", "a cup", [DriftingWorld().reset("", 0)])))
    assert (stopped.code, str(stopped), len(stopped.observations)) == ("reflex", "a cup", 1)
