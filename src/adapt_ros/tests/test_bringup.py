"""Graphs as processes: up, refused twice, one killed, all gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytest.importorskip("rclpy")

from adapt_core.errors import AlreadyRunningError, PeerLostError
from adapt_core.graph_options import GraphOptions
from adapt_core.robots import Source, load_robot
from adapt_ros.bringup import Graph, ensure_not_running
from adapt_ros.graph import NodeDescription, describe

pytestmark = [pytest.mark.ros, pytest.mark.usefixtures("ros_domain")]
NAMES = ("sim_bridge", "guard", "executor")  # start fast: no models
PATIENCE_S = 30.0


def describe_some(run: Path, *names: str, **changes: object) -> list[NodeDescription]:
    options = GraphOptions(run, source=Source.MOCK, **changes)  # type: ignore[arg-type]
    return [node for node in describe(load_robot("metaworld"), options) if node.name in (names or NAMES)]


def wait_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while alive := [pid for pid in pids if _lives(pid)]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_graph_comes_up_is_refused_twice_and_stops_without_a_node_that_is_killed(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    nodes = describe_some(tmp_path)
    with Graph(nodes, tmp_path) as graph:
        graph.wait_ready(lambda *progress: seen.append(progress))
        assert [(done, total) for done, total, _ in seen] == [(1, 3), (2, 3), (3, 3)]
        assert {name for _, _, name in seen} == set(NAMES) == set(graph.pids)
        graph.check()
        with pytest.raises(AlreadyRunningError, match="already running under /metaworld"), Graph(nodes, tmp_path):
            pass
        ensure_not_running("/another")

        os.kill(graph.pids["guard"], signal.SIGKILL)
        with pytest.raises(PeerLostError) as raised:
            graph.wait()
        wait_gone(list(graph.pids.values()))
    said = str(raised.value)
    assert "node guard was ended by signal 9 (SIGKILL)" in said
    assert str(tmp_path / "log" / "guard.log") in said
    assert "guarding metaworld" in said  # the end of its log
    assert "the same command resumes" in said


def test_a_node_that_cannot_start_is_named_with_its_reason(tmp_path: Path) -> None:
    [camera] = [
        node
        for node in describe(load_robot("metaworld"), GraphOptions(tmp_path, source=Source.REAL))
        if node.name == "camera"
    ]
    broken = NodeDescription("camera", camera.namespace, {**camera.parameters, "calibration": "/nowhere.yaml"})
    with pytest.raises(PeerLostError) as raised, Graph([broken], tmp_path) as graph:
        graph.wait_ready()
    assert "node camera exited with code 1" in str(raised.value)
    assert "/nowhere.yaml does not exist" in str(raised.value)


def test_nodes_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from adapt_core.robots import Source, load_robot\nfrom adapt_ros.bringup import Graph\n"
        "from adapt_ros.graph import GraphOptions, describe\n"
        "run = Path(sys.argv[1])\n"
        "nodes = describe(load_robot('metaworld'), GraphOptions(run, source=Source.MOCK))\n"
        "with Graph([node for node in nodes if node.name == 'sim_bridge'], run) as graph:\n"
        "    graph.wait_ready()\n"
        "    print(graph.pids['sim_bridge'], flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        supervisor = psutil.Process(pid).parent()
        assert supervisor is not None
        parent.kill()
    wait_gone([pid, supervisor.pid])


def test_nodes_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with Graph(describe_some(tmp_path, "sim_bridge"), tmp_path) as graph:
        graph.wait_ready()
        [supervisor] = [child for child in psutil.Process().children() if "adapt_ros.supervisor" in child.cmdline()]
        supervisor.kill()
        with pytest.raises(PeerLostError, match=r"supervisor\.log"):
            graph.wait()
        wait_gone(list(graph.pids.values()))
