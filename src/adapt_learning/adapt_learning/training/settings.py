"""How models are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt


@dataclass(frozen=True)
class TrainSettings:
    """One training: AdamW steps, examples a step, peak learning rate (linear warm-up, then cosine or constant).

    `ema` is the decay of the averaged weights that are kept; `text_dropout` the share of examples whose text is left
    out; `checkpoint_every` in steps; `bf16` runs forward passes in bfloat16.
    """

    steps: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    warmup: NonNegativeInt
    decay: Literal["cosine", "constant"]
    ema: NonNegativeFloat
    checkpoint_every: PositiveInt
    bf16: bool
    text_dropout: NonNegativeFloat = 0.0
    weight_decay: NonNegativeFloat = 0.01


@dataclass(frozen=True)
class TrainingSettings:
    """The four trainings of a preset; `finetune` holds what a finetuning request leaves open."""

    codec: TrainSettings
    prior: TrainSettings
    in_domain: TrainSettings
    inverse_dynamics: TrainSettings
    finetune: TrainSettings
