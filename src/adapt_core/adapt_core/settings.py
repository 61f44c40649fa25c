"""Settings of the self-improvement loop: `config/sail.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from adapt_core.config import load_yaml, parse_overrides, read_yaml
from adapt_core.model_presets import DEFAULT_PRESET, FAKE_PRESET, SMALLEST_PRESET, read_preset
from adapt_core.paths import config_file
from adapt_core.types import ExperienceFilter

ExperienceShare = Annotated[float, Field(gt=0, lt=1)]


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
    `experience_share` of each of the in-domain model's batches are clips of rollouts, however few these are; None: clips are
    drawn alike, as in the paper. With `initial_data_only` it is the loop's control: the same finetuning steps, but on the
    initial data alone. Without `finetune_last` the last iteration's rollouts are only counted.
    """

    iterations: PositiveInt
    episodes: PositiveInt
    filter: ExperienceFilter
    initial_data: InitialData
    finetune: FinetuneSettings
    max_attempts: PositiveInt
    rollback: Rollback = Rollback.NONE
    finetune_inverse_dynamics: FinetuneSettings | None = None
    initial_data_only: bool = False
    experience_share: ExperienceShare | None = None
    finetune_last: bool = True


def load_settings(overrides: Iterable[str] = (), preset: str = DEFAULT_PRESET) -> SailSettings:
    """Read `config/sail.yaml`; `overrides` are command-line items such as "finetune.steps=200".

    What neither says of the finetuning is the model preset's: it depends on the models how they are best finetuned.
    Raises ConfigError.
    """
    path, given = config_file("sail.yaml"), parse_overrides(overrides)
    said = read_yaml(path).get("finetune") or {}
    for key, value in _finetuning_of(preset).items():
        if key not in said:
            given.setdefault(f"finetune.{key}", value)
    return load_yaml(path, SailSettings, given)


def _finetuning_of(preset: str) -> dict[str, object]:
    name = SMALLEST_PRESET if preset == FAKE_PRESET else preset
    finetune = read_preset(name)["training"]["finetune"]
    return {key: finetune[key] for key in ("steps", "batch_size", "learning_rate")}
