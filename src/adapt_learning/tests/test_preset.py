"""Presets on disk."""

from __future__ import annotations

import pytest
import torch
from adapt_core.errors import ConfigError
from adapt_learning.codec import CompactCodecSettings
from adapt_learning.diffusion.compose import Weights
from adapt_learning.diffusion.ddim import Stride
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.settings import SamplerKind
from adapt_learning.factorised_unet import FactorisedSettings
from adapt_learning.in_domain import build_in_domain
from adapt_learning.preset import load_preset
from adapt_learning.preset_table import preset_names, preset_row
from adapt_learning.priors.animatediff import AnimateDiffSettings
from adapt_learning.priors.animatelcm import AnimateLcmSettings
from adapt_learning.text_settings import ClipSettings

PAPERS = {"metaworld": 179.91e6, "panda": 156.58e6}  # parameters (SAIL, appendix)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_its_in_domain_model_fits_its_latents(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.future_frames == 8
    with torch.device("meta"):
        assert build_in_domain(preset).prediction is not None
    row = preset_row(name)
    assert row.weights == ("shipped" if name in ("tiny", "panda_tiny", "test") else "to be trained")
    small = isinstance(preset.codec, CompactCodecSettings)
    sizes = (row.in_domain_parameters, row.prior_parameters, row.codec_parameters, row.inverse_dynamics_parameters)
    assert all(1e3 < size < (5e7 if small else 3e9) for size in sizes)


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_in_domain_models_are_of_their_size(name: str) -> None:
    row = preset_row(name)
    assert row.in_domain_parameters == pytest.approx(PAPERS[name], rel=0.01)
    assert row.text_encoder_parameters == 63_165_952  # CLIP ViT-B/32


def test_three_blocks_are_as_much_larger_than_two_as_in_the_papers() -> None:
    larger, smaller = (preset_row(name).in_domain_parameters for name in PAPERS)
    assert larger - smaller == pytest.approx(PAPERS["metaworld"] - PAPERS["panda"], rel=0.01)


def test_the_papers_prior_is_of_its_size() -> None:
    row = preset_row("metaworld")
    assert row.prior_parameters + row.codec_parameters == pytest.approx(2.0e9, rel=0.05)
    assert row.codec_parameters == pytest.approx(83.65e6, rel=0.001)


def test_the_papers_inverse_dynamics_is_of_its_size() -> None:
    assert preset_row("panda_vc1").inverse_dynamics_parameters == 10_759  # beyond VC-1 (SAIL, appendix)


def test_metaworld_is_the_papers() -> None:
    preset = load_preset("metaworld")
    sampler, training = preset.sampler, preset.training
    assert (sampler.method, sampler.guidance_scale, sampler.prior_strength) == (Method.IPA, 2.5, 0.5)
    assert (sampler.kind, sampler.steps, sampler.stride) == (SamplerKind.DDIM, 24, Stride.EVEN)
    assert sampler.weights is Weights.LITERAL
    assert (preset.noise.kind, preset.noise.timesteps, preset.image_size) == ("linear", 1000, 512)
    assert isinstance(preset.prior, AnimateDiffSettings)
    assert preset.text == ClipSettings("clip", "openai/clip-vit-base-patch32@refs/pr/15")
    first, finetune = training.in_domain, training.finetune
    assert (first.steps, first.batch_size, first.learning_rate) == (70_000, 8, 2e-5)
    assert (finetune.steps, finetune.batch_size, finetune.learning_rate) == (10_000, 4, 1e-5)
    for given in (first, finetune):
        assert (given.ema, given.text_dropout, given.min_snr_gamma) == (0.999, 0.1, 5.0)


def test_the_panda_says_what_differs() -> None:
    cups, drawers = load_preset("panda"), load_preset("panda_drawers")
    assert isinstance(cups.in_domain, FactorisedSettings)
    assert (cups.in_domain.blocks, cups.in_domain.base) == (2, 128)
    assert (cups.sampler.guidance_scale, drawers.sampler.guidance_scale) == (7.0, 2.5)
    assert (cups.training.in_domain.steps, cups.training.in_domain.learning_rate) == (88_000, 2e-5)
    for preset, expected in ((cups, (8_000, 8, 2e-5)), (drawers, (10_000, 8, 1e-5))):
        finetune = preset.training.finetune
        assert (finetune.steps, finetune.batch_size, finetune.learning_rate) == expected


@pytest.mark.parametrize(
    ("name", "method", "scale", "strength"),
    [
        ("metaworld", "pa", 2.5, 0.1),
        ("metaworld", "vanilla", 7.5, 0.5),
        ("metaworld", "in_domain", 2.5, 0.0),
        ("animatelcm", "ipa", 2.5, 0.2),
        ("animatelcm", "pa", 2.5, 0.1),
        ("panda", "pa", 7.0, 0.1),
        ("tiny", "pa", 1.0, 0.5),
    ],
)
def test_another_method_brings_its_own_numbers(name: str, method: str, scale: float, strength: float) -> None:
    sampler = load_preset(name, {"sampler.method": method}).sampler
    assert (sampler.method.value, sampler.guidance_scale, sampler.prior_strength) == (method, scale, strength)


def test_a_number_that_is_given_wins_over_the_methods() -> None:
    given = {"sampler.method": "vanilla", "sampler.guidance_scale": 8.0}
    assert load_preset("metaworld", given).sampler.guidance_scale == 8.0


def test_animatelcm_takes_few_steps() -> None:
    preset = load_preset("animatelcm")
    assert isinstance(preset.prior, AnimateLcmSettings)
    assert (preset.prior.lcm_lora_scale, preset.sampler.kind) == (0.8, SamplerKind.LCM)
    assert preset.sampler.steps < 10


def test_overrides_win() -> None:
    assert load_preset("tiny", {"sampler.method": "in_domain"}).sampler.method is Method.IN_DOMAIN


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"sampler.stepz": 3}, "sampler.stepz: unknown key"),
        ({"sampler.steps": "three"}, "sampler.steps"),
        ({"image_size": 100}, "image_size: must be a multiple of 32"),
        ({"sampler.method": "magic"}, "sampler.method"),
        ({"methods": {"magic": {}}}, "methods"),
        ({"methods": {"pa": {"strength": 1}}}, "methods.pa.strength: unknown key"),
        ({"in_domain.kind": "factorized"}, 'in_domain.kind: .*did you mean "factorised"'),
        ({"in_domain.blocks": 2}, "in_domain.blocks: unknown key"),
        ({"text": {"kind": "clip"}}, "text.kind: an in-domain model of the kind compact reads minilm only"),
        ({"prior": {"kind": "animatediff", "sparse_control_scale": -1}}, "prior.sparse_control_scale: "),
    ],
)
def test_nonsense_is_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_preset("tiny", overrides)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"in_domain.head_channels": 48}, "in_domain: .*must be a multiple of head_channels"),
        ({"in_domain.cell_attention": [3]}, "in_domain: .*levels from 0 to 2"),
        ({"text": {"kind": "minilm"}}, "in_domain.text_dim: must be 384"),
    ],
)
def test_sizes_that_do_not_go_together_are_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_preset("metaworld", overrides)


def test_an_unknown_preset_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ConfigError, match="tiny"):
        load_preset("gigantic")
