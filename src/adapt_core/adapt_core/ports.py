"""The interfaces through which the loop is written once.

In one process they are the objects themselves; in the ROS graph they are clients of the nodes that hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from adapt_core.types import (
    ActionChunk,
    EpisodeRequest,
    EpisodeResult,
    FinetuneRequest,
    LabelValue,
    Observation,
    PlanRequest,
    VideoPlan,
    WorldSpec,
)

StopCheck = Callable[[], bool]  # True once the work should end early
StepProgress = Callable[[int, int], None]  # (steps done, steps in all)
WorkProgress = Callable[[int, int, str], None]  # (done, in all, what was done last)
LossProgress = Callable[[int, int, float], None]  # (steps done, steps in all, loss)


def never() -> bool:
    """The stop check of work that nobody cancels."""
    return False


class World(Protocol):
    """A robot and its scene, simulated or real."""

    @property
    def spec(self) -> WorldSpec:
        """What this world offers."""
        ...

    def reset(self, task_id: str, seed: int) -> Observation:
        """Set up the scene of `task_id`; the same seed gives the same scene. Raises UnknownTaskError."""
        ...

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """Execute the chunk; one observation after each action. Shorter when `should_stop` became true on the way.

        Raises PlanRejectedError when the chunk is refused as a whole, MotionStoppedError when motion was stopped.
        """
        ...

    def close(self) -> None:
        """Release renderer and devices."""
        ...


class VideoPlanner(Protocol):
    """Imagines future frames from an image and a text."""

    @property
    def weights_version(self) -> str:
        """Version of the in-domain weights that serve now."""
        ...

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """One plan a request, sampled together. Raises ImageError, CancelledByUserError."""
        ...

    def load_weights(self, version: str) -> None:
        """Serve `version` from now on. On WeightsError the old ones serve on."""
        ...


class InverseDynamics(Protocol):
    """Turns imagined frames into actions."""

    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """One action for each imagined frame: the one that leads from the frame before to it."""
        ...


@runtime_checkable
class ImprovableInverseDynamics(InverseDynamics, Protocol):
    """Inverse dynamics that learns from experience as well."""

    @property
    def weights_version(self) -> str:
        """Version of the weights that serve now."""
        ...

    def load_weights(self, version: str) -> None:
        """Serve `version` from now on. On WeightsError the old ones serve on."""
        ...

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """As a `Trainer` does for the in-domain model; what is written serves only once it is loaded."""
        ...


class EpisodeRunner(Protocol):
    """Runs one episode from reset to stored."""

    def run(
        self, request: EpisodeRequest, progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> EpisodeResult:
        """Run and store one episode. An aborted one is a result, not an exception."""
        ...


@runtime_checkable
class EpisodeBatchRunner(Protocol):
    """Runs many episodes, several at once."""

    def run_many(
        self, requests: Sequence[EpisodeRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> Iterator[EpisodeResult]:
        """Run and store `requests`, all with the weights that serve now; each result as its episode ends, in any order.

        What ends an episode otherwise than by its own failure is raised, CancelledByUserError too; those that run then
        are stored as aborted. `progress` is told the frames of all episodes that run now.
        """
        ...


class Labeler(Protocol):
    """Judges episodes: a person, or the simulator's truth."""

    def wait_for_label(self, episode_id: str, should_stop: StopCheck = never) -> LabelValue:
        """The episode's label, waited for as long as it takes. Raises CancelledByUserError."""
        ...

    def known_label(self, episode_id: str) -> LabelValue:
        """The episode's label as far as it is known; never waits."""
        ...


class Trainer(Protocol):
    """Finetunes the in-domain model."""

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """Train, write the weights atomically, return their version. Continues an interrupted finetuning of the same name."""
        ...
