"""Parameters that every node of a graph is given, whether it needs them or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapt_core.errors import ConfigError
from adapt_core.robots import Robot, digest, load_robot
from adapt_core.run_folder import RunFolder

from adapt_ros.params import param

ROBOT_DIGEST = "robot_digest"


@dataclass(frozen=True)
class GraphSettings:
    """Base of the nodes' config dataclasses."""

    robot: str = param("metaworld", "robot: a file of config/robots without .yaml")
    run: str = param("", "folder of the run: its episodes, weights and logs")
    preset: str = param("tiny", "models: a file of config/models without .yaml")
    method: str = param("", "how the in-domain model and the prior are composed; empty: the preset's choice")
    learners: str = param("", "namespace of the planner, inverse dynamics and trainer; empty: this node's own")
    drivers: str = param("", "namespace of the drivers of the robot's arm; empty: this node's own")

    def load_robot(self) -> Robot:
        """The robot, seen in images of the size that the models plan from. Raises ConfigError."""
        return load_robot(self.robot, preset=self.preset)

    def derived(self) -> Mapping[str, tuple[str, str]]:
        """Parameters that follow from the others: value and description of each."""
        return {ROBOT_DIGEST: (digest(self.load_robot()), "what this machine's files say of the robot, as a hash")}

    @property
    def run_folder(self) -> RunFolder:
        """The run's folder. Raises ConfigError when the parameter `run` was not given."""
        if not self.run:
            raise ConfigError("the parameter run is empty: give the folder of the run, e.g. -p run:=runs/door-close")
        return RunFolder(Path(self.run).resolve())
