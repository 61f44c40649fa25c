"""The one description of the graph."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from adapt_core.arm_settings import Hardware
from adapt_core.errors import ConfigError
from adapt_core.graph_options import GraphOptions, MotionBackend
from adapt_core.paths import config_file
from adapt_core.robots import Robot, Source, load_robot
from adapt_ros.graph import PARAMETERS_FILE, NodeDescription, describe

ROBOTS = sorted(file.stem for file in config_file("robots", "metaworld.yaml").parent.glob("*.yaml"))


@pytest.fixture
def robot() -> Robot:
    return load_robot("metaworld")


def by_name(nodes: list[NodeDescription]) -> dict[str, NodeDescription]:
    return {node.name: node for node in nodes}


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("source", Source)
def test_every_node_of_every_robot_is_a_module(name: str, source: Source, tmp_path: Path) -> None:
    nodes = describe(load_robot(name), GraphOptions(tmp_path, source=source))
    assert len(by_name(nodes)) == len(nodes)
    for node in nodes:
        assert find_spec(f"adapt_ros.nodes.{node.name}"), node.name
        assert node.namespace == f"/{name}"
        assert node.parameters["use_sim_time"] is (source is not Source.REAL)


def test_shared_learners_are_not_started_but_watched(robot: Robot, tmp_path: Path) -> None:
    nodes = by_name(describe(robot, GraphOptions(tmp_path, namespace="second", learners="first/")))
    assert not {"planner", "inverse_dynamics", "trainer"} & nodes.keys()
    assert nodes["episode_runner"].parameters["learners"] == "/first"
    watched = nodes["guard"].parameters["watch"]
    assert watched == (
        "/second/sim_bridge",
        "/second/executor",
        "/second/episode_runner",
        "/first/planner",
        "/first/inverse_dynamics",
    )


def test_simulated_time_stays_in_its_namespace(robot: Robot, tmp_path: Path) -> None:
    arguments = describe(robot, GraphOptions(tmp_path))[0].ros_arguments()
    assert "/clock:=clock" in arguments


def test_values_reach_the_command_line_with_their_types(tmp_path: Path) -> None:
    values = {"yes": True, "number": 3, "real": 0.5, "text": "0", "empty": "", "names": ("/a/b", "/c/d")}
    arguments = NodeDescription("node", "/space", values).ros_arguments()
    given = [arguments[index + 1] for index, argument in enumerate(arguments) if argument == "-p"]
    read = {name: yaml.safe_load(value) for name, _, value in (item.partition(":=") for item in given)}
    assert read == {**values, "names": ["/a/b", "/c/d"]}


def test_a_camera_needs_a_real_robot(robot: Robot, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="source=real"):
        describe(robot, GraphOptions(tmp_path, camera="0"))
    real = by_name(describe(robot, GraphOptions(tmp_path, source=Source.REAL, camera="2")))
    assert real["camera"].parameters["device"] == "2"
    assert real["guard"].parameters["real"] is True


def test_what_was_chosen_for_an_arm_reaches_its_nodes(tmp_path: Path) -> None:
    chosen = GraphOptions(tmp_path, executor=MotionBackend.MOVEIT, approve=True, allow_real_robot=True)
    nodes = by_name(describe(load_robot("panda"), chosen))
    assert nodes["executor"].parameters["executor"] == "moveit"
    assert nodes["guard"].parameters["approve"] is True
    assert nodes["guard"].parameters["allow_real_robot"] is True


@pytest.mark.parametrize(
    "chosen",
    [
        {"approve": True},
        {"executor": MotionBackend.MOVEIT},
        {"hardware": Hardware.FRANKA_ROS2, "source": Source.REAL},
    ],
)
def test_a_world_without_an_arm_has_no_use_for_an_arms_options(
    robot: Robot, tmp_path: Path, chosen: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match="for arms"):
        describe(robot, GraphOptions(tmp_path, **chosen))


@pytest.mark.parametrize(
    ("name", "hardware", "ours"),
    [
        ("panda", None, True),
        ("fr3", None, False),
        ("panda", Hardware.FRANKA_ROS2, False),
        ("fr3", Hardware.PANDA_HARDWARE, True),
    ],
)
def test_a_real_arm_is_driven_by_us_or_by_franka(
    name: str, hardware: Hardware | None, ours: bool, tmp_path: Path
) -> None:
    nodes = by_name(describe(load_robot(name), GraphOptions(tmp_path, source=Source.REAL, hardware=hardware)))
    assert ("panda_hardware" in nodes) is ours
    assert {"camera", "arm_driver"} <= nodes.keys()
    assert nodes["arm_driver"].parameters["drivers"] == "/"
    watched = nodes["guard"].parameters["watch"]
    assert isinstance(watched, tuple)
    assert (f"/{name}/panda_hardware" in watched) is ours


def test_hardware_needs_a_real_robot(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="source=real"):
        describe(load_robot("panda"), GraphOptions(tmp_path, hardware=Hardware.PANDA_HARDWARE))


def test_the_root_namespace_is_refused(robot: Robot, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="namespace"):
        describe(robot, GraphOptions(tmp_path, namespace="/"))


def test_the_parameters_file_is_in_the_layout_of_ros() -> None:
    for rules in yaml.safe_load(config_file(PARAMETERS_FILE).read_text()).values():
        assert list(rules) == ["ros__parameters"]
