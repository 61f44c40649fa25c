"""Nodes as processes: they end cleanly when asked to, and say in one line why they cannot start."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from adapt_core.episode_store import EpisodeStore
from adapt_core.types import Outcome
from adapt_ros.fakes.harness import Harness

from adapt_ros import interfaces

pytestmark = pytest.mark.ros
PATIENCE_S = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def start(node: str, namespace: str = "/test", **parameters: object) -> subprocess.Popen[str]:
    arguments = ["--ros-args", "-r", f"__ns:={namespace}"]
    for name, value in parameters.items():
        arguments += ["-p", f"{name}:={value}"]
    command = [sys.executable, "-m", f"adapt_ros.{node}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_signal_ends_a_node_with_0_and_without_a_traceback(ros_domain: int) -> None:
    processes = {number: start("nodes.planner", f"/test/{number.name}", preset="fake") for number in SIGNALS}
    with Harness(ros_domain) as harness:
        for number, process in processes.items():
            heartbeats = harness.me.heartbeats(f"/test/{number.name}/planner")
            harness.until(lambda of=heartbeats: of.last_s, "its heartbeat")
            process.send_signal(number)
        errors = [process.communicate(timeout=PATIENCE_S)[1] for process in processes.values()]
    assert [process.returncode for process in processes.values()] == [0, 0]
    assert not any("Traceback" in text or "rror" in text for text in errors)


def test_a_node_that_cannot_start_says_why_in_one_line(ros_domain: int) -> None:
    mistakes: list[tuple[str, dict[str, object], str]] = [
        ("nodes.planner", {"preset": "tniy"}, "tiny"),
        ("nodes.planner", {"prest": "tiny"}, 'did you mean "preset"'),
        ("nodes.planner", {"preset": "fake", "max_batch": "many"}, "must be int"),
        ("nodes.episode_runner", {}, "give the folder of the run"),
        ("nodes.sail", {"robot": "metawrld", "run": "runs/x"}, "metaworld"),
    ]
    processes = [start(node, **parameters) for node, parameters, _ in mistakes]
    for process, (_, _, reason) in zip(processes, mistakes, strict=True):
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 1
        assert "Traceback" not in errors
        [line] = [line for line in errors.splitlines() if line.startswith("error: ")]
        assert reason in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_episode_survives_the_end_of_all_processes(ros_domain: int, tmp_path: Path, number: signal.Signals) -> None:
    models = {"preset": "fake", "robot": "metaworld"}
    nodes = [start("nodes.planner", **models), start("nodes.inverse_dynamics", **models)]
    nodes += [start("fakes.robot_node", pace=0.2), start("nodes.episode_runner", run=tmp_path, **models)]
    try:
        with Harness(ros_domain) as harness:
            goal = harness.send(interfaces.RUN_EPISODE, task_id="door-close", run_id="test", control_loop="closed")
            goal.moving()
            for process in nodes:
                process.send_signal(number)
            errors = [process.communicate(timeout=PATIENCE_S)[1] for process in nodes]
    finally:  # one that stayed would answer in the next test
        for process in nodes:
            process.kill()
    assert [process.returncode for process in nodes] == [0 if number == signal.SIGTERM else -number] * 4
    assert not any("Traceback" in text for text in errors)
    [meta] = EpisodeStore(tmp_path / "episodes").episodes()
    assert meta.outcome is Outcome.ABORTED
    assert meta.frames >= 2
