"""Where episodes are run: in this process, in a graph that runs, or in one that is started for the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapt_core.errors import ConfigError
from adapt_core.robots import Robot
from adapt_core.run_folder import RunFolder

from adapt_cli.ros_there import require_ros
from adapt_cli.sail_job import run_folder


@dataclass(frozen=True)
class Where:
    """`up` starts a graph; `namespace` is the graph's, empty for the robot's name."""

    in_process: bool
    up: bool
    namespace: str

    @classmethod
    def of(cls, in_process: bool, up: bool, namespace: str) -> Where:
        """Raises ConfigError for options that exclude each other, and where a graph is wanted but ROS is missing."""
        if in_process and (up or namespace):
            raise ConfigError("--in-process needs no graph: leave out --up and --namespace")
        if not in_process:
            require_ros()
        return cls(in_process, up, namespace)

    def folder(self, run: Path | None, robot: Robot, name: str) -> RunFolder:
        """The run's folder: the one named, that of the graph that runs, or a new one called after `name`."""
        if run is not None or self.in_process or self.up:
            return run_folder(run, name)
        from adapt_ros.graph import absolute

        from adapt_cli.graph_session import GraphSession
        from adapt_cli.through_graph import run_folder_of

        with GraphSession(absolute(self.namespace or robot.name)) as session:
            return RunFolder(run_folder_of(session))
