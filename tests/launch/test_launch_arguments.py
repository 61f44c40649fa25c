"""What the launch files hand to ROS's launch, wherever that is installed or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adapt_core.errors import ConfigError
from adapt_core.graph_options import GraphOptions, MotionBackend
from adapt_core.robots import Source, load_robot
from adapt_ros.graph import describe

from tests.launch.stand_in import install, started

LAUNCH = Path(__file__).resolve().parents[2] / "launch"
FILES = sorted(LAUNCH.glob("*.launch.py"))


@pytest.fixture(autouse=True)
def launch(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def names(nodes: list[Any]) -> list[tuple[str, str]]:
    return [(node.named["name"], node.named["namespace"]) for node in nodes]


def parameters(nodes: list[Any], name: str) -> dict[str, Any]:
    [node] = [node for node in nodes if node.named["name"] == name]
    given: dict[str, Any] = node.named["parameters"][-1]
    return given


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_launch_file_starts_the_graph_of_its_robot(file: Path, tmp_path: Path) -> None:
    robot = file.name.removesuffix(".launch.py").removeprefix("sail").strip("_")
    arguments = {"run": str(tmp_path)} | ({} if robot else {"robot": "metaworld"})
    nodes = started(file, **arguments)
    described = describe(load_robot(robot or "metaworld"), GraphOptions(tmp_path))
    assert names(nodes) == [(node.name, node.namespace) for node in described]
    assert [node.named["parameters"][-1] for node in nodes] == [dict(node.parameters) for node in described]


def test_the_robot_must_be_given() -> None:
    with pytest.raises(ValueError, match="robot"):
        started(LAUNCH / "sail.launch.py")


@pytest.mark.parametrize("robot", ["panda", "fr3"])
@pytest.mark.parametrize("source", Source)
def test_every_choice_of_an_arm_is_described(robot: str, source: Source, tmp_path: Path) -> None:
    chosen = {"executor": "moveit", "approve": "true", "namespace": "left", "preset": "test", "labels": "operator"}
    nodes = started(LAUNCH / "sail_panda.launch.py", robot=robot, source=source.value, run=str(tmp_path), **chosen)
    options = GraphOptions(
        tmp_path,
        source=source,
        executor=MotionBackend.MOVEIT,
        approve=True,
        namespace="left",
        preset="test",
        labels="operator",
    )
    described = describe(load_robot(robot), options)
    assert names(nodes) == [(node.name, "/left") for node in described]
    assert parameters(nodes, "executor")["executor"] == "moveit"
    assert parameters(nodes, "guard")["approve"] is True


def test_a_real_robot_is_allowed_by_name_only(tmp_path: Path) -> None:
    file = LAUNCH / "sail_panda.launch.py"
    real = {"source": "real", "run": str(tmp_path)}
    assert not parameters(started(file, **real), "guard").get("allow_real_robot", False)
    assert parameters(started(file, **real, allow_real_robot="true"), "guard")["allow_real_robot"] is True


def test_mistakes_are_named() -> None:
    file = LAUNCH / "sail_panda.launch.py"
    with pytest.raises(ConfigError, match=r"executor: .*moveit"):
        started(file, executor="movit")
    with pytest.raises(ValueError, match="robot"):
        started(file, robot="metaworld")
