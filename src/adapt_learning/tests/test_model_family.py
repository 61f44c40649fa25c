"""A preset's models, built and wired, with shipped weights and with other people's networks from folders."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.errors import ConfigError, WeightsError
from adapt_core.types import ActionSpace, PlanRequest
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.embedded_training import Making, TrainingData, make_embedded_weights
from adapt_learning.in_domain import build_in_domain
from adapt_learning.model_family import ModelFamily
from adapt_learning.preset import Preset, SharedWeights, load_preset
from adapt_learning.priors.random_pipeline import RandomPipeline
from adapt_learning.stable_diffusion_codec import StableDiffusionCodec
from adapt_learning.training.episodes import Episode
from adapt_learning.training.stages import build_codec
from adapt_learning.weights_file import load_weights, save_weights, weights_name

IN_DOMAIN = weights_name(WeightsRole.IN_DOMAIN)


def request(size: int) -> PlanRequest:
    image = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return PlanRequest(image, "door close", "a robot arm closing a door", seed=3)


def without_prior(folder: Path, copy: Path) -> Path:
    shutil.copytree(folder, copy)
    (copy / weights_name(WeightsRole.PRIOR)).unlink()
    return copy


def test_only_a_composition_loads_the_prior(preset: Preset, folder: Path, store: WeightsStore, tmp_path: Path) -> None:
    bare = without_prior(folder, tmp_path / "bare")
    alone = replace(preset, sampler=replace(preset.sampler, method=Method.IN_DOMAIN))
    assert ModelFamily(alone, folder=bare).planner().plan([request(128)])[0].frames.shape == (8, 128, 128, 3)
    ModelFamily(preset, folder=bare).trainer(store, tmp_path / "training")
    with pytest.raises(WeightsError, match=r"prior\.safetensors does not exist: train these weights"):
        ModelFamily(preset, folder=bare).planner()


def test_shared_weights_are_another_presets_and_are_not_trained(
    preset: Preset, episodes: list[Episode], tmp_path: Path
) -> None:
    shared = SharedWeights("test", (WeightsRole.CODEC, WeightsRole.PRIOR, WeightsRole.INVERSE_DYNAMICS))
    mine, out = replace(preset, name="mine", shares=shared), tmp_path / "out"
    make_embedded_weights(TrainingData(episodes, [], []), Making(mine, tmp_path / "runs", out))
    assert [path.name for path in out.glob("*.safetensors")] == [IN_DOMAIN]
    models, others = ModelFamily(mine, folder=out), ModelFamily("test")
    assert models.planner().weights_version == "mine-embedded"
    everything = replace(mine, shares=SharedWeights("test", tuple(WeightsRole)))  # the in-domain model as well
    assert ModelFamily(everything, folder=tmp_path / "none").planner().weights_version == "mine-embedded"
    for one, other in (
        (models.codec(), others.codec()),
        (models.inverse_dynamics_net(), others.inverse_dynamics_net()),
    ):
        assert isinstance(one, torch.nn.Module) and isinstance(other, torch.nn.Module)
        assert all(torch.equal(one.state_dict()[name], value) for name, value in other.state_dict().items())


def test_weights_of_another_latent_space_are_refused(preset: Preset, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "other")
    role = WeightsRole.IN_DOMAIN
    save_weights(build_in_domain(preset), tmp_path / "other" / IN_DOMAIN, "test", role, space="elsewhere")
    with pytest.raises(WeightsError, match="works in the latent space elsewhere, the codec of preset test in compact"):
        ModelFamily(preset, folder=tmp_path / "other").planner()


def test_stored_weights_say_their_latent_space(family: ModelFamily, store: WeightsStore) -> None:
    versions = family.versions("compact", store)
    versions.write("v1", versions.load(family.version), WeightsHeader("test", WeightsRole.IN_DOMAIN))
    path, role = store.path("v1") / IN_DOMAIN, WeightsRole.IN_DOMAIN
    with pytest.raises(WeightsError, match="latent space compact"):
        load_weights(build_in_domain(family.preset), path, "test", role, space="other")
    family.planner(store, "v1")


@pytest.fixture(scope="module")
def foreign(tiny_pipeline: RandomPipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Minuscule networks as other people publish theirs: `base`, `motion_adapter`, `sparse_control` and `clip`."""
    folder = tmp_path_factory.mktemp("foreign")
    tiny_pipeline.save(folder)
    shutil.copytree(folder / "base" / "text_encoder", folder / "clip")
    shutil.copytree(folder / "base" / "tokenizer", folder / "clip", dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def small(foreign: Path) -> Preset:
    """The preset `metaworld`, minuscule."""
    return load_preset(
        "metaworld",
        {
            "image_size": 64,
            "future_frames": 3,
            "codec.base": str(foreign / "base"),
            "text.model": str(foreign / "clip"),
            "prior.base": str(foreign / "base"),
            "prior.motion_adapter": str(foreign / "motion_adapter"),
            "prior.motion_lora": None,
            "prior.sparse_control": str(foreign / "sparse_control"),
            "in_domain.base": 16,
            "in_domain.multipliers": [1, 2],
            "in_domain.blocks": 1,
            "in_domain.cell_attention": [1],
            "in_domain.head_channels": 8,
            "in_domain.text_dim": 32,
            "sampler.steps": 2,
        },
    )


@pytest.fixture(scope="module")
def trained(small: Preset, foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user has it once the in-domain model is trained."""
    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(0)
    model = build_in_domain(small)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.05 * torch.randn(value.shape))
    space = ModelFamily(small).codec().space
    save_weights(model, folder / IN_DOMAIN, "metaworld", WeightsRole.IN_DOMAIN, space=space)
    return folder


@pytest.mark.parametrize("method", [Method.IPA, Method.IN_DOMAIN])
def test_the_papers_family_plans(small: Preset, trained: Path, method: Method) -> None:
    family = ModelFamily(replace(small, sampler=replace(small.sampler, method=method)), folder=trained)
    [plan] = family.planner().plan([request(64)])
    assert plan.frames.shape == (3, 64, 64, 3)
    assert plan.weights_version == "metaworld-embedded"
    assert plan.frames.std() > 0


def test_only_what_is_not_other_peoples_is_trained(small: Preset, episodes: list[Episode], tmp_path: Path) -> None:
    few = replace(small.training.in_domain, steps=2, batch_size=2)
    training = replace(small.training, in_domain=few, inverse_dynamics=replace(few, text_dropout=0.0))
    action = replace(small.inverse_dynamics, space=ActionSpace.END_EFFECTOR, raw_dim=0)
    preset = replace(small, image_size=128, inverse_dynamics=action, training=training)
    out = tmp_path / "out"
    make_embedded_weights(TrainingData(episodes[:1], [], []), Making(preset, tmp_path / "runs", out))
    assert sorted(path.name for path in out.iterdir()) == ["in_domain.safetensors", "inverse_dynamics.safetensors"]
    assert ModelFamily(preset, folder=out).planner().plan([request(128)])[0].frames.shape == (3, 128, 128, 3)


def test_its_in_domain_model_is_served_in_bfloat16_and_trained_in_float32(small: Preset, trained: Path) -> None:
    family = ModelFamily(small, folder=trained)
    space = family.codec().space
    assert next(family.versions(space, serving=True).load(family.version).parameters()).dtype is torch.bfloat16
    assert next(family.versions(space).load(family.version).parameters()).dtype is torch.float32


def test_what_is_not_trained_yet_is_named_with_what_to_do(small: Preset, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"in_domain\.safetensors does not exist: train these weights"):
        ModelFamily(small, folder=tmp_path).planner()


def test_a_missing_part_of_a_foreign_network_is_named(small: Preset, trained: Path, tmp_path: Path) -> None:
    broken = replace(small, codec=replace(small.codec, base=str(tmp_path)))
    with pytest.raises(WeightsError, match="vae"):
        ModelFamily(broken, folder=trained).planner()


def test_a_codec_of_another_space_is_refused(
    small: Preset, trained: Path, foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(foreign / "base", tmp_path / "base")
    config = tmp_path / "base" / "vae" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"scaling_factor": 0.5}))
    other = replace(small, codec=replace(small.codec, base=str(tmp_path / "base")))
    assert ModelFamily(other).codec().space != ModelFamily(small).codec().space
    with pytest.raises(WeightsError, match="latent space"):
        ModelFamily(other, folder=trained).planner()


def test_foreign_parts_are_not_built_here(small: Preset) -> None:
    assert isinstance(ModelFamily(small).codec(), StableDiffusionCodec)
    with pytest.raises(ConfigError, match="not made here but loaded"):
        build_codec(small)
