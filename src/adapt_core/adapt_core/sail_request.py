"""What the self-improvement loop is asked, tells on the way, and answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adapt_core.settings import SailSettings
from adapt_core.types import ControlLoop, Task, TrainingEpisode


class Phase(StrEnum):
    """What the loop is doing."""

    ROLLOUT = "rollout"
    LABEL = "label"
    FINETUNE = "finetune"


@dataclass(frozen=True)
class SailProgress:
    """Where the loop is.

    `step` of `steps` are recorded frames of the episode, or finetuning steps with their `loss`.
    """

    phase: Phase
    iteration: int
    weights_version: str
    episode: int = 0
    successes: int = 0
    step: int = 0
    steps: int = 0
    loss: float = float("nan")


@dataclass(frozen=True)
class SailRequest:
    """One run of the loop on one task.

    `initial_data` is D_ini, empty to start from nothing (SAIL, algorithm 1, line 2).
    """

    task: Task
    run_id: str
    base_version: str
    settings: SailSettings
    initial_data: tuple[TrainingEpisode, ...]
    max_steps: int
    control_loop: ControlLoop
    seed: int = 0


@dataclass(frozen=True)
class ServedWeights:
    """What imagines and what acts: versions of the in-domain model and, where it learns too, of the inverse dynamics."""

    in_domain: str
    inverse_dynamics: str = ""


@dataclass(frozen=True)
class IterationResult:
    """What one iteration rolled out with the weights `served`: `successes` of the `judged` among `episodes`."""

    index: int
    episodes: int
    judged: int
    successes: int
    served: ServedWeights

    @property
    def weights_version(self) -> str:
        """Version of the in-domain model that imagined it."""
        return self.served.in_domain

    @property
    def rate(self) -> float:
        """Success rate; 0 where nothing was judged."""
        return self.successes / self.judged if self.judged else 0.0
