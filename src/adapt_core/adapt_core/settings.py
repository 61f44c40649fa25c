"""Settings of the self-improvement loop: `config/sail.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from adapt_core.config import load_yaml, parse_overrides
from adapt_core.paths import config_file
from adapt_core.types import ExperienceFilter


class InitialData(StrEnum):
    """What the growing data set holds before the first iteration (SAIL, algorithm 1)."""

    DEMOS = "demos"
    EMPTY = "empty"


class Rollback(StrEnum):
    """What happens when an iteration's success rate is worse than the best one's so far."""

    NONE = "none"  # nothing: learning goes on from the new weights (SAIL)
    SIGNIFICANT = "significant"  # when it is significantly worse, learning goes on from the best one's weights


@dataclass(frozen=True)
class FinetuneSettings:
    """Gradient steps, examples a step, learning rate and seed of the finetuning after each iteration."""

    steps: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    seed: NonNegativeInt


@dataclass(frozen=True)
class SailSettings:
    """The loop: `iterations` of `episodes` rollouts, filtered and learned from.

    `max_attempts` bounds how often an episode that aborts is tried again under its index before the run stops;
    `finetune_inverse_dynamics` says how the inverse dynamics learns from the same data, None that it does not.
    """

    iterations: PositiveInt
    episodes: PositiveInt
    filter: ExperienceFilter
    initial_data: InitialData
    finetune: FinetuneSettings
    max_attempts: PositiveInt
    rollback: Rollback = Rollback.NONE
    finetune_inverse_dynamics: FinetuneSettings | None = None


def load_settings(overrides: Iterable[str] = ()) -> SailSettings:
    """Read `config/sail.yaml`; `overrides` are command-line items such as "finetune.steps=200". Raises ConfigError."""
    return load_yaml(config_file("sail.yaml"), SailSettings, parse_overrides(overrides))
