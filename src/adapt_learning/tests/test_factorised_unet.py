"""The factorised U-Net: what it reads, how it is run, and the papers' sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.factorised_blocks import FactorisedConv, as_clips, as_frames
from adapt_learning.factorised_unet import FactorisedSettings, FactorisedUNet
from adapt_learning.layers import place
from torch import Tensor

SMALL = FactorisedSettings(
    "factorised",
    base=16,
    multipliers=(1, 2),
    blocks=1,
    cell_attention=(1,),
    head_channels=8,
    text_dim=24,
    precision="fp32",
)
FRAMES, CHANNELS, SIZE, TOKENS = 3, 4, 8, 5

Inputs = tuple[Tensor, Tensor, TextEmbedding, Tensor]


def random_model(settings: FactorisedSettings = SMALL) -> FactorisedUNet:
    """All weights drawn, those that begin as zero or as the identity as well."""
    torch.manual_seed(0)
    model = FactorisedUNet(CHANNELS, settings)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.05 * torch.randn(value.shape))
    return model.eval()


def text(seed: int = 0) -> TextEmbedding:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(2, TOKENS, SMALL.text_dim, generator=generator)
    return TextEmbedding(tokens, torch.arange(TOKENS)[None] < torch.tensor([[3], [5]]), tokens.mean(1))


def inputs() -> Inputs:
    generator = torch.Generator().manual_seed(1)
    noisy = torch.randn(2, FRAMES, CHANNELS, SIZE, SIZE, generator=generator)
    return noisy, torch.tensor([10, 900]), text(), torch.randn(2, CHANNELS, SIZE, SIZE, generator=generator)


def relative_error(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


def test_it_answers_in_the_shape_of_its_input_and_begins_at_zero() -> None:
    out = FactorisedUNet(CHANNELS, SMALL)(*inputs())
    assert out.shape == (2, FRAMES, CHANNELS, SIZE, SIZE)
    assert not out.any()


@pytest.mark.parametrize("changed", ["noisy", "timestep", "text", "first frame"])
@torch.no_grad()
def test_everything_it_is_given_matters_to_its_own_row_only(changed: str) -> None:
    model, (noisy, timestep, prompts, first) = random_model(), inputs()
    before = model(noisy, timestep, prompts, first)
    keep = torch.tensor([True, False])
    other: Inputs = {
        "noisy": (torch.stack([noisy[0], -noisy[1]]), timestep, prompts, first),
        "timestep": (noisy, torch.tensor([10, 500]), prompts, first),
        "text": (noisy, timestep, prompts.where(keep, replace(text(7), mask=prompts.mask)), first),
        "first frame": (noisy, timestep, prompts, torch.stack([first[0], -first[1]])),
    }[changed]
    after = model(*other)
    torch.testing.assert_close(after[0], before[0])
    assert relative_error(after[1], before[1]) > 1e-3


@torch.no_grad()
def test_frames_are_mixed_in_time() -> None:
    model, (noisy, timestep, prompts, first) = random_model(), inputs()
    changed = noisy.clone()
    changed[:, 0] += 1
    moved = (model(changed, timestep, prompts, first) - model(noisy, timestep, prompts, first)).abs().amax((0, 2, 3, 4))
    assert (moved > 1e-4).all()


@torch.no_grad()
def test_masked_tokens_are_never_read() -> None:
    model, (noisy, timestep, prompts, first) = random_model(), inputs()
    tokens = prompts.tokens.masked_fill(~prompts.mask[..., None], 100.0)
    torch.testing.assert_close(
        model(noisy, timestep, replace(prompts, tokens=tokens), first), model(noisy, timestep, prompts, first)
    )
    cut = TextEmbedding(prompts.tokens[:1, :3], prompts.mask[:1, :3], prompts.pooled[:1])
    alone = model(noisy[:1], timestep[:1], cut, first[:1])
    torch.testing.assert_close(alone, model(noisy, timestep, prompts, first)[:1], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_memory_layout_changes_nothing_and_other_numbers_of_frames_will_do() -> None:
    model, given = random_model(), inputs()
    expected = model(*given)
    torch.testing.assert_close(place(random_model(), "cpu")(*given), expected, rtol=1e-4, atol=1e-5)
    assert model(given[0][:, :1], *given[1:]).shape[1] == 1


@torch.no_grad()
def test_bfloat16_is_close_to_float32() -> None:
    model, given = random_model(), inputs()
    expected = model(*given)
    found = random_model().to(torch.bfloat16)(*given)
    assert found.dtype is torch.float32
    assert 1e-5 < relative_error(found, expected) < 2e-2
    with torch.autocast("cpu", torch.bfloat16):
        assert relative_error(model(*given), expected) < 2e-2


def test_gradient_checkpointing_changes_no_gradient() -> None:
    plain, thrifty = random_model(), random_model(replace(SMALL, gradient_checkpointing=True))
    given = inputs()
    for model in (plain, thrifty):
        model(*given).square().mean().backward()
    gradients = dict(thrifty.named_parameters())
    for name, value in plain.named_parameters():
        assert value.grad is not None, name
        torch.testing.assert_close(gradients[name].grad, value.grad, msg=name)


def test_a_new_model_learns() -> None:
    """Gradients pass the layers that begin at zero: in 30 steps the noise of one clip is known by half."""
    torch.manual_seed(0)
    model, given, target = FactorisedUNet(CHANNELS, SMALL), inputs(), torch.randn(2, FRAMES, CHANNELS, SIZE, SIZE)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        loss = (model(*given) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


@torch.no_grad()
def test_a_new_factorised_convolution_is_one_of_space_alone() -> None:
    conv, x = FactorisedConv(4, 6, stride=2), torch.randn(2 * FRAMES, 4, SIZE, SIZE)
    torch.testing.assert_close(conv(x, FRAMES), conv.spatial(x))
    conv.temporal.weight.zero_()[:, :, 0] = torch.eye(6)[..., None]  # what was one frame before
    before = conv.spatial(x).unflatten(0, (2, FRAMES))[:, :-1]
    torch.testing.assert_close(conv(x, FRAMES).unflatten(0, (2, FRAMES))[:, 1:], before)


def test_clips_and_frames_are_two_views_of_one_memory() -> None:
    x = torch.randn(2 * FRAMES, 4, 6, 8).to(memory_format=torch.channels_last)
    clips = as_clips(x, FRAMES)
    assert clips.shape == (2, 4, FRAMES, 48)
    assert clips.data_ptr() == x.data_ptr()
    assert clips.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(as_frames(clips, 6), x)
    assert as_frames(clips, 6).data_ptr() == x.data_ptr()


@pytest.mark.parametrize("change", [{"head_channels": 12}, {"text_dim": 20}, {"cell_attention": (2,)}])
def test_sizes_that_do_not_go_together_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be a multiple|levels from 0 to 1"):
        replace(SMALL, **change)
