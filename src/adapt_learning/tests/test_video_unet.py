"""The compact U-Net prepared for a plan, and what bfloat16 changes of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from adapt_learning.convolution import computes_bf16
from adapt_learning.diffusion.denoiser import PlanDenoiser, TextEmbedding
from adapt_learning.diffusion.settings import Precision
from adapt_learning.pointer import PointerSettings
from adapt_learning.text import TEXT_DIM
from adapt_learning.video_unet import VideoUNet
from torch import Tensor

TIMESTEPS = [900, 400, 10]
CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=[None, PointerSettings(8)], ids=["", "pointed"])
def model(request: pytest.FixtureRequest) -> VideoUNet:
    """Random weights, those that start at zero as well."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = VideoUNet(frames=3, latent_channels=2, width=8, heads=2, pointer=request.param).eval()
        for value in made.parameters():
            value.data.add_(0.1 * torch.randn_like(value))
    return made


def inputs() -> tuple[Tensor, TextEmbedding, Tensor]:
    generator = torch.Generator().manual_seed(1)
    noisy, first = (torch.randn(shape, generator=generator) for shape in ((2, 3, 2, 8, 8), (2, 2, 8, 8)))
    tokens = torch.randn(2, 5, TEXT_DIM, generator=generator)
    mask = torch.arange(5)[None] < torch.tensor([[5], [2]])
    return noisy, TextEmbedding(tokens, mask, tokens.mean(1)), first


@torch.no_grad()
def answers(model: VideoUNet, precision: Precision) -> Tensor:
    noisy, text, first = inputs()
    with precision.autocast(CPU):
        planned = model.for_plan(text, first, TIMESTEPS)
        return torch.stack([planned(noisy, torch.tensor([t, t]), text, first) for t in TIMESTEPS])


@torch.no_grad()
def plain_answers(model: VideoUNet) -> Tensor:
    noisy, text, first = inputs()
    return torch.stack([model(noisy, torch.tensor([t, t]), text, first) for t in TIMESTEPS])


def test_preparing_for_a_plan_changes_no_answer(model: VideoUNet) -> None:
    assert isinstance(model, PlanDenoiser)
    torch.testing.assert_close(answers(model, Precision.FP32), plain_answers(model), rtol=1e-5, atol=1e-5)


def has(monkeypatch: pytest.MonkeyPatch, capabilities: Mapping[str, bool]) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)


def test_bfloat16_changes_answers_a_little(model: VideoUNet, monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, {"amx_bf16": True})
    found, exact = answers(model, Precision.BF16), plain_answers(model)
    assert found.dtype is torch.float32
    assert 0 < ((found - exact).norm() / exact.norm()).item() < 1e-2


def test_a_processor_without_bfloat16_computes_in_float32(model: VideoUNet, monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, {"avx2": True})
    assert not computes_bf16(CPU)
    torch.testing.assert_close(answers(model, Precision.BF16), plain_answers(model), rtol=1e-5, atol=1e-5)
