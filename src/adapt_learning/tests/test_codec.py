"""The codec: shapes, statistics and what it weighs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from adapt_learning.codec import Codec, codec_loss, motion_weight, to_frames, to_images
from adapt_learning.preset import Preset
from adapt_learning.training.episodes import Episode
from adapt_learning.training.stages import build_codec


def test_pixels_survive_the_conversion(episodes: list[Episode]) -> None:
    assert np.array_equal(to_frames(to_images(episodes[0].frames)), episodes[0].frames)


def test_shapes(preset: Preset) -> None:
    codec = build_codec(preset)
    latents = codec.encode(torch.zeros(2, 3, 128, 128))
    assert latents.shape == (2, preset.codec.latent_channels, 16, 16)
    assert codec.decode(latents).shape == (2, 3, 128, 128)


def test_measured_statistics_make_latents_standard() -> None:
    codec = Codec(2, 8)
    clips = 3 * torch.randn(20, 4, 2, 8, 8) + torch.tensor([1.0, -2.0])[:, None, None]
    codec.measure(clips)
    normal = (clips - codec.mean[:, None, None]) / codec.std[:, None, None]
    assert normal.std((0, 1, 3, 4)).tolist() == pytest.approx([1, 1], abs=1e-4)
    residual = codec.to_targets(normal[:, 1:], normal[:, 0])
    assert residual.std().item() == pytest.approx(1, abs=1e-4)
    torch.testing.assert_close(codec.from_targets(residual, normal[:, 0]), normal[:, 1:])


def test_what_moves_weighs_more(episodes: list[Episode]) -> None:
    weight = motion_weight(to_images(episodes[0].frames), 8.0)
    assert weight.shape == (1, 128, 128)
    assert weight.max().item() == pytest.approx(9)
    assert weight[0, -1].max() == 1  # nothing moves at the lower edge


def test_an_error_counts_by_the_weight_of_its_pixel(preset: Preset) -> None:
    codec, noise = build_codec(preset), torch.zeros(1, preset.codec.latent_channels, 16, 16)
    images, spot = torch.full((1, 3, 128, 128), -1.0), torch.ones(1, 1, 128, 128)
    images[..., :64] = 1.0
    spot[..., :64] = 5.0
    left = codec_loss(codec, images, spot, noise, kl_weight=0.0)
    plain = codec_loss(codec, images, torch.ones_like(spot), noise, kl_weight=0.0)
    assert left.isfinite()
    assert left.item() != pytest.approx(plain.item())
    assert codec_loss(codec, images, spot, noise, kl_weight=1.0) > left
