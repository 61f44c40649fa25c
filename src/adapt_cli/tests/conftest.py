"""What the tests of the command line share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_cli.main import app
from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.paths import config_dir
from adapt_core.run_folder import RunFolder
from adapt_core.types import ActionSpace, ControlLoop, LabelValue, Observation, Outcome, VideoPlan
from typer.testing import CliRunner, Result

Cli = Callable[..., Result]
SIZE = 64
STEPS = 10


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs `adapt ...` in an empty folder; `keys` is what is typed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str | Path, keys: str = "") -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=keys)

    return run


def picture(step: float) -> np.ndarray:
    """A red square that has moved `step` steps to the right."""
    image = np.full((SIZE, SIZE, 3), 200, np.uint8)
    left = int(4 + 3 * step)
    image[24:40, left : left + 16] = (200, 40, 40)
    return image


def record(store: EpisodeStore, iteration: int, index: int, success: bool | None, **changes: Any) -> str:
    """An episode of three plans of eight frames, four of each executed."""
    fields: dict[str, Any] = {
        "run_id": "mine",
        "iteration": iteration,
        "index": index,
        "robot": "metaworld",
        "suite": "metaworld",
        "task_id": "drawer-close",
        "in_domain_prompt": "drawer close",
        "prior_prompt": "a robot arm closing a drawer",
        "novel": True,
        "seed": 100 * iteration + index,
        "method": "ipa",
        "weights_version": "base" if iteration == 0 else f"mine-{iteration:03d}",
        "inverse_dynamics_version": "idm",
        "code_version": "test",
        "control_loop": ControlLoop.SEMI_OPEN,
        "action_space": ActionSpace.END_EFFECTOR,
        "frame_skip": 4,
        "image_shape": (SIZE, SIZE),
    }
    outcome = changes.pop("outcome", Outcome.COMPLETED)
    with store.begin(EpisodeHeader(**(fields | changes))) as writer:
        plan = None
        for step in range(STEPS + 1):
            action = None if step == 0 else np.full(8, 0.1)
            writer.add_observation(Observation(picture(step), np.zeros(8), 0.05 * step, 4 * step), action, plan)
            if step % 4 == 0:
                imagined = np.stack([picture(step + ahead) for ahead in range(1, 9)])
                plan = writer.add_plan(VideoPlan(imagined, "drawer close", "closing", step, "base", 0.05 * step))
        writer.finish(outcome, reason="" if outcome is Outcome.COMPLETED else "the planner died", success=success)
    return writer.episode_id


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run of two iterations of two episodes, the last of them aborted; the first two labelled by the simulator."""
    folder = RunFolder(tmp_path / "runs" / "mine")
    store = EpisodeStore(folder.episodes)
    for index, success in enumerate((True, False)):
        episode = record(store, 0, index, success)
        store.label(episode, LabelValue.SUCCESS if success else LabelValue.FAILURE, "simulator")
    record(store, 1, 0, True)
    record(store, 1, 1, None, outcome=Outcome.ABORTED)
    return folder


@pytest.fixture
def pending_run(tmp_path: Path) -> RunFolder:
    """A run of three episodes that nobody has judged."""
    folder = RunFolder(tmp_path / "runs" / "real")
    store = EpisodeStore(folder.episodes)
    for index in range(3):
        record(store, 0, index, None)
    return folder


@pytest.fixture
def short_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration, but episodes of MetaWorld have four steps."""
    folder = tmp_path / "config"
    shutil.copytree(config_dir(), folder)
    robot = folder / "robots" / "metaworld.yaml"
    text = robot.read_text()
    assert "max_steps: 50" in text
    robot.write_text(text.replace("max_steps: 50", "max_steps: 4"))
    monkeypatch.setenv("ADAPT_CONFIG_DIR", str(folder))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped weights of the preset `test`, used in their place; the folder of its files."""
    pytest.importorskip("torch")
    from adapt_learning.embedded_weights import embedded_folder

    folder = tmp_path / "embedded"
    shutil.copytree(embedded_folder("test"), folder / "test")
    monkeypatch.setattr("adapt_learning.embedded_weights._FOLDER", folder)
    return folder / "test"
