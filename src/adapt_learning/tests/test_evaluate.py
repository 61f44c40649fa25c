"""What a composition evaluates, on which frames, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import torch
from adapt_core.errors import ConfigError
from adapt_learning.diffusion.compose import Guidance, Weights
from adapt_learning.diffusion.denoiser import Denoiser, Prediction, TextEmbedding
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts, composed_prediction, composed_score
from adapt_learning.diffusion.schedule import cosine_schedule, to_epsilon
from torch import Tensor

LITERAL, NORMALISED, UNIT_SUM = (Guidance(2.5, 0.5, weights) for weights in Weights)
SCHEDULE = cosine_schedule(1000)
TIMESTEPS = [900, 300]
B, F = 2, 3


class Counting:
    """A denoiser that remembers the rows and frames of its calls and answers with a function of its input."""

    def __init__(self, prediction: Prediction = Prediction.EPSILON, factor: float = 0.0) -> None:
        self.prediction, self.factor = prediction, factor
        self.calls: list[tuple[int, int]] = []

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        assert len(noisy) == len(timestep) == len(text.pooled) == len(first_frame)
        self.calls.append((noisy.shape[0], noisy.shape[1]))
        return self.factor * noisy + text.pooled[:, :1, None, None, None] * torch.ones_like(noisy)


@dataclass
class Preparing:
    """A denoiser that only works once it is prepared, for the very text and first frames that it is called with."""

    prediction: Prediction = Prediction.EPSILON
    prepared: list[tuple[TextEmbedding, Tensor, list[int]]] = field(default_factory=list)

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        raise AssertionError("not prepared")

    def for_plan(self, text: TextEmbedding, first_frame: Tensor, timesteps: Sequence[int]) -> Denoiser:
        self.prepared.append((text, first_frame, list(timesteps)))
        return _Prepared(self.prediction, text, first_frame)


@dataclass
class _Prepared:
    prediction: Prediction
    text: TextEmbedding
    first_frame: Tensor

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        assert text is self.text
        assert first_frame is self.first_frame
        return noisy


def text(value: float) -> TextEmbedding:
    return TextEmbedding(torch.zeros(B, 3, 1), torch.ones(B, 3, dtype=torch.bool), torch.full((B, 1), value))


CONDITION = Condition(Prompts(text(5.0), text(1.0)), Prompts(text(7.0), text(2.0)), torch.zeros(B, 4, 5, 5))


def noisy(frames: int = F) -> Tensor:
    return torch.randn(B, frames, 4, 5, 5, generator=torch.Generator().manual_seed(0))


NOW = torch.tensor([3, 900])


@pytest.mark.parametrize(
    ("method", "context", "prior_calls", "in_domain_calls"),
    [
        (Method.IPA, 0, [(4, 3)], [(2, 3)]),
        (Method.IPA, 1, [(4, 4)], [(2, 3)]),
        (Method.PA, 0, [(2, 3)], [(4, 3)]),
        (Method.PA, 1, [(4, 4)], [(4, 3)]),
        (Method.IN_DOMAIN, 0, [], [(4, 3)]),
        (Method.IN_DOMAIN, 1, [], [(4, 3)]),
        (Method.VANILLA, 0, [(4, 3)], []),
        (Method.VANILLA, 1, [(4, 4)], []),
    ],
)
def test_no_evaluation_is_wasted(
    method: Method, context: int, prior_calls: list[tuple[int, int]], in_domain_calls: list[tuple[int, int]]
) -> None:
    prior, in_domain = Counting(Prediction.V, 1.0), Counting(Prediction.V, 2.0)
    models = Models(prior, in_domain, context)
    given = noisy(F + models.context(method))
    score = composed_score(method, models, CONDITION, NORMALISED, SCHEDULE, TIMESTEPS)
    assert score(given, NOW).shape == given.shape
    assert (prior.calls, in_domain.calls) == (prior_calls, in_domain_calls)


def test_scores_reach_the_right_places() -> None:
    models = Models(Counting(), Counting())
    ipa = composed_score(Method.IPA, models, CONDITION, LITERAL, SCHEDULE, TIMESTEPS)(noisy(), NOW)
    pa = composed_score(Method.PA, models, CONDITION, LITERAL, SCHEDULE, TIMESTEPS)(noisy(), NOW)
    torch.testing.assert_close(ipa, torch.full_like(ipa, 1 + 2.5 * (5 + 0.5 * 7 - 1)))
    torch.testing.assert_close(pa, torch.full_like(pa, 2 + 2.5 * (7 + 0.5 * 5 - 2)))


@pytest.mark.parametrize(
    ("method", "imagined"),
    [
        (Method.IPA, 1 + 2.5 * (5 + 0.5 * 7 - 1)),
        (Method.PA, 2 + 2.5 * (7 + 0.5 * 5 - 2)),
        (Method.VANILLA, 1 + 2.5 * (5 - 1)),
    ],
)
def test_context_frames_get_plain_guidance_of_the_prior(method: Method, imagined: float) -> None:
    models = Models(Counting(), Counting(), context_frames=2)
    found = composed_score(method, models, CONDITION, LITERAL, SCHEDULE, TIMESTEPS)(noisy(F + 2), NOW)
    torch.testing.assert_close(found[:, :2], torch.full((B, 2, 4, 5, 5), 1 + 2.5 * (5 - 1)))
    torch.testing.assert_close(found[:, 2:], torch.full((B, F, 4, 5, 5), imagined))


@pytest.mark.parametrize("method", list(Method))
def test_what_depends_on_a_plan_alone_is_computed_once_a_plan(method: Method) -> None:
    prior, in_domain = Preparing(), Preparing()
    score = composed_score(method, Models(prior, in_domain), CONDITION, LITERAL, SCHEDULE, TIMESTEPS)
    for timestep in TIMESTEPS:
        score(noisy(), torch.tensor([timestep] * B))
    prepared = (len(prior.prepared), len(in_domain.prepared))
    assert prepared == {Method.IN_DOMAIN: (0, 1), Method.VANILLA: (1, 0)}.get(method, (1, 1))
    assert all(timesteps == TIMESTEPS for _, _, timesteps in prior.prepared + in_domain.prepared)


def test_models_compose_in_their_own_kind_where_weights_sum_to_one() -> None:
    v, flow, epsilon = (Counting(kind) for kind in (Prediction.V, Prediction.FLOW, Prediction.EPSILON))
    assert composed_prediction(Method.IPA, Models(v, v), NORMALISED) is Prediction.V
    assert composed_prediction(Method.IPA, Models(flow, flow), UNIT_SUM) is Prediction.FLOW
    assert composed_prediction(Method.IPA, Models(v, v), LITERAL) is Prediction.EPSILON
    assert composed_prediction(Method.PA, Models(v, epsilon), NORMALISED) is Prediction.EPSILON
    assert composed_prediction(Method.IN_DOMAIN, Models(epsilon, v), LITERAL) is Prediction.V
    assert composed_prediction(Method.VANILLA, Models(flow, v), LITERAL) is Prediction.FLOW


def test_literal_weights_are_refused_for_flow_models() -> None:
    models = Models(Counting(Prediction.FLOW), Counting(Prediction.EPSILON))
    with pytest.raises(ConfigError, match="unit_sum"):
        composed_prediction(Method.IPA, models, LITERAL)


def test_literal_weights_compose_v_models_as_noise() -> None:
    models = Models(Counting(Prediction.V, 0.3), Counting(Prediction.V, -0.2))
    in_v = composed_score(Method.IPA, models, CONDITION, NORMALISED, SCHEDULE, TIMESTEPS)(noisy(), NOW)
    literal = composed_score(Method.IPA, models, CONDITION, LITERAL, SCHEDULE, TIMESTEPS)(noisy(), NOW)
    as_epsilon = to_epsilon(SCHEDULE, Prediction.V, in_v, noisy(), NOW)
    torch.testing.assert_close(as_epsilon, literal / 2.25, rtol=1e-4, atol=1e-4)


def test_a_method_that_needs_a_prior_says_so() -> None:
    without = Models(None, Counting())
    for method in (Method.IPA, Method.PA, Method.VANILLA):
        with pytest.raises(ConfigError, match="method: in_domain"):
            composed_score(method, without, CONDITION, LITERAL, SCHEDULE, TIMESTEPS)
    alone = replace(CONDITION, prior=None)
    composed_score(Method.IN_DOMAIN, without, alone, LITERAL, SCHEDULE, TIMESTEPS)(noisy(), NOW)
