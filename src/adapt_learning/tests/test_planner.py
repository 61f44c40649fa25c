"""The planner: repeatable plans, refused requests, and weights that are swapped whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.errors import CancelledByUserError, ConfigError, ImageError, WeightsError
from adapt_core.types import PlanRequest, VideoPlan
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore
from adapt_learning.diffusion.denoiser import Prediction, TextEmbedding
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.settings import Precision
from adapt_learning.in_domain import build_in_domain
from adapt_learning.model_family import ModelFamily
from adapt_learning.planner import ComposedVideoPlanner
from adapt_learning.preset import Preset
from adapt_learning.text import shared_encoder
from adapt_learning.video_prior import VideoPrior
from adapt_learning.weights_file import load_weights, save_weights
from torch import Tensor

IN_DOMAIN = "in_domain.safetensors"


def request(seed: int = 0, prompt: str = "door close", size: int = 128) -> PlanRequest:
    image = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return PlanRequest(image, prompt, f"a robot arm: {prompt}", seed, stamp_s=1.5)


def put(store: WeightsStore, version: str, preset: Preset, name: str = "test", scale: float = 1.0) -> None:
    """Store random in-domain weights, multiplied by `scale`."""
    model = build_in_domain(preset)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value)).mul_(scale)
    header = WeightsHeader(name, WeightsRole.IN_DOMAIN)
    store.write(version, header, lambda folder: save_weights(model, folder / IN_DOMAIN, name, WeightsRole.IN_DOMAIN))


def frames_of(planner: ComposedVideoPlanner) -> VideoPlan:
    return planner.plan([request()])[0]


def test_a_plan_answers_its_request(family: ModelFamily) -> None:
    steps: list[tuple[int, int]] = []
    [plan] = family.planner().plan([request(3)], lambda done, of: steps.append((done, of)))
    assert plan.frames.shape == (8, 128, 128, 3)
    assert plan.frames.dtype == np.uint8
    assert (plan.seed, plan.stamp_s, plan.in_domain_prompt) == (3, 1.5, "door close")
    assert plan.weights_version == "test-embedded"
    assert steps == [(1, 2), (2, 2)]


def test_nothing_asked_nothing_planned(family: ModelFamily) -> None:
    assert family.planner().plan([]) == []


@pytest.mark.parametrize("method", list(Method))
def test_batching_changes_no_plan(preset: Preset, folder: Path, method: Method) -> None:
    sampler = replace(preset.sampler, method=method)
    planner = ModelFamily(replace(preset, sampler=sampler), folder=folder).planner()
    asked = [request(1), request(2, "drawer close"), request(3, "a much longer prompt than the others have")]
    together = planner.plan(asked)
    for one, plan in zip(asked, together, strict=True):
        [alone] = planner.plan([one])
        assert np.abs(alone.frames.astype(int) - plan.frames).max() <= 1


def test_what_was_demonstrated_is_composed_with_a_strength_of_its_own(
    preset: Preset, folder: Path, tmp_path: Path
) -> None:
    shown = shutil.copytree(folder, tmp_path / "shown")
    model = load_weights(build_in_domain(preset), shown / IN_DOMAIN, "test", WeightsRole.IN_DOMAIN)
    save_weights(model, shown / IN_DOMAIN, "test", WeightsRole.IN_DOMAIN, prompts=["door close", "reach"])
    asked = [request(1, "door open"), request(2, "door close")]

    def plans(weights: Path, **changes: float) -> list[np.ndarray]:
        planner = ModelFamily(replace(preset, sampler=replace(preset.sampler, **changes)), folder=weights).planner()
        return [plan.frames.astype(int) for plan in planner.plan(asked)]

    found = plans(shown, prior_strength=0.5, demonstrated_strength=4.0)
    weak, strong = plans(shown, prior_strength=0.5), plans(shown, prior_strength=4.0)
    assert np.abs(found[0] - weak[0]).max() <= 1
    assert np.abs(found[1] - strong[1]).max() <= 1
    assert np.abs(weak[1] - strong[1]).max() > 1
    nothing_shown = plans(folder, prior_strength=0.5, demonstrated_strength=4.0)
    assert np.abs(nothing_shown[1] - weak[1]).max() <= 1


def test_equal_requests_give_equal_plans_and_other_seeds_others(family: ModelFamily) -> None:
    planner = family.planner()
    again, other = planner.plan([request()])[0], planner.plan([replace(request(), seed=9)])[0]
    assert np.array_equal(frames_of(planner).frames, again.frames)
    assert not np.array_equal(again.frames, other.frames)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((128, 128, 4), np.uint8),
        np.zeros((128, 128, 3), np.float32),
        np.zeros((128, 128), np.uint8),
    ],
)
def test_other_images_are_refused(family: ModelFamily, image: np.ndarray) -> None:
    with pytest.raises(ImageError, match="128, 128, 3"):
        family.planner().plan([request(), replace(request(), image=image)])


def test_an_empty_prompt_is_refused(family: ModelFamily) -> None:
    with pytest.raises(ConfigError, match="prompt is empty"):
        family.planner().plan([replace(request(), in_domain_prompt=" ")])


def test_cancelled_before_the_first_step(family: ModelFamily) -> None:
    with pytest.raises(CancelledByUserError):
        family.planner().plan([request()], should_stop=lambda: True)


def test_new_weights_change_plans_and_the_embedded_ones_come_back(
    family: ModelFamily, store: WeightsStore, preset: Preset
) -> None:
    put(store, "v1", preset)
    planner = family.planner(store)
    before = frames_of(planner)
    planner.load_weights("v1")
    after = frames_of(planner)
    assert after.weights_version == planner.weights_version == "v1"
    assert not np.array_equal(before.frames, after.frames)
    planner.load_weights(family.version)
    assert np.array_equal(before.frames, frames_of(planner).frames)


@pytest.mark.parametrize("fault", ["missing", "corrupt", "other preset", "other shapes", "nan", "infinite plans"])
def test_bad_weights_leave_the_old_ones_serving(
    family: ModelFamily, store: WeightsStore, preset: Preset, fault: str
) -> None:
    planner = family.planner(store)
    before = frames_of(planner)
    spoil(store, preset, fault)
    with pytest.raises(WeightsError):
        planner.load_weights("bad")
    assert planner.weights_version == "test-embedded"
    assert np.array_equal(before.frames, frames_of(planner).frames)


def spoil(store: WeightsStore, preset: Preset, fault: str) -> None:
    """Put a version "bad" into `store` that has the named fault."""
    match fault:
        case "corrupt":
            put(store, "bad", preset)
            path = store.path("bad") / IN_DOMAIN
            path.write_bytes(path.read_bytes()[:-100])
        case "other preset":
            put(store, "bad", preset, name="other")
        case "other shapes":
            put(store, "bad", replace(preset, in_domain=replace(preset.in_domain, width=16)))
        case "nan":
            put(store, "bad", preset, scale=float("nan"))
        case "infinite plans":
            put(store, "bad", preset, scale=1e30)


def test_without_a_store_there_are_only_the_embedded_weights(family: ModelFamily) -> None:
    with pytest.raises(WeightsError, match="without a weights store"):
        family.planner().load_weights("v7")


def test_missing_embedded_weights_are_named(preset: Preset, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"codec\.safetensors does not exist"):
        ModelFamily(preset, folder=tmp_path).planner()


class OnesPrior:
    """A prior that answers `value` everywhere and remembers how many frames it was asked about."""

    prediction = Prediction.V

    def __init__(self, value: float = 0.0) -> None:
        self.value = value
        self.frames: list[int] = []

    def __call__(self, noisy: Tensor, timestep: Tensor, text: TextEmbedding, first_frame: Tensor) -> Tensor:
        self.frames.append(noisy.shape[1])
        return torch.full_like(noisy, self.value)


def with_prior(family: ModelFamily, prior: VideoPrior | None, method: Method = Method.IPA) -> ComposedVideoPlanner:
    sampler = replace(family.preset.sampler, method=method)
    preset, codec, versions = family.preset, family.codec(), family.versions("compact")
    return ComposedVideoPlanner(preset, codec, prior, versions, family.version, shared_encoder(), sampler)


@pytest.mark.parametrize("method", [Method.IPA, Method.PA, Method.VANILLA])
def test_context_frames_are_denoised_and_thrown_away(family: ModelFamily, method: Method) -> None:
    model = OnesPrior()
    planner = with_prior(family, VideoPrior(model, shared_encoder(), "compact", 1, 0), method)
    [plan] = planner.plan([request()])
    assert plan.frames.shape == (8, 128, 128, 3)
    assert model.frames == [9, 9]  # two steps


def test_in_domain_only_needs_no_prior(family: ModelFamily) -> None:
    model = OnesPrior()
    offered = with_prior(family, VideoPrior(model, shared_encoder(), "compact", 1, 0), Method.IN_DOMAIN)
    without = with_prior(family, None, Method.IN_DOMAIN)
    assert np.array_equal(frames_of(offered).frames, frames_of(without).frames)
    assert model.frames == []


def test_the_other_methods_need_a_prior(family: ModelFamily) -> None:
    with pytest.raises(WeightsError, match="method: in_domain"):
        with_prior(family, None)


def test_a_prior_of_another_latent_space_is_refused(family: ModelFamily) -> None:
    with pytest.raises(WeightsError, match=r'"elsewhere".*"compact"'):
        with_prior(family, VideoPrior(OnesPrior(), shared_encoder(), "elsewhere", 0, 0))


def test_what_is_not_finite_becomes_an_error_and_no_black_video(family: ModelFamily) -> None:
    planner = with_prior(family, VideoPrior(OnesPrior(float("nan")), shared_encoder(), "compact", 0, 0))
    with pytest.raises(WeightsError, match="not finite"):
        planner.plan([request()])


def test_half_the_digits_give_nearly_the_same_plan(family: ModelFamily, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    sampler = replace(family.preset.sampler, precision=Precision.BF16)
    fast = ModelFamily(replace(family.preset, sampler=sampler), folder=family.folder).planner()
    difference = np.abs(frames_of(fast).frames.astype(float) - frames_of(family.planner()).frames)
    assert 0 < difference.mean() < 3
