"""The models behind the nodes, made from their parameters: the only file that knows `adapt_learning`.

It is imported within the functions, so that a node without models starts without PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapt_core.ports import InverseDynamics, Trainer, VideoPlanner
from adapt_core.robots import load_robot

from adapt_ros.fakes.models import FAKE, FakeInverseDynamics, FakePlanner, FakeTrainer
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.params import param


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


def make_planner(settings: ModelSettings) -> VideoPlanner:
    """Raises ConfigError, WeightsError."""
    if settings.preset == FAKE:
        return FakePlanner(step_s=0.02)
    raise NotImplementedError


def make_inverse_dynamics(settings: ModelSettings) -> InverseDynamics:
    """Raises ConfigError, WeightsError."""
    if settings.preset == FAKE:
        return FakeInverseDynamics(load_robot(settings.robot))
    raise NotImplementedError


def make_trainer(settings: ModelSettings) -> Trainer:
    """Raises ConfigError, WeightsError."""
    if settings.preset == FAKE:
        return FakeTrainer(step_s=0.02)
    raise NotImplementedError
