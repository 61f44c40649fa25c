"""AnimateDiff with SparseCtrl behind the denoiser port: equal to diffusers' own pipeline, prepared once a plan."""

from __future__ import annotations

import pytest
import torch
from adapt_learning.diffusion.denoiser import PlanDenoiser, Prediction, TextEmbedding, join_texts
from adapt_learning.priors.animatediff import AnimateDiffSettings, load_animatediff
from adapt_learning.priors.random_pipeline import RandomPipeline, character_tokenizer
from adapt_learning.video_prior import VideoPrior
from diffusers import AnimateDiffSparseControlNetPipeline, DDIMScheduler
from PIL import Image
from torch import Tensor

FRAMES = 9


@pytest.fixture(scope="module")
def prior(tiny_animatediff: AnimateDiffSettings) -> VideoPrior:
    return load_animatediff(tiny_animatediff, "cpu", torch.float32)


def inputs(prior: VideoPrior, prompts: list[str]) -> tuple[Tensor, TextEmbedding, Tensor]:
    generator = torch.Generator().manual_seed(1)
    b = len(prompts)
    noisy = torch.randn(b, FRAMES, 4, 8, 8, generator=generator)
    return noisy, prior.encoder.encode(prompts), torch.randn(b, 4, 8, 8, generator=generator)


def at(timestep: int, rows: int) -> Tensor:
    return torch.full((rows,), timestep)


@torch.no_grad()
def test_sampling_equals_the_public_pipeline(prior: VideoPrior, tiny_pipeline: RandomPipeline) -> None:
    noisy, text, first = inputs(prior, ["door close"])
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="linear", clip_sample=False, timestep_spacing="linspace"
    )
    public = public_latents(tiny_pipeline, scheduler, noisy, first)
    scheduler.set_timesteps(4)
    assert isinstance(prior.denoiser, PlanDenoiser)
    texts, firsts = join_texts(prior.encoder.empty(1), text), torch.cat([first, first])
    model = prior.denoiser.for_plan(texts, firsts, scheduler.timesteps.tolist())
    for timestep in scheduler.timesteps:
        empty, with_text = model(torch.cat([noisy, noisy]), at(int(timestep), 2), texts, firsts).chunk(2)
        noisy = scheduler.step(empty + 7.5 * (with_text - empty), timestep, noisy).prev_sample
    scale = public.std()  # random networks' latents grow under guidance
    torch.testing.assert_close(noisy / scale, public / scale, atol=1e-4, rtol=0)


def public_latents(parts: RandomPipeline, scheduler: DDIMScheduler, noisy: Tensor, first: Tensor) -> Tensor:
    """What diffusers' own pipeline samples in 4 steps from the same noise and first latent, (1, f, c, h, w)."""
    tokenizer = character_tokenizer()
    tokenizer.model_max_length = 77
    pipeline = AnimateDiffSparseControlNetPipeline(
        parts.vae, parts.text_encoder, tokenizer, parts.unet, parts.motion_adapter, parts.sparse_control, scheduler
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.prepare_image = lambda *_: first[:, :, None]  # (b, c, 1, h, w); its own would draw a sample
    found = pipeline(
        "door close",
        negative_prompt="bad",
        num_frames=FRAMES,
        height=64,
        width=64,
        num_inference_steps=4,
        guidance_scale=7.5,
        latents=noisy.transpose(1, 2),
        conditioning_frames=[Image.new("RGB", (64, 64))],
        controlnet_frame_indices=[0],
        output_type="latent",
    )
    return torch.as_tensor(found.frames).transpose(1, 2)


@torch.no_grad()
@pytest.mark.parametrize("rows", [1, 3, 9])
def test_a_prepared_plan_predicts_the_same(prior: VideoPrior, rows: int) -> None:
    noisy, text, first = inputs(prior, ["door close", "open", "push"] * (rows // 3) or ["door close"])
    assert isinstance(prior.denoiser, PlanDenoiser)
    planned = prior.denoiser.for_plan(text, first, [999, 400, 7])
    assert planned.prediction is prior.denoiser.prediction is Prediction.EPSILON
    for timestep in (999, 400, 7):
        plain = prior.denoiser(noisy, at(timestep, rows), text, first)
        assert plain.shape == noisy.shape
        torch.testing.assert_close(planned(noisy, at(timestep, rows), text, first), plain, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_sparse_control_is_evaluated_once_a_timestep(prior: VideoPrior, monkeypatch: pytest.MonkeyPatch) -> None:
    noisy, text, first = inputs(prior, ["door close", "open"])
    timesteps, seen = [900, 800, 700, 600, 500, 400, 300, 200, 100], []
    assert isinstance(prior.denoiser, PlanDenoiser)
    control = prior.denoiser.control.network
    forward = control.forward
    monkeypatch.setattr(control, "forward", lambda *given, **named: seen.append(given[1]) or forward(*given, **named))
    planned = prior.denoiser.for_plan(text, first, timesteps)
    for timestep in timesteps:
        planned(noisy, at(timestep, 2), text, first)
    assert torch.cat(seen).tolist() == [timestep for timestep in timesteps for _ in range(2)]
    assert len(seen) == 3  # at most 8 videos together: 4, 4 and 1 timesteps of 2 rows
    with pytest.raises(ValueError, match="555"):
        planned(noisy, at(555, 2), text, first)


@torch.no_grad()
@pytest.mark.parametrize("other", ["text", "first frame", "timestep", "noise"])
def test_every_input_matters(prior: VideoPrior, other: str) -> None:
    noisy, text, first = inputs(prior, ["door close"])
    plain = prior.denoiser(noisy, at(500, 1), text, first)
    changed = prior.denoiser(
        noisy + 1 if other == "noise" else noisy,
        at(100 if other == "timestep" else 500, 1),
        prior.encoder.encode(["open"]) if other == "text" else text,
        first + 1 if other == "first frame" else first,
    )
    assert (changed - plain).abs().max() > 1e-3


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_inside_float32_outside(
    tiny_animatediff: AnimateDiffSettings, prior: VideoPrior, dtype: torch.dtype
) -> None:
    half = load_animatediff(tiny_animatediff, "cpu", dtype)
    noisy, text, first = inputs(prior, ["door close"])
    found = half.denoiser(noisy, at(500, 1), text, first)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, prior.denoiser(noisy, at(500, 1), text, first), atol=0.05, rtol=0.05)
