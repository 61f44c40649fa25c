"""Each launch file starts the graph it says, under ROS's own launch. Learners are another namespace's: they load slowly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

pytest.importorskip("launch_pytest", reason="launch_pytest comes with a full ROS installation, not with the wheels")

import launch_pytest
from adapt_core.graph_options import GraphOptions
from adapt_core.robots import Source, load_robot
from adapt_ros.graph import describe
from adapt_ros.presence import Presence
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from launch import LaunchDescription

pytestmark = [pytest.mark.ros, pytest.mark.usefixtures("ros_domain")]
LAUNCH = Path(__file__).resolve().parents[2] / "launch"
PATIENCE_S = 60.0


def included(file: str, run: Path, **arguments: str) -> LaunchDescription:
    """What `ros2 launch adapt <file>` does."""
    given = {"run": str(run), "source": "mock", "learners": "elsewhere", **arguments}
    source = PythonLaunchDescriptionSource(str(LAUNCH / file))
    return LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given.items())])


def wait_for(robot: str, run: Path, namespace: str = "") -> None:
    """Wait until each node that belongs to the graph has shown its heartbeat."""
    options = GraphOptions(run, source=Source.MOCK, learners="elsewhere", namespace=namespace)
    nodes = {node.full_name for node in describe(load_robot(robot), options)}
    with Presence({name.rpartition("/")[0] for name in nodes}) as presence:
        deadline = time.monotonic() + PATIENCE_S
        while missing := nodes - presence.alive():
            assert time.monotonic() < deadline, f"did not come up: {sorted(missing)}"
            time.sleep(0.1)


@launch_pytest.fixture
def sail(ros_domain: int, tmp_path: Path) -> LaunchDescription:
    return included("sail.launch.py", tmp_path, robot="metaworld", namespace="named")


@launch_pytest.fixture
def sail_metaworld(ros_domain: int, tmp_path: Path) -> LaunchDescription:
    return included("sail_metaworld.launch.py", tmp_path)


@launch_pytest.fixture
def sail_dmc(ros_domain: int, tmp_path: Path) -> LaunchDescription:
    return included("sail_dmc.launch.py", tmp_path)


@launch_pytest.fixture
def sail_panda(ros_domain: int, tmp_path: Path) -> LaunchDescription:
    return included("sail_panda.launch.py", tmp_path)


@pytest.mark.launch(fixture=sail)
def test_sail(tmp_path: Path) -> None:
    wait_for("metaworld", tmp_path, namespace="named")


@pytest.mark.launch(fixture=sail_metaworld)
def test_sail_metaworld(tmp_path: Path) -> None:
    wait_for("metaworld", tmp_path)


@pytest.mark.launch(fixture=sail_dmc)
def test_sail_dmc(tmp_path: Path) -> None:
    wait_for("dmc", tmp_path)


@pytest.mark.launch(fixture=sail_panda)
def test_sail_panda(tmp_path: Path) -> None:
    wait_for("panda", tmp_path)
