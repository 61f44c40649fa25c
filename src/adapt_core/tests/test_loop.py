"""The episode runner, the loop and the evaluator, over small objects that behave like the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import AdaptError, CancelledByUserError, ConfigError, MotionStoppedError, StoreError
from adapt_core.labelers import SIMULATOR, SimulatorLabeler, StoreLabeler
from adapt_core.ports import LossProgress, StepProgress, StopCheck, never
from adapt_core.robots import load_robot
from adapt_core.running_episode import actions_to_execute
from adapt_core.sail import SailLoop
from adapt_core.sail_request import Phase, SailProgress, SailRequest
from adapt_core.settings import FinetuneSettings, Rollback, load_settings
from adapt_core.types import (
    ActionChunk,
    ActionSpace,
    ControlLoop,
    EpisodeRequest,
    ExperienceFilter,
    FinetuneRequest,
    LabelValue,
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


@dataclass
class LineWorld:
    """A point on a line, solved once it stands at `goal` or beyond; `fault` is raised at the given control step."""

    goal: float = 6.0
    fault: tuple[int, Callable[[list[Observation]], Exception]] | None = None
    position: float = 0.0
    step: int = 0
    spec: WorldSpec = SPEC
    seeds: list[int] = field(default_factory=list)

    def reset(self, task_id: str, seed: int) -> Observation:
        self.position, self.step = 0.0, 0
        self.seeds.append(seed)
        return self._observe()

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        observations: list[Observation] = []
        for action in chunk.actions:
            if should_stop():
                break
            if self.fault is not None and self.fault[0] == self.step:
                error, self.fault = self.fault[1](observations), None
                raise error
            self.position += float(action[0])
            self.step += 1
            observations.append(self._observe())
        return observations

    def close(self) -> None: ...

    def _observe(self) -> Observation:
        image = np.full((8, 8, 3), min(255, int(10 * self.position)), np.uint8)
        return Observation(image, None, 0.1 * self.step, self.step, self.position >= self.goal)


@dataclass
class Planner:
    """Imagines grey frames; remembers what it was asked and which weights it was given."""

    weights_version: str = "base"
    requests: list[PlanRequest] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        self.requests += requests
        frames = np.zeros((8, 8, 8, 3), np.uint8)
        return [VideoPlan(frames, r.in_domain_prompt, r.prior_prompt, r.seed, self.weights_version) for r in requests]

    def load_weights(self, version: str) -> None:
        self.weights_version = version
        self.loaded.append(version)


class UnitSteps:
    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        return ActionChunk(ActionSpace.RAW, np.ones((8, 1)), 1, "world", observation.stamp_s)


@dataclass
class RecordingTrainer:
    """Finetunes nothing; finished versions are not repeated."""

    asked: list[FinetuneRequest] = field(default_factory=list)

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        if progress is not None:
            progress(request.steps, request.steps, 0.5)
        if request.new_version not in {asked.new_version for asked in self.asked}:
            self.asked.append(request)
        return request.new_version


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(tmp_path / "run" / "episodes")


def runner_of(world: LineWorld, store: EpisodeStore, planner: Planner | None = None) -> PlanningEpisodeRunner:
    robot = load_robot("dmc")
    return PlanningEpisodeRunner(world, planner or Planner(), UnitSteps(), store, robot, "ipa", "idm", "code")


def episode(seed: int = 3, max_steps: int = 20, control_loop: ControlLoop = ControlLoop.SEMI_OPEN) -> EpisodeRequest:
    return EpisodeRequest(TASK, seed, "run", 0, 0, max_steps, control_loop)


def test_a_control_loop_executes_its_share_of_a_plan() -> None:
    assert [actions_to_execute(loop, 8) for loop in ControlLoop] == [8, 6, 4, 1]
    assert [actions_to_execute(loop, 1) for loop in ControlLoop] == [1, 1, 1, 1]


def test_episode_ends_when_solved_and_is_stored_whole(store: EpisodeStore) -> None:
    planner = Planner()
    result = runner_of(LineWorld(goal=6), store, planner).run(episode())
    assert (result.outcome, result.success, result.steps) == (Outcome.COMPLETED, True, 8)
    assert len(planner.requests) == 2
    assert planner.requests[0].seed != planner.requests[1].seed
    meta = store.meta(result.episode_id)
    assert (meta.task_id, meta.weights_version, meta.success, meta.steps) == ("drawer-close", "base", True, 8)
    assert store.read_frames(result.episode_id, 0, 9)[:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80]
    steps = store.read_steps(result.episode_id)
    assert np.asarray(steps.actions).tolist() == [[1.0]] * 8
    assert store.read_plan(result.episode_id, 1).frames.shape == (8, 8, 8, 3)


def test_episode_ends_when_its_steps_are_used_up(store: EpisodeStore) -> None:
    result = runner_of(LineWorld(goal=99), store).run(episode(max_steps=6))
    assert (result.outcome, result.success, result.steps) == (Outcome.COMPLETED, False, 6)


def test_stopped_motion_aborts_the_episode_and_keeps_its_frames(store: EpisodeStore) -> None:
    world = LineWorld(goal=99, fault=(6, lambda seen: MotionStoppedError("stopped", "stop was pressed", seen)))
    result = runner_of(world, store).run(episode())
    assert (result.outcome, result.reason, result.steps) == (Outcome.ABORTED, "stop was pressed", 6)
    assert len(store.read_frames(result.episode_id, 0, 7)) == 7
    assert store.meta(result.episode_id).reason == "stop was pressed"


def test_cancelled_episode_is_aborted_within_the_chunk(store: EpisodeStore) -> None:
    world = LineWorld(goal=99)
    result = runner_of(world, store).run(episode(), should_stop=lambda: world.step >= 3)
    assert (result.outcome, result.steps) == (Outcome.ABORTED, 3)


def test_unexpected_error_still_leaves_an_aborted_episode(store: EpisodeStore) -> None:
    world = LineWorld(goal=99, fault=(5, lambda seen: ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        runner_of(world, store).run(episode())
    [meta] = EpisodeStore(store.root).episodes()
    assert (meta.outcome, meta.steps) == (Outcome.ABORTED, 4)


def sail_request(
    filter_: ExperienceFilter = ExperienceFilter.SUCCESS, iterations: int = 2, **changes: object
) -> SailRequest:
    settings = replace(load_settings(), iterations=iterations, episodes=3, filter=filter_)
    request = SailRequest(TASK, "run", "base", settings, (), 10, ControlLoop.SEMI_OPEN)
    return replace(request, **changes)  # type: ignore[arg-type]


def loop_of(world: LineWorld, store: EpisodeStore, planner: Planner, trainer: RecordingTrainer) -> SailLoop:
    return SailLoop(runner_of(world, store, planner), planner, trainer, SimulatorLabeler(store), store)


def test_loop_finetunes_on_all_successes_so_far_and_serves_the_new_weights(store: EpisodeStore) -> None:
    world, planner, trainer = LineWorld(), Planner(), RecordingTrainer()
    initial = (TrainingEpisode("demos", "one", "door close"),)
    seen: list[SailProgress] = []
    results = loop_of(world, store, planner, trainer).run(sail_request(initial_data=initial), seen.append)
    found = [(r.index, r.episodes, r.successes, r.weights_version) for r in results]
    assert found == [(0, 3, 3, "base"), (1, 3, 3, "run-001")]
    assert planner.loaded == ["run-001", "run-002"]
    asked = [(a.base_version, a.new_version, len(a.episodes)) for a in trainer.asked]
    assert asked == [("base", "run-001", 4), ("run-001", "run-002", 7)]
    assert trainer.asked[1].episodes[0] == initial[0]
    assert [e.experience for e in trainer.asked[0].episodes] == [False, True, True, True]
    assert {e.prompt for e in trainer.asked[1].episodes[1:]} == {"drawer close"}
    assert len(set(world.seeds)) == 6
    assert {p.phase for p in seen} == set(Phase)
    assert {meta.weights_version for meta in store.episodes(iteration=1)} == {"run-001"}


@pytest.mark.parametrize(
    ("filter_", "prompts"),
    [
        (ExperienceFilter.SUCCESS, None),
        (ExperienceFilter.NONE, "drawer close"),
        (ExperienceFilter.RELABEL, "not drawer close"),
    ],
)
def test_filters_decide_what_failures_teach(
    store: EpisodeStore, filter_: ExperienceFilter, prompts: str | None
) -> None:
    planner, trainer = Planner(), RecordingTrainer()
    results = loop_of(LineWorld(goal=99), store, planner, trainer).run(sail_request(filter_, iterations=1))
    assert results[0].successes == 0
    if prompts is None:
        assert trainer.asked == []  # nothing to learn from: the weights serve on
        assert planner.loaded == []
    else:
        assert [e.prompt for e in trainer.asked[0].episodes] == [prompts] * 3


def test_the_last_iteration_may_be_counted_only_and_learned_from_when_more_follow(store: EpisodeStore) -> None:
    planner, trainer = Planner(), RecordingTrainer()
    loop = loop_of(LineWorld(), store, planner, trainer)
    counted = loop.run(with_settings(sail_request(), finetune_last=False))
    assert [(r.index, r.successes) for r in counted] == [(0, 3), (1, 3)]
    assert planner.loaded == ["run-001"]
    loop.run(with_settings(sail_request(iterations=3), finetune_last=False))
    assert [a.new_version for a in trainer.asked] == ["run-001", "run-002"]


def test_interrupted_run_continues_where_it_was(store: EpisodeStore) -> None:
    trainer = RecordingTrainer()
    world = LineWorld()
    with pytest.raises(CancelledByUserError):
        loop_of(world, store, Planner(), trainer).run(sail_request(), should_stop=lambda: len(world.seeds) > 4)
    assert len(trainer.asked) == 1
    again = LineWorld()
    results = loop_of(again, EpisodeStore(store.root), Planner(), trainer).run(sail_request())
    assert [r.episodes for r in results] == [3, 3]
    assert len(again.seeds) == 2  # one of the second iteration was whole, one was aborted
    assert again.seeds[0] == world.seeds[4]
    assert [a.new_version for a in trainer.asked] == ["run-001", "run-002"]


def test_episode_that_aborts_is_tried_again_and_then_reported(store: EpisodeStore) -> None:
    once = LineWorld(fault=(2, lambda seen: MotionStoppedError("peer_lost", "the planner died", seen)))
    results = loop_of(once, store, Planner(), RecordingTrainer()).run(sail_request(iterations=1))
    assert results[0].episodes == 3
    assert len(store.episodes(outcome=Outcome.ABORTED)) == 1

    class AlwaysStopped(LineWorld):
        def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
            raise MotionStoppedError("stopped", "stop was pressed")

    request = sail_request(iterations=1, run_id="other")
    with pytest.raises(AdaptError, match=r"aborted 3 times.*stop was pressed"):
        loop_of(AlwaysStopped(), store, Planner(), RecordingTrainer()).run(request)


def test_person_labels_and_unsure_is_not_learned_from(store: EpisodeStore) -> None:
    result = runner_of(LineWorld(), store).run(episode())
    with pytest.raises(CancelledByUserError):
        StoreLabeler(store, poll_s=0.01).wait_for_label(result.episode_id, should_stop=lambda: True)
    store.label(result.episode_id, LabelValue.UNSURE, operator="ada")
    assert StoreLabeler(store).wait_for_label(result.episode_id) is LabelValue.UNSURE
    assert SimulatorLabeler(store).wait_for_label(result.episode_id) is LabelValue.UNSURE  # a person's word stands


def test_simulator_labels_by_its_truth(store: EpisodeStore) -> None:
    result = runner_of(LineWorld(goal=99), store).run(episode())
    assert SimulatorLabeler(store).wait_for_label(result.episode_id) is LabelValue.FAILURE
    assert store.labels()[result.episode_id].operator == SIMULATOR


def test_world_without_truth_needs_a_person(store: EpisodeStore) -> None:
    class Silent(LineWorld):
        def _observe(self) -> Observation:
            return replace(super()._observe(), success=None)

    result = runner_of(Silent(), store).run(episode(max_steps=4))
    assert result.success is None
    with pytest.raises(StoreError, match="by hand"):
        SimulatorLabeler(store).wait_for_label(result.episode_id)


@dataclass
class Actor(UnitSteps):
    """Inverse dynamics that learns nothing, and remembers what it was asked."""

    weights_version: str = "hands"
    loaded: list[str] = field(default_factory=list)
    trainer: RecordingTrainer = field(default_factory=RecordingTrainer)

    def load_weights(self, version: str) -> None:
        self.weights_version = version
        self.loaded.append(version)

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        return self.trainer.finetune(request, progress, should_stop)


HANDS = FinetuneSettings(steps=7, batch_size=3, learning_rate=1e-4, seed=5)


def learning_hands(store: EpisodeStore, world: LineWorld, planner: Planner, actor: Actor) -> SailLoop:
    runner = PlanningEpisodeRunner(world, planner, actor, store, load_robot("dmc"), "ipa", "unused", "code")
    return SailLoop(runner, planner, RecordingTrainer(), SimulatorLabeler(store), store, actor)


def with_settings(request: SailRequest, **changes: object) -> SailRequest:
    return replace(request, settings=replace(request.settings, **changes))  # type: ignore[arg-type]


def test_inverse_dynamics_learns_from_the_same_data_where_asked(store: EpisodeStore) -> None:
    actor = Actor()
    request = with_settings(sail_request(), finetune_inverse_dynamics=HANDS)
    loop = learning_hands(store, LineWorld(), Planner(), actor)
    results = loop.run(request)
    asked = [(a.base_version, a.new_version, a.steps, a.seed, len(a.episodes)) for a in actor.trainer.asked]
    assert asked == [
        ("hands", "run-001-inverse-dynamics", 7, 5, 3),
        ("run-001-inverse-dynamics", "run-002-inverse-dynamics", 7, 6, 6),
    ]
    assert [r.served.inverse_dynamics for r in results] == ["hands", "run-001-inverse-dynamics"]
    assert actor.loaded == ["run-001-inverse-dynamics", "run-002-inverse-dynamics"]
    acted = {meta.inverse_dynamics_version for meta in store.episodes(iteration=1)}
    assert acted == {"run-001-inverse-dynamics"}
    again = Actor(weights_version="others")  # resumed by a process that serves something else
    assert learning_hands(store, LineWorld(), Planner(), again).run(request) == results
    assert [a.base_version for a in again.trainer.asked] == ["hands", "run-001-inverse-dynamics"]


def test_inverse_dynamics_that_cannot_learn_is_refused(store: EpisodeStore) -> None:
    request = with_settings(sail_request(), finetune_inverse_dynamics=HANDS)
    with pytest.raises(ConfigError, match="--in-process"):
        loop_of(LineWorld(), store, Planner(), RecordingTrainer()).run(request)


@dataclass
class WorseAfter(LineWorld):
    """A world that is solved while the planner serves one of `good` versions."""

    planner: Planner = field(default_factory=Planner)
    good: tuple[str, ...] = ("base",)

    def _observe(self) -> Observation:
        return replace(
            super()._observe(), success=self.planner.weights_version in self.good and self.position >= self.goal
        )


def rolling_back(iterations: int, filter_: ExperienceFilter = ExperienceFilter.NONE, episodes: int = 4) -> SailRequest:
    request = sail_request(filter_, iterations)
    return with_settings(request, rollback=Rollback.SIGNIFICANT, episodes=episodes)


def test_a_significantly_worse_iteration_is_undone(store: EpisodeStore) -> None:
    planner, trainer = Planner(), RecordingTrainer()
    loop = loop_of(WorseAfter(planner=planner, good=("base", "run-001")), store, planner, trainer)
    results = loop.run(rolling_back(4))
    assert [(r.successes, r.weights_version) for r in results] == [
        (4, "base"),
        (4, "run-001"),
        (0, "run-002"),  # 0 of 4 against 4 of 4: p = 1/70
        (0, "run-003"),
    ]
    bases = [(a.base_version, a.new_version) for a in trainer.asked]
    assert bases == [("base", "run-001"), ("run-001", "run-002"), ("run-001", "run-003"), ("run-001", "run-004")]
    assert planner.loaded == ["run-001", "run-002", "run-001", "run-003", "run-001", "run-004"]
    assert len(trainer.asked[3].episodes) == 16  # what failed is still learned from


def test_what_may_be_chance_is_not_undone(store: EpisodeStore) -> None:
    planner, trainer = Planner(), RecordingTrainer()
    loop = loop_of(WorseAfter(planner=planner), store, planner, trainer)
    loop.run(rolling_back(2, episodes=2))  # 0 of 2 against 2 of 2: p = 1/6
    assert [a.base_version for a in trainer.asked] == ["base", "run-001"]


def test_nothing_is_undone_by_default(store: EpisodeStore) -> None:
    planner, trainer = Planner(), RecordingTrainer()
    loop = loop_of(WorseAfter(planner=planner), store, planner, trainer)
    loop.run(with_settings(sail_request(ExperienceFilter.NONE), episodes=4))
    assert [a.base_version for a in trainer.asked] == ["base", "run-001"]


@pytest.mark.parametrize("killed_after", range(1, 12, 2))
def test_a_run_that_went_back_and_is_resumed_goes_on_alike(store: EpisodeStore, killed_after: int) -> None:
    """Whether it was killed before, while or after it went back: what it asks for is read off the store."""
    whole = RecordingTrainer()
    planner = Planner()
    loop_of(WorseAfter(planner=planner), EpisodeStore(store.root.parent / "whole"), planner, whole).run(rolling_back(3))
    world = WorseAfter(planner=Planner())
    trainer = RecordingTrainer()
    with pytest.raises(CancelledByUserError):
        loop_of(world, store, world.planner, trainer).run(
            rolling_back(3), should_stop=lambda: len(world.seeds) > killed_after
        )
    again = WorseAfter(planner=Planner())  # another process: the first weights serve
    loop_of(again, EpisodeStore(store.root), again.planner, trainer).run(rolling_back(3))
    expected = [(a.base_version, a.new_version, len(a.episodes)) for a in whole.asked]
    assert [(a.base_version, a.new_version, len(a.episodes)) for a in trainer.asked] == expected
    assert again.planner.weights_version == "run-003"


def test_labels_count_whatever_is_learned_from(store: EpisodeStore) -> None:
    results = loop_of(LineWorld(), store, Planner(), RecordingTrainer()).run(sail_request(ExperienceFilter.NONE))
    assert [(r.successes, r.judged) for r in results] == [(3, 3), (3, 3)]
    assert len(store.labels()) == 6


def test_labels_of_a_person_that_are_late_count_too(store: EpisodeStore) -> None:
    """Nobody waits for them where nothing is filtered, but those that came while it learned are in the result."""
    planner = Planner()

    class Labelling(RecordingTrainer):
        def finetune(
            self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
        ) -> str:
            [first, second, _] = request.episodes
            store.label(first.episode_id, LabelValue.SUCCESS, operator="ada")
            store.label(second.episode_id, LabelValue.UNSURE, operator="ada")
            return super().finetune(request, progress, should_stop)

    loop = SailLoop(runner_of(LineWorld(), store, planner), planner, Labelling(), StoreLabeler(store), store)
    [result] = loop.run(sail_request(ExperienceFilter.NONE, iterations=1))
    assert (result.episodes, result.judged, result.successes) == (3, 1, 1)
