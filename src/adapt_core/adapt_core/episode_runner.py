"""One episode: imagine, infer, execute, record, until the task is solved or the steps are used up."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.episode_store import EpisodeHeader, EpisodeStore, EpisodeWriter
from adapt_core.errors import AdaptError, CancelledByUserError, MotionStoppedError, PlanRejectedError, StoreError
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
from adapt_core.running_episode import RunningEpisode
from adapt_core.safety import PLANNED_BADLY
from adapt_core.types import EpisodeRequest, EpisodeResult, Observation, Outcome


@dataclass(frozen=True)
class PlanningEpisodeRunner:
    """Visual planning rollouts (SAIL, algorithm 1, line 8), stored as they happen.

    An error of the robot, the planner or the operator's stop ends the episode as aborted with the error's message as
    its reason, every frame until then kept; in a simulation a plan that is refused as bad, or ends at a contact, is a failed
    episode instead. Errors of the store itself, and of a reset that fails, are raised.
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
        with self.begin(request, observation) as writer:
            running = RunningEpisode(
                self.world, self.inverse_dynamics, request, writer, observation, progress, should_stop
            )
            try:
                self._imagine_and_act(running)
                outcome, reason = Outcome.COMPLETED, ""
            except StoreError:
                raise
            except (PlanRejectedError, MotionStoppedError) as error:
                outcome, reason = _end_by(error, running), str(error)
            except AdaptError as error:
                outcome, reason = Outcome.ABORTED, str(error)
            writer.finish(outcome, reason=reason, success=running.success)
        return EpisodeResult(writer.episode_id, outcome, running.steps, running.success, reason)

    def begin(self, request: EpisodeRequest, first: Observation) -> EpisodeWriter:
        """Start recording the episode whose reset showed `first`."""
        return self.store.begin(self._header(request, first))

    def _imagine_and_act(self, running: RunningEpisode) -> None:
        while not running.over:
            if running.should_stop():
                raise CancelledByUserError("the episode was cancelled")
            [plan] = self.planner.plan([running.plan_request()], should_stop=running.should_stop)
            running.execute(running.follow(plan))

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


def _end_by(error: PlanRejectedError | MotionStoppedError, running: RunningEpisode) -> Outcome:
    """In a simulation a bad plan is a failure of the episode, not an accident: it would be as bad in another attempt."""
    simulated = running.success is not None
    return Outcome.COMPLETED if simulated and error.code in PLANNED_BADLY else Outcome.ABORTED
