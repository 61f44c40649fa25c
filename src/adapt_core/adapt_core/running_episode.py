"""An episode while it runs: which plan it asks for, what it does with it, and what is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.episode_store import EpisodeWriter
from adapt_core.errors import CancelledByUserError, MotionStoppedError
from adapt_core.ports import InverseDynamics, StepProgress, StopCheck, World, never
from adapt_core.types import ActionChunk, ControlLoop, EpisodeRequest, Observation, PlanRequest, VideoPlan

PLANS_PER_EPISODE = 1 << 16  # seeds of an episode's plans start at its own seed times this


def actions_to_execute(control_loop: ControlLoop, imagined: int) -> int:
    """How many of `imagined` actions are executed before the next plan: all, three quarters, half or one."""
    match control_loop:
        case ControlLoop.OPEN:
            return imagined
        case ControlLoop.MOSTLY_OPEN:
            return max(1, imagined * 3 // 4)
        case ControlLoop.SEMI_OPEN:
            return max(1, imagined // 2)
        case ControlLoop.CLOSED:
            return 1


@dataclass
class RunningEpisode:
    """Where one episode stands. `success` is None as long as the world never says anything about it."""

    world: World
    inverse_dynamics: InverseDynamics
    request: EpisodeRequest
    writer: EpisodeWriter
    observation: Observation
    progress: StepProgress | None = None
    should_stop: StopCheck = never
    steps: int = 0
    plans: int = 0

    def __post_init__(self) -> None:
        self.writer.add_observation(self.observation, action=None, plan=None)
        self.success = self.observation.success

    @property
    def over(self) -> bool:
        """Whether the task is solved or the steps are used up."""
        return bool(self.success) or self.steps >= self.request.max_steps

    def plan_request(self) -> PlanRequest:
        """What to imagine from the present observation."""
        task = self.request.task
        seed = self.request.seed * PLANS_PER_EPISODE + self.plans
        return PlanRequest(
            self.observation.image, task.in_domain_prompt, task.prior_prompt, seed, self.observation.stamp_s
        )

    def follow(self, plan: VideoPlan) -> ActionChunk:
        """Store a plan; the actions to execute before the next one."""
        self.plans += 1
        self.writer.add_plan(plan)
        chunk = self.inverse_dynamics.infer(self.observation, plan)
        count = actions_to_execute(self.request.control_loop, len(chunk.actions))
        return chunk.first(min(count, self.request.max_steps - self.steps))

    def execute(self, chunk: ActionChunk) -> None:
        """Execute what the last plan led to, and record it.

        Raises PlanRejectedError, MotionStoppedError, and CancelledByUserError when `should_stop` became true on the way.
        """
        try:
            observations = self.world.execute(chunk, self.should_stop)
        except MotionStoppedError as error:
            self._record(chunk, list(error.observations))
            raise
        self._record(chunk, observations)
        if len(observations) < len(chunk.actions) and not self.success:
            raise CancelledByUserError("the episode was cancelled while the robot moved")

    def _record(self, chunk: ActionChunk, observations: list[Observation]) -> None:
        for action, observation in zip(chunk.actions, observations, strict=False):
            self.writer.add_observation(observation, action=action, plan=self.plans - 1)
            self.observation = observation
            self.steps += 1
            if observation.success is not None:
                self.success = bool(self.success) or observation.success
        if self.progress is not None:
            self.progress(self.steps, self.request.max_steps)
