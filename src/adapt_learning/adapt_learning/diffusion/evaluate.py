"""Which network evaluations a composition needs, and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from adapt_core.errors import ConfigError
from torch import Tensor

from adapt_learning.diffusion import compose
from adapt_learning.diffusion.compose import Guidance, Weights
from adapt_learning.diffusion.denoiser import Denoiser, PlanDenoiser, Prediction, TextEmbedding, join_texts
from adapt_learning.diffusion.sampling import Score
from adapt_learning.diffusion.schedule import Schedule, convert


class Method(StrEnum):
    """How a plan's score is composed."""

    IPA = "ipa"  # the prior, advised by the in-domain model
    PA = "pa"  # the in-domain model, advised by the prior
    IN_DOMAIN = "in_domain"  # the in-domain model alone; the prior is never evaluated
    VANILLA = "vanilla"  # the prior alone; the in-domain model is never evaluated


@dataclass(frozen=True)
class Models:
    """The two denoisers of one latent space; `prior` may be None for `Method.IN_DOMAIN`.

    The prior denoises `context_frames` frames before the imagined ones, which the in-domain model never sees.
    """

    prior: Denoiser | None
    in_domain: Denoiser
    context_frames: int = 0

    def context(self, method: Method) -> int:
        """How many frames a sample of `method` has before the imagined ones."""
        return 0 if method is Method.IN_DOMAIN else self.context_frames

    def lead(self) -> Denoiser:
        """The prior. Raises ConfigError where there is none."""
        if self.prior is None:
            raise ConfigError("this method needs a video prior and none was loaded: load one, or set method: in_domain")
        return self.prior


@dataclass(frozen=True)
class Prompts:
    """A batch of prompts as one model's text encoder embeds them, and as many times "no text"."""

    text: TextEmbedding
    empty: TextEmbedding


@dataclass(frozen=True)
class Condition:
    """What a batch of b plans is conditioned on: each model's prompts, and the first frame (b, c, h, w).

    `prior` may be None for `Method.IN_DOMAIN`. `demonstrated` (b,) bool says of which tasks the in-domain model
    was shown demonstrations; None: of none.
    """

    prior: Prompts | None
    in_domain: Prompts
    first_frame: Tensor
    demonstrated: Tensor | None = None


def composed_prediction(method: Method, models: Models, guidance: Guidance) -> Prediction:
    """The kind of prediction that scores are composed in.

    That of the models where all that are used agree and the weights sum to one, so that epsilon, v, flow and x_0 compose
    alike; else epsilon. Raises ConfigError for literal weights with a flow model: its first noise level has no signal,
    where an epsilon whose weights do not sum to one stands for no sample at all.
    """
    kinds = {model.prediction for model in _used(method, models)}
    literal = guidance.weights is Weights.LITERAL and method in (Method.IPA, Method.PA)
    if literal and Prediction.FLOW in kinds:
        raise ConfigError("literal weights do not compose flow models: set sampler.weights: unit_sum")
    return kinds.pop() if len(kinds) == 1 and not literal else Prediction.EPSILON


def composed_score(
    method: Method,
    models: Models,
    condition: Condition,
    guidance: Guidance,
    schedule: Schedule,
    timesteps: Sequence[int],
) -> Score:
    """The score of `method` for one plan batch at `timesteps`: each model evaluated as rarely as the method allows.

    The score takes (b, k + f, c, h, w), k the context frames: those get classifier-free guidance of the prior alone, the
    f imagined ones the composition. Evaluations a step: IPA prior 2 (in one call) + in-domain 1; PA in-domain 2 (in one
    call) + prior 1, or 2 (in one call) where there are context frames; the others 2 of their one model, in one call. A
    `PlanDenoiser` is prepared here, once. Raises ConfigError as `composed_prediction` does.
    """
    kind = composed_prediction(method, models, guidance)
    plan = _Plan(condition.first_frame, tuple(timesteps), schedule, kind)
    compositions = {Method.IPA: _ipa, Method.PA: _pa, Method.IN_DOMAIN: _in_domain, Method.VANILLA: _vanilla}
    return compositions[method](plan, models, condition, guidance)


@dataclass(frozen=True)
class _Plan:
    """What all evaluations of one plan batch share."""

    first_frame: Tensor  # (b, c, h, w)
    timesteps: tuple[int, ...]
    schedule: Schedule
    kind: Prediction

    def text_only(self, model: Denoiser, prompts: Prompts) -> Score:
        """Evaluate `model` with text."""
        return self._evaluator(model, prompts.text, self.first_frame)

    def both(self, model: Denoiser, prompts: Prompts) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Evaluate `model` without and with text, in one call of twice the batch."""
        texts, firsts = join_texts(prompts.empty, prompts.text), torch.cat([self.first_frame] * 2)
        evaluate = self._evaluator(model, texts, firsts)

        def evaluate_both(noisy: Tensor, timestep: Tensor) -> tuple[Tensor, Tensor]:
            empty, text = evaluate(torch.cat([noisy] * 2), torch.cat([timestep] * 2)).chunk(2)
            return empty, text

        return evaluate_both

    def _evaluator(self, model: Denoiser, text: TextEmbedding, first: Tensor) -> Score:
        if isinstance(model, PlanDenoiser):
            model = model.for_plan(text, first, self.timesteps)

        def evaluate(noisy: Tensor, timestep: Tensor) -> Tensor:
            predicted = model(noisy, timestep, text, first).float()
            return convert(self.schedule, model.prediction, self.kind, predicted, noisy, timestep)

        return evaluate


def _ipa(plan: _Plan, models: Models, condition: Condition, guidance: Guidance) -> Score:
    prior = plan.both(models.lead(), _prior_prompts(condition))
    in_domain = plan.text_only(models.in_domain, condition.in_domain)
    k = models.context_frames

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        empty, text = prior(noisy, timestep)  # (b, k + f, c, h, w)
        advice = in_domain(noisy[:, k:], timestep)  # (b, f, c, h, w)
        composed = compose.inverse_probabilistic_adaptation(empty[:, k:], text[:, k:], advice, guidance)
        return torch.cat([compose.vanilla_guidance(empty[:, :k], text[:, :k], guidance), composed], 1)

    return score


def _pa(plan: _Plan, models: Models, condition: Condition, guidance: Guidance) -> Score:
    in_domain = plan.both(models.in_domain, condition.in_domain)
    k = models.context_frames
    if not k:
        advise = plan.text_only(models.lead(), _prior_prompts(condition))
        return lambda noisy, timestep: compose.probabilistic_adaptation(
            *in_domain(noisy, timestep), advise(noisy, timestep), guidance
        )
    prior = plan.both(models.lead(), _prior_prompts(condition))

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        empty, text = prior(noisy, timestep)  # (b, k + f, c, h, w)
        leading = in_domain(noisy[:, k:], timestep)  # twice (b, f, c, h, w)
        composed = compose.probabilistic_adaptation(*leading, text[:, k:], guidance)
        return torch.cat([compose.vanilla_guidance(empty[:, :k], text[:, :k], guidance), composed], 1)

    return score


def _in_domain(plan: _Plan, models: Models, condition: Condition, guidance: Guidance) -> Score:
    both = plan.both(models.in_domain, condition.in_domain)
    return lambda noisy, timestep: compose.in_domain_only(*both(noisy, timestep), guidance)


def _vanilla(plan: _Plan, models: Models, condition: Condition, guidance: Guidance) -> Score:
    both = plan.both(models.lead(), _prior_prompts(condition))
    return lambda noisy, timestep: compose.vanilla_guidance(*both(noisy, timestep), guidance)


def _prior_prompts(condition: Condition) -> Prompts:
    if condition.prior is None:
        raise ConfigError("this method needs prompts for the video prior and none were given: set method: in_domain")
    return condition.prior


def _used(method: Method, models: Models) -> list[Denoiser]:
    match method:
        case Method.IN_DOMAIN:
            return [models.in_domain]
        case Method.VANILLA:
            return [models.lead()]
        case _:
            return [models.lead(), models.in_domain]
