"""Which network evaluations a composition needs, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from adapt_learning.diffusion import compose
from adapt_learning.diffusion.compose import Guidance
from adapt_learning.diffusion.denoiser import Denoiser, Prediction, TextEmbedding, join_texts
from adapt_learning.diffusion.sampling import Score
from adapt_learning.diffusion.schedule import Schedule, to_epsilon


class Method(StrEnum):
    """How a plan's score is composed."""

    IPA = "ipa"  # the prior, advised by the in-domain model
    PA = "pa"  # the in-domain model, advised by the prior
    IN_DOMAIN = "in_domain"  # the in-domain model alone; the prior is never evaluated
    VANILLA = "vanilla"  # the prior alone; the in-domain model is never evaluated


@dataclass(frozen=True)
class Models:
    """The two denoisers of one latent space."""

    prior: Denoiser
    in_domain: Denoiser


@dataclass(frozen=True)
class Prompts:
    """A batch of prompts as one model's text encoder embeds them, and as many times "no text"."""

    text: TextEmbedding
    empty: TextEmbedding


@dataclass(frozen=True)
class Condition:
    """What a batch of b plans is conditioned on: each model's prompts, and the first frame (b, c, h, w)."""

    prior: Prompts
    in_domain: Prompts
    first_frame: Tensor


def composed_prediction(method: Method, models: Models, guidance: Guidance) -> Prediction:
    """The kind of prediction that scores are composed in.

    v only where every model used predicts v and the weights sum to one, so that the composition is the same in epsilon,
    v and x_0; epsilon otherwise.
    """
    used = {
        Method.IN_DOMAIN: [models.in_domain],
        Method.VANILLA: [models.prior],
    }.get(method, [models.prior, models.in_domain])
    unit_sum = guidance.normalised or method in (Method.IN_DOMAIN, Method.VANILLA)
    all_v = all(model.prediction is Prediction.V for model in used)
    return Prediction.V if all_v and unit_sum else Prediction.EPSILON


def composed_score(
    method: Method, models: Models, condition: Condition, guidance: Guidance, schedule: Schedule
) -> Score:
    """The score of `method`: prior and in-domain model evaluated as rarely as it allows.

    Evaluations a step: IPA prior 2 (in one call) + in-domain 1; PA in-domain 2 (in one call) + prior 1; the others 2 of
    their one model, in one call.
    """
    kind = composed_prediction(method, models, guidance)
    once, twice = _evaluators(condition, schedule, kind)
    prior, own = condition.prior, condition.in_domain

    def ipa(noisy: Tensor, timestep: Tensor) -> Tensor:
        general = twice(models.prior, prior, noisy, timestep)
        advice = once(models.in_domain, own, noisy, timestep)
        return compose.inverse_probabilistic_adaptation(*general, advice, guidance)

    def pa(noisy: Tensor, timestep: Tensor) -> Tensor:
        leading = twice(models.in_domain, own, noisy, timestep)
        advice = once(models.prior, prior, noisy, timestep)
        return compose.probabilistic_adaptation(*leading, advice, guidance)

    def in_domain(noisy: Tensor, timestep: Tensor) -> Tensor:
        return compose.in_domain_only(*twice(models.in_domain, own, noisy, timestep), guidance)

    def vanilla(noisy: Tensor, timestep: Tensor) -> Tensor:
        return compose.vanilla_guidance(*twice(models.prior, prior, noisy, timestep), guidance)

    return {Method.IPA: ipa, Method.PA: pa, Method.IN_DOMAIN: in_domain, Method.VANILLA: vanilla}[method]


_Once = Callable[[Denoiser, Prompts, Tensor, Tensor], Tensor]
_Twice = Callable[[Denoiser, Prompts, Tensor, Tensor], tuple[Tensor, Tensor]]


def _evaluators(condition: Condition, schedule: Schedule, kind: Prediction) -> tuple[_Once, _Twice]:
    """Evaluate a model with text, and without and with text in one call of twice the batch."""

    def evaluate(model: Denoiser, text: TextEmbedding, noisy: Tensor, timestep: Tensor, first: Tensor) -> Tensor:
        predicted = model(noisy, timestep, text, first)
        if model.prediction is kind:
            return predicted
        return to_epsilon(schedule, model.prediction, predicted, noisy, timestep)

    def once(model: Denoiser, prompts: Prompts, noisy: Tensor, timestep: Tensor) -> Tensor:
        return evaluate(model, prompts.text, noisy, timestep, condition.first_frame)

    def twice(model: Denoiser, prompts: Prompts, noisy: Tensor, timestep: Tensor) -> tuple[Tensor, Tensor]:
        both = join_texts(prompts.empty, prompts.text)
        doubled = torch.cat([noisy, noisy]), torch.cat([timestep, timestep]), torch.cat([condition.first_frame] * 2)
        empty, with_text = evaluate(model, both, doubled[0], doubled[1], doubled[2]).chunk(2)
        return empty, with_text

    return once, twice
