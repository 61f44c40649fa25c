"""How the scores of a broad prior and of an in-domain model become one score.

Each function takes scores that were already evaluated and returns their combination; all are of one shape
(b, f, c, h, w) and one kind of prediction. Symbols follow the papers: alpha is the guidance scale, gamma the strength
of the other model. The weights of PA and IPA as published sum to 1 + alpha * gamma, so that what is composed is no
longer one prediction: `Weights` says what is made of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor


class Weights(StrEnum):
    """What the weights of PA and IPA sum to.

    With LITERAL weights epsilon, v, flow and x_0 compose to different samples, and only epsilon is the papers' method;
    with the other two they compose to the same. NORMALISED and UNIT_SUM coincide where gamma = 0, and there only.
    """

    LITERAL = "literal"  # the papers': 1 + alpha * gamma; suits large epsilon models
    NORMALISED = "normalised"  # 1: the literal sum divided by its weights' sum; small models collapse without
    UNIT_SUM = "unit_sum"  # 1: the advice is a mean, and guidance is as strong as asked; for v and flow models


@dataclass(frozen=True)
class Guidance:
    """`scale` alpha, `strength` gamma (or one for each of b plans, (b, 1, 1, 1, 1)), and what the weights sum to."""

    scale: float
    strength: float | Tensor
    weights: Weights


def vanilla_guidance(empty: Tensor, text: Tensor, guidance: Guidance) -> Tensor:
    """Classifier-free guidance with one model (Ho and Salimans 2022, eq. 6): e + alpha * (e_text - e)."""
    return empty + guidance.scale * (text - empty)


def probabilistic_adaptation(
    in_domain_empty: Tensor, in_domain_text: Tensor, prior_text: Tensor, guidance: Guidance
) -> Tensor:
    """PA: the in-domain model leads, the prior advises (SAIL, eq. 2; Adapt2Act, eq. 2).

    d + alpha * (d_text + gamma * g_text - d), d the in-domain model, g the prior.
    """
    return _advised(in_domain_empty, in_domain_text, prior_text, guidance)


def inverse_probabilistic_adaptation(
    prior_empty: Tensor, prior_text: Tensor, in_domain_text: Tensor, guidance: Guidance
) -> Tensor:
    """IPA: the prior leads, the in-domain model advises (SAIL, eq. 1; Adapt2Act, eq. 3).

    g + alpha * (g_text + gamma * d_text - g), g the prior, d the in-domain model.
    """
    return _advised(prior_empty, prior_text, in_domain_text, guidance)


def in_domain_only(in_domain_empty: Tensor, in_domain_text: Tensor, guidance: Guidance) -> Tensor:
    """The in-domain model alone: PA with gamma = 0 (Adapt2Act, section 4)."""
    return vanilla_guidance(in_domain_empty, in_domain_text, guidance)


def _advised(empty: Tensor, text: Tensor, advice: Tensor, guidance: Guidance) -> Tensor:
    alpha, gamma = guidance.scale, guidance.strength
    if guidance.weights is Weights.UNIT_SUM:
        return empty + alpha * ((text + gamma * advice) / (1 + gamma) - empty)
    composed = empty + alpha * (text + gamma * advice - empty)
    return composed / (1 + alpha * gamma) if guidance.weights is Weights.NORMALISED else composed
