"""What all simulated worlds share: the clock, the step count and the execution of an action chunk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from adapt_core.errors import ConfigError, MotionStoppedError
from adapt_core.ports import StopCheck, never
from adapt_core.types import ActionChunk, ActionSpace, Image, Observation, Vector, WorldSpec

from adapt_sim.checks import check_executable


class SimulatedWorld(ABC):
    """A `World` whose clock is simulated: it advances with every control step and reset and never jumps back."""

    def __init__(self) -> None:
        self._clock_s = 0.0
        self._steps = 0  # control steps since the reset
        self._is_set_up = False

    @property
    @abstractmethod
    def spec(self) -> WorldSpec:
        """What this world offers."""

    @property
    @abstractmethod
    def success(self) -> bool:
        """Whether the task is done at this instant (not latched)."""

    def reset(self, task_id: str, seed: int) -> Observation:
        """Set up the scene of `task_id`, a function of task and seed only. Raises UnknownTaskError."""
        self._set_up(task_id, seed)
        self._clock_s += self.spec.control_dt_s
        self._steps = 0
        self._is_set_up = True
        return self._observe()

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """Execute the chunk; one observation after each action. `should_stop` is asked before each control step.

        Raises PlanRejectedError before anything moved, MotionStoppedError when the robot stopped itself on the way,
        ConfigError before the first reset.
        """
        if not self._is_set_up:
            raise ConfigError(f"{self.spec.name} has no task yet; reset it before executing actions")
        check_executable(chunk, self.spec)
        observations: list[Observation] = []
        try:
            for action, control_steps in zip(chunk.actions, self._begin(chunk), strict=True):
                for _ in range(control_steps):
                    if should_stop():
                        self._halt()
                        return observations
                    self._advance(chunk.space, action)
                observations.append(self._observe())
        except MotionStoppedError as error:
            raise MotionStoppedError(error.code, str(error), observations) from error
        return observations

    def _advance(self, space: ActionSpace, action: Vector) -> None:
        """One control step, counted and timed."""
        self._control_step(space, action)
        self._clock_s += self.spec.control_dt_s
        self._steps += 1

    def _begin(self, chunk: ActionChunk) -> Sequence[int]:
        """Get ready for a checked chunk; how many control steps each of its actions takes.

        Raises PlanRejectedError where this world finds that it cannot execute it.
        """
        return [chunk.frame_skip] * len(chunk.actions)

    def _halt(self) -> None:  # noqa: B027  (most worlds rest when they are not stepped)
        """Stop what still moves when a chunk is given up."""

    def _observe(self) -> Observation:
        return Observation(
            image=self._render(),
            end_effector=self._end_effector(),
            stamp_s=self._clock_s,
            step=self._steps,
            success=self.success,
        )

    @abstractmethod
    def close(self) -> None:
        """Release the renderer. A second call does nothing; a reset opens it again."""

    @abstractmethod
    def _set_up(self, task_id: str, seed: int) -> None:
        """Bring the scene of `task_id` into the state that `seed` names."""

    @abstractmethod
    def _control_step(self, space: ActionSpace, action: Vector) -> None:
        """Pursue one checked action for one control step."""

    @abstractmethod
    def _render(self) -> Image:
        """The observation camera's image, upright."""

    @abstractmethod
    def _end_effector(self) -> Vector | None:
        """Pose and gripper opening (8,), see END_EFFECTOR_DIM."""
