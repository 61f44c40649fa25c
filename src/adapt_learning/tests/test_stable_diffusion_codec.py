"""Stable Diffusion's latent space behind the codec port."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from adapt_learning.priors.random_pipeline import RandomPipeline
from adapt_learning.stable_diffusion_codec import (
    StableDiffusionCodec,
    StableDiffusionCodecSettings,
    load_stable_diffusion_codec,
)
from diffusers import AutoencoderKL


def load(folder: Path, dtype: torch.dtype = torch.float32) -> StableDiffusionCodec:
    settings = StableDiffusionCodecSettings("stable_diffusion", str(folder / "base"))
    return load_stable_diffusion_codec(settings, "cpu", dtype)


def test_latents_are_the_scaled_mean_and_frames_come_back(
    tiny_pipeline_folder: Path, tiny_pipeline: RandomPipeline
) -> None:
    codec, vae = load(tiny_pipeline_folder), tiny_pipeline.vae
    images = torch.rand(6, 3, 64, 64) * 2 - 1
    latents = codec.encode(images)
    with torch.no_grad():
        torch.testing.assert_close(latents, vae.encode(images).latent_dist.mean * 0.18215)
        torch.testing.assert_close(codec.decode(latents), vae.decode(latents / 0.18215).sample)
    assert (latents.shape, codec.latent_channels) == ((6, 4, 8, 8), 4)


def test_frames_are_decoded_a_few_at_a_time(tiny_pipeline_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec, sizes = load(tiny_pipeline_folder), []
    decode = codec.vae.decode
    monkeypatch.setattr(codec.vae, "decode", lambda part: sizes.append(len(part)) or decode(part))
    assert len(codec.decode(torch.zeros(10, 4, 8, 8))) == 10
    assert max(sizes) <= 4


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_float32_outside_whatever_inside(tiny_pipeline_folder: Path, dtype: torch.dtype) -> None:
    codec, images = load(tiny_pipeline_folder, dtype), torch.rand(2, 3, 64, 64) * 2 - 1
    latents = codec.encode(images)
    assert latents.dtype == codec.decode(latents).dtype == torch.float32
    torch.testing.assert_close(latents, load(tiny_pipeline_folder).encode(images), atol=0.02, rtol=0.02)


def test_video_models_denoise_the_latents_themselves(tiny_pipeline_folder: Path) -> None:
    codec, latents, first = load(tiny_pipeline_folder), torch.randn(1, 8, 4, 8, 8), torch.randn(1, 4, 8, 8)
    assert torch.equal(codec.to_targets(latents, first), latents)
    assert torch.equal(codec.from_targets(latents, first), latents)


def test_the_space_is_told_by_what_the_codec_is(tiny_pipeline_folder: Path) -> None:
    assert load(tiny_pipeline_folder).space == "stable-diffusion-1.5"
    other = AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=16, scaling_factor=0.3611)
    assert StableDiffusionCodec(other).space == "autoencoder-kl-16x1x0.3611"
