"""Compositions against numbers worked out by hand, and the evaluations they cost."""

from __future__ import annotations

import pytest
import torch
from adapt_learning.diffusion.compose import (
    Guidance,
    in_domain_only,
    inverse_probabilistic_adaptation,
    probabilistic_adaptation,
    vanilla_guidance,
)
from adapt_learning.diffusion.denoiser import Prediction, TextEmbedding
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts, composed_prediction, composed_score
from adapt_learning.diffusion.schedule import cosine_schedule, to_epsilon
from torch import Tensor

LITERAL = Guidance(scale=2.5, strength=0.5, normalised=False)
UNIT = Guidance(scale=2.5, strength=0.5, normalised=True)
SHAPE = (2, 3, 4, 5, 5)
SCHEDULE = cosine_schedule(1000)


class Counting:
    """A denoiser that remembers its batch sizes and answers with a function of its input."""

    def __init__(self, prediction: Prediction, factor: float) -> None:
        self.prediction, self.factor = prediction, factor
        self.rows: list[int] = []

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        assert len(noisy) == len(timestep) == len(text.pooled) == len(first_frame)
        self.rows.append(len(noisy))
        return self.factor * noisy + text.pooled[:, :1, None, None, None]


def text(value: float) -> TextEmbedding:
    return TextEmbedding(torch.zeros(2, 3, 1), torch.ones(2, 3, dtype=torch.bool), torch.full((2, 1), value))


CONDITION = Condition(Prompts(text(5.0), text(0.0)), Prompts(text(7.0), text(0.0)), torch.zeros(2, 4, 5, 5))


def test_literal_compositions_by_hand() -> None:
    empty, with_text, other = torch.tensor(1.0), torch.tensor(3.0), torch.tensor(4.0)
    assert vanilla_guidance(empty, with_text, LITERAL).item() == pytest.approx(1 + 2.5 * 2)
    assert in_domain_only(empty, with_text, LITERAL).item() == pytest.approx(6)
    expected = 1 + 2.5 * (3 + 0.5 * 4 - 1)
    assert inverse_probabilistic_adaptation(empty, with_text, other, LITERAL).item() == pytest.approx(expected)
    assert probabilistic_adaptation(empty, with_text, other, LITERAL).item() == pytest.approx(expected)
    assert inverse_probabilistic_adaptation(empty, with_text, other, UNIT).item() == pytest.approx(expected / 2.25)


def test_normalised_weights_sum_to_one() -> None:
    same = torch.randn(SHAPE)
    torch.testing.assert_close(inverse_probabilistic_adaptation(same, same, same, UNIT), same)
    torch.testing.assert_close(probabilistic_adaptation(same, same, same, UNIT), same)


def test_strength_zero_leaves_the_leading_model_alone() -> None:
    empty, with_text, other = torch.randn(3, *SHAPE)
    alone = Guidance(2.5, 0.0, normalised=False)
    expected = vanilla_guidance(empty, with_text, alone)
    torch.testing.assert_close(inverse_probabilistic_adaptation(empty, with_text, other, alone), expected)


@pytest.mark.parametrize(
    ("method", "prior_rows", "in_domain_rows"),
    [(Method.IPA, [4], [2]), (Method.PA, [2], [4]), (Method.IN_DOMAIN, [], [4]), (Method.VANILLA, [4], [])],
)
def test_no_evaluation_is_wasted(method: Method, prior_rows: list[int], in_domain_rows: list[int]) -> None:
    prior, in_domain = Counting(Prediction.V, 1.0), Counting(Prediction.V, 2.0)
    score = composed_score(method, Models(prior, in_domain), CONDITION, UNIT, SCHEDULE)
    assert score(torch.randn(SHAPE), torch.tensor([3, 900])).shape == SHAPE
    assert (prior.rows, in_domain.rows) == (prior_rows, in_domain_rows)


def test_scores_reach_the_right_places() -> None:
    prior, in_domain = Counting(Prediction.EPSILON, 0.0), Counting(Prediction.EPSILON, 0.0)
    models, noisy, timestep = Models(prior, in_domain), torch.randn(SHAPE), torch.tensor([3, 900])
    ipa = composed_score(Method.IPA, models, CONDITION, LITERAL, SCHEDULE)(noisy, timestep)
    pa = composed_score(Method.PA, models, CONDITION, LITERAL, SCHEDULE)(noisy, timestep)
    torch.testing.assert_close(ipa, torch.full(SHAPE, 0 + 2.5 * (5 + 0.5 * 7 - 0)))
    torch.testing.assert_close(pa, torch.full(SHAPE, 0 + 2.5 * (7 + 0.5 * 5 - 0)))


def test_v_is_composed_as_v_only_with_unit_weights() -> None:
    v, epsilon = Counting(Prediction.V, 1.0), Counting(Prediction.EPSILON, 1.0)
    assert composed_prediction(Method.IPA, Models(v, v), UNIT) is Prediction.V
    assert composed_prediction(Method.IPA, Models(v, v), LITERAL) is Prediction.EPSILON
    assert composed_prediction(Method.PA, Models(v, epsilon), UNIT) is Prediction.EPSILON
    assert composed_prediction(Method.IN_DOMAIN, Models(epsilon, v), LITERAL) is Prediction.V


def test_unit_weights_compose_alike_in_v_and_epsilon() -> None:
    models, noisy = Models(Counting(Prediction.V, 0.3), Counting(Prediction.V, -0.2)), torch.randn(SHAPE)
    timestep = torch.tensor([200, 700])
    in_v = composed_score(Method.IPA, models, CONDITION, UNIT, SCHEDULE)(noisy, timestep)
    literal = composed_score(Method.IPA, models, CONDITION, LITERAL, SCHEDULE)(noisy, timestep)
    as_epsilon = to_epsilon(SCHEDULE, Prediction.V, in_v, noisy, timestep)
    torch.testing.assert_close(as_epsilon, literal / 2.25, rtol=1e-4, atol=1e-4)
