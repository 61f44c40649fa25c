"""An IPA plan as the public sampler makes it: the baseline of the plan benchmarks, written here.

Six network evaluations a step, each alone: the prior without and with text for the frames that it guides itself, both
again for the composition, the in-domain model without and with text. One more step than ours, which changes nothing;
what depends on a plan alone is computed in every evaluation; networks in the default memory layout and the precision of
their weights; attention in einsum, which keeps all its weights.

Between the evaluations it computes in float64: it composes noise, and where a schedule leaves hardly any signal (the
cosine's first level: alpha 5e-5) float32 would lose four digits of the sample that ours, composed as v, keeps.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from adapt_core.types import PlanRequest
from adapt_learning.codec import to_frames, to_images
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.diffusion.schedule import Schedule, to_epsilon
from adapt_learning.diffusion.settings import SamplerSettings
from adapt_learning.layers import Attention
from torch import Tensor
from torch.nn import functional


@dataclass
class PublicPlanner:
    """Plans one request at a time; networks are copies of ours with the same weights."""

    prior: Any
    in_domain: Any
    codec: Any
    prior_encoder: Any
    in_domain_encoder: Any
    schedule: Schedule
    settings: SamplerSettings
    transitions: list[tuple[int, int]]  # with the step that changes nothing
    context: int

    @torch.no_grad()
    def plan(self, request: PlanRequest, noise: Tensor) -> tuple[Tensor, np.ndarray]:
        """Latents (1, f, c, h, w) before and frames (f, h, w, 3) after decoding, from `noise` (1, k + f, c, h, w)."""
        device = self.codec.device
        first = self.codec.encode(to_images(request.image[None]).to(device))
        texts = [
            (encoder.empty(1).to(device), encoder.encode([prompt]).to(device))
            for encoder, prompt in (
                (self.prior_encoder, request.prior_prompt),
                (self.in_domain_encoder, request.in_domain_prompt),
            )
        ]
        with patch.object(Attention, "forward", einsum_attention):
            latents = self._denoise(noise.to(device).double(), first, *texts).float()[:, self.context :]
        images = self.codec.decode(self.codec.from_targets(latents, first)[0])
        return latents, to_frames(images)

    def _denoise(
        self,
        x: Tensor,
        first: Tensor,
        prior: tuple[TextEmbedding, TextEmbedding],
        in_domain: tuple[TextEmbedding, TextEmbedding],
    ) -> Tensor:
        for now, then in self.transitions:
            t = torch.tensor([now], device=x.device)
            epsilon = self._composed(x, t, first, prior, in_domain)
            alpha, sigma = float(self.schedule.alphas[now]), float(self.schedule.sigmas[now])
            x_0 = (x - sigma * epsilon) / alpha
            x = float(self.schedule.alphas[then]) * x_0 + float(self.schedule.sigmas[then]) * epsilon
        return x

    def _composed(self, x: Tensor, t: Tensor, first: Tensor, prior: Any, in_domain: Any) -> Tensor:
        """IPA with literal weights (SAIL, eq. 1) or their sum divided out."""
        k, a, y = self.context, self.settings.guidance_scale, self.settings.prior_strength
        own_empty, own_text = (self._epsilon(self.prior, x, t, text, first) for text in prior)
        g_empty, g_text = (self._epsilon(self.prior, x, t, text, first)[:, k:] for text in prior)
        _, d_text = (self._epsilon(self.in_domain, x[:, k:], t, text, first) for text in in_domain)
        composed = g_empty + a * (g_text + y * d_text - g_empty)
        if self.settings.weights == "normalised":
            composed = composed / (1 + a * y)
        own = own_empty + a * (own_text - own_empty)
        return torch.cat([own[:, :k], composed], 1)

    def _epsilon(self, model: Any, x: Tensor, t: Tensor, text: TextEmbedding, first: Tensor) -> Tensor:
        """`x` is float64, the network is given float32."""
        return to_epsilon(self.schedule, model.prediction, model(x.float(), t, text, first).double(), x, t)


def plain_copy(network: Any) -> Any:
    """A copy in the default memory layout."""
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)


class EinsumModel:
    """A denoiser whose fused attention is replaced by einsum; implements `Denoiser`."""

    def __init__(self, model: Any) -> None:
        self.model, self.prediction = model, model.prediction

    def __call__(self, *given: Any) -> Tensor:
        """See `Denoiser`."""
        with patch.object(functional, "scaled_dot_product_attention", einsum_product):
            return self.model(*given)


def einsum_attention(self: Attention, x: Tensor, text: Any = None, mask: Tensor | None = None) -> Tensor:
    """`Attention.forward` in einsum."""
    b, c, h, w = x.shape
    cells = self.norm(x).flatten(2).transpose(1, 2)
    query = self.query(cells).unflatten(-1, (self.heads, -1)).transpose(1, 2)
    key, value = text or self.read(cells)
    mixed = einsum_product(query, key, value, None if mask is None else mask[:, None, None, :])
    return x + self.out(mixed.transpose(1, 2).flatten(2)).transpose(1, 2).reshape(b, c, h, w)


def einsum_product(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None) -> Tensor:
    """`scaled_dot_product_attention` in einsum."""
    scores = torch.einsum("bhqd,bhkd->bhqk", query * query.shape[-1] ** -0.5, key)
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, -torch.inf)
    return torch.einsum("bhqk,bhkd->bhqd", scores.softmax(-1), value)
