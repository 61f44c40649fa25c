"""What the user asked the loop to do, checked before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapt_core.errors import ConfigError
from adapt_core.robots import Robot, load_robot
from adapt_core.run_folder import RunFolder
from adapt_core.settings import InitialData, SailSettings, load_settings
from adapt_core.tasks import load_suite
from adapt_core.types import ControlLoop, Task

RUNS = Path("runs")


@dataclass(frozen=True)
class SailJob:
    """One run of the loop: `data` is the store that the training data starts with, None to start from nothing."""

    robot: Robot
    task: Task
    folder: RunFolder
    preset: str
    method: str
    seed: int
    settings: SailSettings
    data: Path | None
    control_loop: ControlLoop


def robot_and_task(robot_name: str, task_id: str, preset: str) -> tuple[Robot, Task]:
    """The robot as the models of `preset` see it, and the task of its suite. Raises ConfigError, UnknownTaskError."""
    robot = load_robot(robot_name, preset=preset)
    return robot, load_suite(robot.suite)[task_id]


def run_folder(run: Path | None, name: str) -> RunFolder:
    """The folder that the user named, or a new one called after `name` and the time."""
    if run is not None and run.exists() and not run.is_dir():
        raise ConfigError(f"{run} is a file: name a folder for the run")
    return RunFolder(run or RUNS / f"{name}-{datetime.now():%Y%m%d-%H%M%S}")


def initial_store(initial_data: str, folder: RunFolder) -> Path | None:
    """Where the training data starts: "demos" are the run's own, "empty" is None, anything else a store's folder."""
    if initial_data == InitialData.EMPTY:
        return None
    if initial_data == InitialData.DEMOS:
        return folder.demos
    path = Path(initial_data)
    if not path.is_dir():
        raise ConfigError(
            f"--initial-data {initial_data}: no such folder; say demos, empty, or an episode store's folder"
        )
    return path / "demos" if (path / "demos").is_dir() else path


def settings_from(items: Mapping[str, object], overrides: Iterable[str], preset: str) -> SailSettings:
    """`config/sail.yaml` with the given options (None: not given) and then `key=value` items put over it."""
    given = [f"{key}={value}" for key, value in items.items() if value is not None]
    return load_settings([*given, *overrides], preset)
