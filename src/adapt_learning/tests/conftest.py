"""Minuscule models with random weights on disk, and episodes of a moving square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.types import ActionSpace, WorldSpec
from adapt_core.weights import WeightsRole, WeightsStore
from adapt_learning.in_domain import build_in_domain
from adapt_learning.model_family import ModelFamily
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.animatediff import AnimateDiffSettings
from adapt_learning.priors.broad import build_broad_prior
from adapt_learning.priors.random_pipeline import TINY_SIZE, RandomPipeline
from adapt_learning.training.episodes import Episode
from adapt_learning.training.stages import build_codec, build_inverse_dynamics
from adapt_learning.weights_file import save_weights, weights_name
from hypothesis import HealthCheck, settings

settings.register_profile("loaded machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loaded machine")


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Threads only wait for each other on a loaded machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def preset() -> Preset:
    return load_preset("test")


def random_weights(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Draw all weights anew, those that start at zero as well, so that every input matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.05 * torch.randn(value.shape, generator=generator))
    return model


@pytest.fixture(scope="session")
def folder(preset: Preset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embedded weights of the test preset, random."""
    path = tmp_path_factory.mktemp("embedded")
    builders = {
        WeightsRole.CODEC: build_codec,
        WeightsRole.PRIOR: build_broad_prior,
        WeightsRole.IN_DOMAIN: build_in_domain,
        WeightsRole.INVERSE_DYNAMICS: build_inverse_dynamics,
    }
    for seed, (role, build) in enumerate(builders.items()):
        torch.manual_seed(seed)
        save_weights(random_weights(build(preset), seed), path / weights_name(role), "test", role)
    return path


@pytest.fixture
def family(preset: Preset, folder: Path) -> ModelFamily:
    return ModelFamily(preset, folder=folder)


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights")


@pytest.fixture(scope="session")
def world() -> WorldSpec:
    return WorldSpec(
        name="square",
        image_shape=(128, 128),
        spaces=(ActionSpace.END_EFFECTOR,),
        raw_low=-np.ones(4),
        raw_high=np.ones(4),
        control_dt_s=0.05,
        frame_id="base",
        workspace=(np.array([-1.0, -1.0, 0.0]), np.array([1.0, 1.0, 1.0])),
    )


def square_episode(seed: int, frames: int = 12, prompt: str = "push the square") -> Episode:
    """A bright square that moves right over a dark floor; its place is the end effector's."""
    rng = np.random.default_rng(seed)
    row, start, speed = rng.integers(20, 90), rng.integers(0, 20), rng.integers(3, 7)
    images = np.full((frames, 128, 128, 3), 40, np.uint8)
    poses = np.zeros((frames, 8))
    poses[:, 6], poses[:, 7] = 1.0, 0.5
    for index, image in enumerate(images):
        column = start + speed * index
        image[row : row + 16, column : column + 16] = (230, 60, 60)
        poses[index, :2] = column / 128, row / 128
    actions = poses[1:].copy()
    return Episode(images, poses, actions, prompt)


@pytest.fixture(scope="session")
def episodes() -> list[Episode]:
    return [square_episode(seed) for seed in range(3)]


@pytest.fixture(scope="session")
def tiny_pipeline() -> RandomPipeline:
    """AnimateDiff's parts, minuscule, of the real classes, with random weights; tests leave them as they are."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return RandomPipeline(TINY_SIZE)


@pytest.fixture(scope="session")
def tiny_pipeline_folder(tiny_pipeline: RandomPipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in folders `base`, `motion_adapter` and `sparse_control`, laid out as the hub's are."""
    folder = tmp_path_factory.mktemp("tiny_pipeline")
    tiny_pipeline.save(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_animatediff(tiny_pipeline_folder: Path) -> AnimateDiffSettings:
    """The prior made of these folders, without a LoRA."""
    return AnimateDiffSettings(
        "animatediff",
        base=str(tiny_pipeline_folder / "base"),
        motion_adapter=str(tiny_pipeline_folder / "motion_adapter"),
        motion_lora=None,
        sparse_control=str(tiny_pipeline_folder / "sparse_control"),
        negative_prompt="bad",
    )
