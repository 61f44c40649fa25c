"""IPA and PA against a plain reference, written straight from the papers' equations and settings.

The reference shares nothing with the library but the networks: it makes its own alphas, evaluates six times a step with
one row each, throws half of that away, and takes the step that changes nothing as well.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from adapt_learning.diffusion.compose import Weights
from adapt_learning.diffusion.ddim import Stride
from adapt_learning.diffusion.denoiser import Denoiser, TextEmbedding
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts
from adapt_learning.diffusion.imagine import imagine
from adapt_learning.diffusion.schedule import linear_schedule
from adapt_learning.diffusion.settings import SamplerSettings
from adapt_learning.factorised_unet import FactorisedSettings, FactorisedUNet
from adapt_learning.request_noise import RequestNoise
from torch import Tensor

SIZES = FactorisedSettings("factorised", 8, (1,), 1, (), head_channels=8, text_dim=16, precision="fp32")
FRAMES, CHANNELS, SIZE, TOKENS = 4, 3, 8, 5
SCALE, STRENGTH = 2.5, 0.5
SEEDS = [11, 12]


def network(seed: int) -> Denoiser:
    """A small network whose every weight matters."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = FactorisedUNet(CHANNELS, SIZES).eval()
        for value in model.parameters():
            value.data.add_(0.1 * torch.randn_like(value))
    return model


def text(seed: int) -> TextEmbedding:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(2, TOKENS, SIZES.text_dim, generator=generator)
    mask = torch.arange(TOKENS)[None] < torch.tensor([[TOKENS], [3]])
    return TextEmbedding(tokens, mask, tokens.mean(1))


PRIOR, IN_DOMAIN = network(1), network(2)
CONDITION = Condition(
    Prompts(text(3), text(4)),
    Prompts(text(5), text(6)),
    torch.randn(2, CHANNELS, SIZE, SIZE, generator=torch.Generator().manual_seed(7)),
)


def one_row(prompts: TextEmbedding, row: int) -> TextEmbedding:
    return prompts[torch.tensor([row])]


@torch.no_grad()
def reference(method: Method, noise: Tensor, row: int, context: int) -> Tensor:
    """The latents (f, c, h, w) of one plan from `noise` (1, k + f, c, h, w): 25 linspace timesteps of DDIM with eta 0."""
    alpha_bar = np.cumprod(1 - np.linspace(0.00085, 0.012, 1000))
    first, x = CONDITION.first_frame[row : row + 1], noise
    assert CONDITION.prior is not None
    for t in np.linspace(0, 999, 25).round()[::-1].astype(int):
        now = torch.tensor([t])

        def g(prompts: TextEmbedding, x: Tensor = x, now: Tensor = now) -> Tensor:
            return PRIOR(x, now, one_row(prompts, row), first)

        def d(prompts: TextEmbedding, x: Tensor = x, now: Tensor = now) -> Tensor:
            return IN_DOMAIN(x[:, context:], now, one_row(prompts, row), first)

        plain = g(CONDITION.prior.empty) + SCALE * (g(CONDITION.prior.text) - g(CONDITION.prior.empty))
        g_empty, g_text = g(CONDITION.prior.empty)[:, context:], g(CONDITION.prior.text)[:, context:]
        d_empty, d_text = d(CONDITION.in_domain.empty), d(CONDITION.in_domain.text)
        if method is Method.IPA:
            composed = g_empty + SCALE * (g_text + STRENGTH * d_text - g_empty)
        else:
            composed = d_empty + SCALE * (d_text + STRENGTH * g_text - d_empty)
        epsilon = torch.cat([plain[:, :context], composed], 1)
        x_0 = (x - (1 - alpha_bar[t]) ** 0.5 * epsilon) / alpha_bar[t] ** 0.5
        before = alpha_bar[max(t - 40, 0)]  # 1000 // 25 below; what lies below 0 is 0
        x = before**0.5 * x_0 + (1 - before) ** 0.5 * epsilon
    return x[0, context:].float()


@pytest.mark.parametrize("context", [0, 1])
@pytest.mark.parametrize("method", [Method.IPA, Method.PA])
def test_latents_are_those_of_the_papers(method: Method, context: int) -> None:
    sampler = SamplerSettings(method, 24, SCALE, STRENGTH, Weights.LITERAL, stride=Stride.EVEN)
    noise = RequestNoise(SEEDS, (context + FRAMES, CHANNELS, SIZE, SIZE))
    found = imagine(Models(PRIOR, IN_DOMAIN, context), CONDITION, sampler, linear_schedule(1000), noise)
    alone = RequestNoise(SEEDS[1:], (context + FRAMES, CHANNELS, SIZE, SIZE))
    expected = reference(method, alone(), 1, context)
    assert expected.std() > 0.1
    torch.testing.assert_close(found[1], expected, rtol=1e-4, atol=1e-4)
