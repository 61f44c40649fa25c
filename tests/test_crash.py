"""Nodes are killed in the middle of their work: nothing stored is lost, and the same command goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.run_folder import RunFolder
from adapt_core.types import Outcome

pytestmark = [pytest.mark.ros, pytest.mark.timeout(900)]
pytest.importorskip("rclpy", reason="needs ROS 2: run make setup")

ITERATIONS, EPISODES = 2, 1


class Sail:
    """`adapt sail --up` as a process, its output in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder.with_suffix(".txt")
        command = (
            f"sail drawer-close --robot metaworld --up --preset test --filter none --initial-data empty --run {folder}"
        )
        command += f" --iterations {ITERATIONS} --episodes {EPISODES} --finetune-steps 30"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "adapt_cli", *command.split()], stdout=output, stderr=subprocess.STDOUT
            )

    def node(self, name: str) -> psutil.Process:
        """The process of a node of this run's graph."""
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if f"adapt_ros.nodes.{name}" in words and any(str(self.folder) in word for word in words):
                return process
        raise LookupError(f"no process of node {name}:\n{self.output.read_text()}")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; fail when the process ends first."""
        while not condition():
            assert self.process.poll() is None, f"ended before it could be disturbed:\n{self.output.read_text()}"
            time.sleep(0.02)

    def finish(self) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "run"
    for process in psutil.Process().children(recursive=True):
        process.kill()


def recording(folder: Path) -> bool:
    """An episode is being recorded and has a few frames."""
    return any(len(list(path.rglob("*.png"))) > 2 for path in RunFolder(folder).episodes.glob(".recording-*"))


def check_store(folder: Path) -> list[Outcome]:
    """Every episode is whole; their outcomes in the order of their starts."""
    store = EpisodeStore(RunFolder(folder).episodes)
    metas = store.episodes()
    for meta in metas:
        assert len(store.read_frames(meta.episode_id)) == meta.steps + 1
        assert len(store.read_steps(meta.episode_id).stamps_s) == meta.steps + 1
    assert not list(store.root.glob(".recording-*"))
    return [meta.outcome for meta in metas]


@pytest.mark.parametrize(
    "victims", [("sim_bridge",), pytest.param(("planner", "sim_bridge", "sail"), marks=pytest.mark.slow)]
)
def test_a_run_survives_the_deaths_of_its_nodes(victims: tuple[str, ...], folder: Path) -> None:
    for number, victim in enumerate(victims, 1):
        sail = Sail(folder)
        sail.wait_until(lambda: recording(folder))
        os.kill(sail.node(victim).pid, signal.SIGKILL)
        assert sail.finish() != 0
        said = sail.output.read_text()
        assert victim in said
        assert "Traceback" not in said
        assert check_store(folder).count(Outcome.ABORTED) == number, said

    sail = Sail(folder)
    sail.wait_until(lambda: "finetuning: step" in sail.output.read_text())
    whole = check_store(folder).count(Outcome.COMPLETED)
    assert whole == EPISODES
    os.kill(sail.node("trainer").pid, signal.SIGKILL)
    assert sail.finish() != 0
    assert "trainer" in sail.output.read_text()
    assert check_store(folder).count(Outcome.COMPLETED) == whole

    sail = Sail(folder)
    assert sail.finish() == 0, sail.output.read_text()
    assert check_store(folder).count(Outcome.COMPLETED) == ITERATIONS * EPISODES
    summary = json.loads((folder / "report" / "summary.json").read_text())
    assert [(row["index"], row["episodes"]) for row in summary["iterations"]] == [(0, EPISODES), (1, EPISODES)]
    assert summary["iterations"][0]["weights_version"] != summary["iterations"][1]["weights_version"]
