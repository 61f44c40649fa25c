"""One episode: imagine, infer, execute, record, until the task is solved or the steps are used up."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.episode_store import EpisodeHeader, EpisodeStore, EpisodeWriter
from adapt_core.errors import AdaptError, CancelledByUserError, MotionStoppedError, StoreError
from adapt_core.ports import (
    ImprovableInverseDynamics,
    InverseDynamics,
    StepProgress,
    StopCheck,
    VideoPlanner,
    World,
    never,
)
from adapt_core.robots import Robot
from adapt_core.types import (
    ActionChunk,
    ControlLoop,
    EpisodeRequest,
    EpisodeResult,
    Observation,
    Outcome,
    PlanRequest,
)

PLANS_PER_EPISODE = 1 << 16  # seeds of an episode's plans start at its own seed times this


def actions_to_execute(control_loop: ControlLoop, imagined: int) -> int:
    """How many of `imagined` actions are executed before the next plan: all, half or one (SAIL, section 4)."""
    match control_loop:
        case ControlLoop.OPEN:
            return imagined
        case ControlLoop.SEMI_OPEN:
            return max(1, imagined // 2)
        case ControlLoop.CLOSED:
            return 1


@dataclass(frozen=True)
class PlanningEpisodeRunner:
    """Visual planning rollouts (SAIL, algorithm 1, line 8), stored as they happen.

    An error of the robot, the planner or the operator's stop ends the episode as aborted with the error's message as
    its reason, every frame until then kept. Errors of the store itself, and of a reset that fails, are raised.
    """

    world: World
    planner: VideoPlanner
    inverse_dynamics: InverseDynamics
    store: EpisodeStore
    robot: Robot
    method: str
    inverse_dynamics_version: str
    code_version: str

    def run(
        self, request: EpisodeRequest, progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> EpisodeResult:
        """Reset the world to the request's scene, roll out, store. See ports.EpisodeRunner."""
        observation = self.world.reset(request.task.id, request.seed)
        with self.store.begin(self._header(request, observation)) as writer:
            writer.add_observation(observation, action=None, plan=None)
            rollout = _Rollout(self, request, writer, observation, progress, should_stop)
            try:
                rollout.run()
                outcome, reason = Outcome.COMPLETED, ""
            except StoreError:
                raise
            except AdaptError as error:
                outcome, reason = Outcome.ABORTED, str(error)
            writer.finish(outcome, reason=reason, success=rollout.success)
        return EpisodeResult(writer.episode_id, outcome, rollout.steps, rollout.success, reason)

    @property
    def _acting_version(self) -> str:
        acting = self.inverse_dynamics
        return (
            acting.weights_version if isinstance(acting, ImprovableInverseDynamics) else self.inverse_dynamics_version
        )

    def _header(self, request: EpisodeRequest, first: Observation) -> EpisodeHeader:
        return EpisodeHeader(
            run_id=request.run_id,
            iteration=request.iteration,
            index=request.index,
            robot=self.robot.name,
            suite=request.task.suite,
            task_id=request.task.id,
            in_domain_prompt=request.task.in_domain_prompt,
            prior_prompt=request.task.prior_prompt,
            novel=request.task.novel,
            seed=request.seed,
            method=self.method,
            weights_version=self.planner.weights_version,
            inverse_dynamics_version=self._acting_version,
            code_version=self.code_version,
            control_loop=request.control_loop,
            action_space=self.robot.action_space,
            frame_skip=self.robot.frame_skip,
            image_shape=(first.image.shape[0], first.image.shape[1]),
        )


@dataclass
class _Rollout:
    """The state of one running episode. `success` is None as long as the world never says anything about it."""

    runner: PlanningEpisodeRunner
    request: EpisodeRequest
    writer: EpisodeWriter
    observation: Observation
    progress: StepProgress | None
    should_stop: StopCheck
    steps: int = 0
    plans: int = 0

    def __post_init__(self) -> None:
        self.success = self.observation.success

    def run(self) -> None:
        while self.steps < self.request.max_steps and not self.success:
            if self.should_stop():
                raise CancelledByUserError("the episode was cancelled")
            self._execute(*self._imagine())

    def _imagine(self) -> tuple[ActionChunk, int]:
        """Plan from the present observation; the actions to execute now, and the plan's index."""
        task = self.request.task
        seed = self.request.seed * PLANS_PER_EPISODE + self.plans
        asked = PlanRequest(
            self.observation.image, task.in_domain_prompt, task.prior_prompt, seed, self.observation.stamp_s
        )
        [plan] = self.runner.planner.plan([asked], should_stop=self.should_stop)
        self.plans += 1
        index = self.writer.add_plan(plan)
        chunk = self.runner.inverse_dynamics.infer(self.observation, plan)
        count = actions_to_execute(self.request.control_loop, len(chunk.actions))
        return chunk.first(min(count, self.request.max_steps - self.steps)), index

    def _execute(self, chunk: ActionChunk, plan: int) -> None:
        try:
            observations = self.runner.world.execute(chunk, self.should_stop)
        except MotionStoppedError as error:
            self._record(chunk, list(error.observations), plan)
            raise
        self._record(chunk, observations, plan)
        if len(observations) < len(chunk.actions) and not self.success:
            raise CancelledByUserError("the episode was cancelled while the robot moved")

    def _record(self, chunk: ActionChunk, observations: list[Observation], plan: int) -> None:
        for action, observation in zip(chunk.actions, observations, strict=False):
            self.writer.add_observation(observation, action=action, plan=plan)
            self.observation = observation
            self.steps += 1
            if observation.success is not None:
                self.success = bool(self.success) or observation.success
        if self.progress is not None:
            self.progress(self.steps, self.request.max_steps)
