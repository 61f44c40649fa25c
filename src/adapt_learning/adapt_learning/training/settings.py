"""How models are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

Share = Annotated[float, Field(ge=0, le=1)]
Decay = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class TrainSettings:
    """One training: AdamW steps, examples a step, peak learning rate (linear warm-up, then cosine or constant).

    `batch_size` counts the examples of all processes; they are worked through in `accumulation` rounds, so that a large
    batch fits on a small GPU. `ema` is the decay of the averaged weights that are kept; `precision` that of the forward
    passes (weights are fp32); `text_dropout` the share of examples whose text is left out; `min_snr_gamma` bounds the
    loss's weights, None for all alike, and a `noisiness` above 1 has more of the clips so noisy that only first frame and
    text say what happens (see `adapt_learning.training.video_loss`); `checkpoint_every` is in steps.
    """

    steps: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    warmup: NonNegativeInt
    decay: Literal["cosine", "constant"]
    ema: Decay
    checkpoint_every: PositiveInt
    precision: Precision
    text_dropout: Share = 0.0
    min_snr_gamma: PositiveFloat | None = 5.0
    noisiness: PositiveFloat = 1.0
    weight_decay: NonNegativeFloat = 0.01
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    accumulation: PositiveInt = 1


@dataclass(frozen=True)
class TrainingSettings:
    """The trainings of a preset; `finetune` holds what a finetuning request leaves open.

    `codec` and `prior` are None where a preset takes these models from elsewhere, `pointer` where no model has one.
    """

    in_domain: TrainSettings
    inverse_dynamics: TrainSettings
    finetune: TrainSettings
    codec: TrainSettings | None = None
    prior: TrainSettings | None = None
    pointer: TrainSettings | None = None
