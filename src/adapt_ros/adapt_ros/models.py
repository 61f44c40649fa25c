"""The models behind the nodes, made from their parameters: the only file that knows `adapt_learning`.

It is imported within the functions, so that a node without models starts without PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapt_core.errors import ConfigError
from adapt_core.model_presets import FAKE_PRESET, read_preset
from adapt_core.paths import config_file
from adapt_core.ports import InverseDynamics, Trainer, VideoPlanner
from adapt_core.weights import WeightsStore

from adapt_ros.fakes.models import FakeInverseDynamics, FakePlanner, FakeTrainer
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.params import param
from adapt_ros.world_spec import world_spec

if TYPE_CHECKING:
    from adapt_learning.model_family import ModelFamily


@dataclass(frozen=True)
class ModelSettings(GraphSettings):
    """Base of the config dataclasses of nodes with models."""

    device: str = param("auto", "cpu, cuda, cuda:1, ...; auto: cuda where there is one")
    threads: int = param(0, "CPU threads for the models; 0: PyTorch's choice")
    weights: str = param("", "folder of the weights store; empty: the run's")
    version: str = param("", "in-domain weights to begin with; empty: those that come with the preset")

    @property
    def weights_folder(self) -> Path:
        """Where versions of the in-domain model are read and written. Raises ConfigError."""
        return Path(self.weights).resolve() if self.weights else self.run_folder.weights

    @property
    def training_folder(self) -> Path:
        """Where training keeps checkpoints and scalars. Raises ConfigError."""
        return self.run_folder.path / "training"


def method_name(settings: GraphSettings) -> str:
    """How actions are chosen, as episodes record it; read without loading models. Raises ConfigError."""
    if settings.method or settings.preset == FAKE_PRESET:
        return settings.method or FAKE_PRESET
    return str(read_preset(settings.preset)["sampler"]["method"])


def make_planner(settings: ModelSettings) -> VideoPlanner:
    """Raises ConfigError, WeightsError."""
    if settings.preset == FAKE_PRESET:
        return FakePlanner(step_s=0.02)
    family = _family(settings)
    _warm_up(family)
    return family.planner(WeightsStore(settings.weights_folder), settings.version or None)


def make_inverse_dynamics(settings: ModelSettings) -> InverseDynamics:
    """Raises ConfigError, WeightsError."""
    robot = settings.load_robot()
    if settings.preset == FAKE_PRESET:
        return FakeInverseDynamics(robot)
    family = _family(settings)
    spec = world_spec(robot, family.preset.inverse_dynamics.raw_dim)
    return family.inverse_dynamics(spec, robot.frame_skip)


def make_trainer(settings: ModelSettings) -> Trainer:
    """Raises ConfigError, WeightsError."""
    if settings.preset == FAKE_PRESET:
        return FakeTrainer(step_s=0.02)
    family = _family(settings)
    _warm_up(family)
    return family.trainer(WeightsStore(settings.weights_folder), settings.training_folder)


def _family(settings: ModelSettings) -> ModelFamily:
    config_file("models", f"{settings.preset}.yaml")  # a misspelt preset fails before seconds of imports
    import torch
    from adapt_learning.model_family import ModelFamily

    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(
            f"device {device} cannot be used ({error}): set the parameter device to cpu or auto"
        ) from error
    overrides = {"sampler.method": settings.method} if settings.method else {}
    return ModelFamily(settings.preset, overrides, device)


def _warm_up(family: ModelFamily) -> None:
    """Now, not within the first plan: the imports hold Python's lock for longer than a heartbeat may be late."""
    family.text_encoder.encode(["ready"])
