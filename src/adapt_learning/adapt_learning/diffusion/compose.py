"""How the scores of a broad prior and of an in-domain model become one score.

Each function takes scores that were already evaluated and returns their combination; all are of one shape
(b, f, c, h, w) and one kind of prediction. Symbols follow the papers: alpha is the guidance scale, gamma the strength
of the other model. `normalised` divides by the sum of the weights, 1 + alpha * gamma: the literal sum is the papers'
and suits large epsilon models; a small model's samples collapse under it, and v-predictions compose only with unit
weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Guidance:
    """`scale` alpha, `strength` gamma, and whether weights are divided by their sum."""

    scale: float
    strength: float
    normalised: bool


def vanilla_guidance(empty: Tensor, text: Tensor, guidance: Guidance) -> Tensor:
    """Classifier-free guidance with one model (Ho and Salimans 2022, eq. 6): e + alpha * (e_text - e)."""
    return empty + guidance.scale * (text - empty)


def probabilistic_adaptation(
    in_domain_empty: Tensor, in_domain_text: Tensor, prior_text: Tensor, guidance: Guidance
) -> Tensor:
    """PA: the in-domain model leads, the prior advises (SAIL, eq. 2; Adapt2Act, eq. 2).

    d + alpha * (d_text + gamma * g_text - d), d the in-domain model, g the prior.
    """
    advice = in_domain_text + guidance.strength * prior_text - in_domain_empty
    return _weighted(in_domain_empty + guidance.scale * advice, guidance)


def inverse_probabilistic_adaptation(
    prior_empty: Tensor, prior_text: Tensor, in_domain_text: Tensor, guidance: Guidance
) -> Tensor:
    """IPA: the prior leads, the in-domain model advises (SAIL, eq. 1; Adapt2Act, eq. 3).

    g + alpha * (g_text + gamma * d_text - g), g the prior, d the in-domain model.
    """
    advice = prior_text + guidance.strength * in_domain_text - prior_empty
    return _weighted(prior_empty + guidance.scale * advice, guidance)


def in_domain_only(in_domain_empty: Tensor, in_domain_text: Tensor, guidance: Guidance) -> Tensor:
    """The in-domain model alone: PA with gamma = 0 (Adapt2Act, section 4)."""
    return vanilla_guidance(in_domain_empty, in_domain_text, guidance)


def _weighted(composed: Tensor, guidance: Guidance) -> Tensor:
    return composed / (1 + guidance.scale * guidance.strength) if guidance.normalised else composed
