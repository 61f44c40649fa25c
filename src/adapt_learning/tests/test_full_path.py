"""From two prompts and an image to imagined frames, through parts of the real classes loaded from folders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.types import PlanRequest
from adapt_core.weights import WeightsRole
from adapt_learning.clip_text import load_clip_encoder
from adapt_learning.diffusion.compose import Weights
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.settings import NoiseSettings
from adapt_learning.embedded_weights import embedded_version
from adapt_learning.factorised_unet import FactorisedSettings
from adapt_learning.in_domain import build_in_domain
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.planner import ComposedVideoPlanner
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.animatediff import AnimateDiffSettings, load_animatediff
from adapt_learning.stable_diffusion_codec import StableDiffusionCodecSettings, load_stable_diffusion_codec
from adapt_learning.weights_file import save_weights, weights_name

SIZE = 64  # pixels


@dataclass(frozen=True)
class Family:
    """A preset of the papers' kinds, minuscule, with random in-domain weights in `folder`."""

    preset: Preset
    folder: Path

    def planner(self, method: Method = Method.IPA, prior_dtype: torch.dtype = torch.float32) -> ComposedVideoPlanner:
        preset, base = self.preset, self.preset.prior.base
        codec = load_stable_diffusion_codec(preset.codec, "cpu", torch.float32)
        return ComposedVideoPlanner(
            preset,
            codec,
            None if method is Method.IN_DOMAIN else load_animatediff(preset.prior, "cpu", prior_dtype),
            InDomainVersions(preset, codec.space, embedded=self.folder),
            embedded_version(preset.name),
            load_clip_encoder(base, "cpu", subfolders=True),
            replace(preset.sampler, method=method),
        )


@pytest.fixture(scope="module")
def family(tiny_animatediff: AnimateDiffSettings, tmp_path_factory: pytest.TempPathFactory) -> Family:
    plain = load_preset("test", {"sampler.steps": 3})
    preset = replace(
        plain,
        image_size=SIZE,
        noise=NoiseSettings("linear", 1000),
        codec=StableDiffusionCodecSettings("stable_diffusion", tiny_animatediff.base),
        prior=tiny_animatediff,
        in_domain=FactorisedSettings("factorised", 8, (1, 2), 1, (1,), 8, 32, "fp32"),
        sampler=replace(plain.sampler, weights=Weights.NORMALISED),
    )
    folder = tmp_path_factory.mktemp("in_domain")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = build_in_domain(preset)
        for value in model.parameters():
            value.data.add_(0.05 * torch.randn_like(value))
    save_weights(model, folder / weights_name(WeightsRole.IN_DOMAIN), preset.name, WeightsRole.IN_DOMAIN)
    return Family(preset, folder)


def request(seed: int = 0) -> PlanRequest:
    image = np.random.default_rng(7).integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)
    return PlanRequest(image, "door close", "a robot arm closing a door", seed, stamp_s=0.5)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_imagines_frames(family: Family, method: Method) -> None:
    [plan] = family.planner(method).plan([request()])
    assert plan.frames.shape == (8, SIZE, SIZE, 3)  # frame 0, the observation, is thrown away
    assert plan.frames.dtype == np.uint8
    assert plan.frames.std() > 1


def test_every_condition_matters(family: Family) -> None:
    planner, plain = family.planner(), request()
    others = [
        replace(plain, image=255 - plain.image),
        replace(plain, prior_prompt="a robot arm opening a window"),
        replace(plain, in_domain_prompt="window open"),
        replace(plain, seed=1),
    ]
    first, *changed = planner.plan([plain, *others])
    for plan in changed:
        assert not np.array_equal(plan.frames, first.frames)


def test_the_company_changes_no_plan(family: Family) -> None:
    planner = family.planner()
    together = planner.plan([request(seed) for seed in range(9)])  # more than SparseCtrl takes at once
    [alone] = planner.plan([request(4)])
    assert np.abs(together[4].frames.astype(int) - alone.frames).max() <= 1


def test_half_precision_plans_alike(family: Family) -> None:
    [plain], [half] = (family.planner(prior_dtype=dtype).plan([request()]) for dtype in (torch.float32, torch.bfloat16))
    assert np.abs(plain.frames.astype(float) - half.frames).mean() < 3
