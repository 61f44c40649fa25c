"""Planted faults are named, over DDS; a healthy graph passes. Each fault alone: test_preflight_checks.py."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("adapt_interfaces")

from adapt_core.robots import digest, load_robot
from adapt_ros.convert import to_image, to_time
from adapt_ros.endpoints import ActionName, Topic
from adapt_ros.fakes.harness import Harness
from adapt_ros.graph_settings import ROBOT_DIGEST
from adapt_ros.interfaces import IMAGE, SENSOR, heartbeat
from adapt_ros.node import AdaptNode
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from adapt_interfaces.action import GripperGrasp, GripperMove
from adapt_interfaces.msg import Heartbeat

pytestmark = pytest.mark.ros
HARNESS_NAMESPACE = "/panda"
PANDA = load_robot("panda", preset="tiny")
assert PANDA.arm is not None
ARM = PANDA.arm


@dataclass(frozen=True)
class Plant:
    """What is wrong with a graph."""

    rmw: str = "rmw_fastrtps_cpp"
    clock_ahead_s: float = 0.0
    joints: tuple[str, ...] = (*ARM.joints, *ARM.gripper.joints)
    position: float | None = None  # of the first joint
    camera_hz: float = PANDA.camera.rate_hz
    camera_shape: tuple[int, int] = (PANDA.camera.height, PANDA.camera.width)
    gripper: bool = True
    controller: bool = True
    gpu_digest: str = digest(PANDA)
    planner: bool = True


class RobotPc(AdaptNode):
    """Guard, camera, controller and gripper of a real Panda, as one node."""

    def __init__(self, plant: Plant, **arguments: Any) -> None:
        super().__init__("guard", **arguments)
        for name, value in {
            "real": True,
            "drivers": "/",
            "preset": "tiny",
            "learners": "",
            ROBOT_DIGEST: digest(PANDA),
        }.items():
            self.declare_parameter(name, value)
        self._plant = plant
        self._image = IMAGE.publisher(self)
        self._joints = Topic("/joint_states", JointState, SENSOR).publisher(self)
        self._stamp_s = time.time()
        self._ends: list[Any] = []
        if plant.controller:
            topic = Topic("/panda_arm_controller/joint_trajectory", JointTrajectory, SENSOR)
            self._ends.append(topic.subscription(self, lambda _: None))
        if plant.gripper:
            self._ends += [
                ActionName(f"/panda_gripper/{name}", kind).server(self, self._never)
                for name, kind in (("grasp", GripperGrasp), ("move", GripperMove))
            ]
        self.steady_timer(1 / plant.camera_hz, self._see)
        self.steady_timer(0.05, self._feel)

    async def _never(self, _goal: Any) -> Any:
        raise AssertionError("preflight moves nothing")

    def _see(self) -> None:
        # a camera stamps by its own clock, however late a busy machine sends
        self._stamp_s = max(self._stamp_s + 1 / self._plant.camera_hz, time.time() - 0.2)
        self._image.publish(to_image(np.zeros((*self._plant.camera_shape, 3), np.uint8), self._stamp_s))

    def _feel(self) -> None:
        home = dict(zip(ARM.joints, ARM.home, strict=True)) | dict.fromkeys(ARM.gripper.joints, 0.04)
        if self._plant.position is not None:
            home[ARM.joints[0]] = self._plant.position
        names = list(self._plant.joints)
        message = JointState(name=names, position=[home[name] for name in names])
        message.header.stamp = to_time(time.time())
        self._joints.publish(message)


class GpuBox(AdaptNode):
    """The planner on another machine."""

    def __init__(self, name: str, plant: Plant, **arguments: Any) -> None:
        self._plant = plant
        super().__init__(name, **arguments)
        self.declare_parameter(ROBOT_DIGEST, plant.gpu_digest)

    def _beat(self) -> None:
        stamp = to_time(time.time() + self._plant.clock_ahead_s)
        name = self.get_fully_qualified_name()
        self._heartbeat.publish(Heartbeat(stamp=stamp, node=name, machine="gpu-box", rmw=self._plant.rmw))


@pytest.fixture
def findings(harness: Harness, cli: Any) -> Callable[[Plant], tuple[int, dict[str, dict[str, str]]]]:
    """Exit status and findings by name of a preflight of a graph with these faults."""

    def run(plant: Plant) -> tuple[int, dict[str, dict[str, str]]]:
        harness.add(RobotPc, plant)
        for name in ("executor", "episode_runner", "labeler"):
            harness.add(AdaptNode, name)
        for name in ("planner", "inverse_dynamics") if plant.planner else ("inverse_dynamics",):
            harness.add(GpuBox, name, plant)
        result = cli("preflight", "panda", "--json")
        told = json.loads(result.stdout)
        assert told["ready"] == (result.exit_code == 0)
        return result.exit_code, {check["name"]: check for check in told["checks"]}

    return run


def amiss(checks: dict[str, dict[str, str]]) -> set[str]:
    return {name for name, check in checks.items() if check["status"] in ("wrong", "missing")}


def test_a_healthy_graph_passes(findings: Any) -> None:
    status, checks = findings(Plant())
    assert (status, amiss(checks)) == (0, set()), [check for check in checks.values() if check["status"] != "ok"]
    assert "gpu-box" in checks["nodes"]["found"]
    assert checks["RMW"]["status"] == "optional"  # one middleware, but not the one for two machines
    assert {"joints", "limits", "trajectories", "gripper", "camera", "camera rate", "clocks"} <= checks.keys()


def test_every_planted_fault_is_named(findings: Any) -> None:
    joints = (*ARM.joints[:3], *ARM.joints[4:], *ARM.gripper.joints)
    wrong = Plant("rmw_cyclonedds_cpp", 1.0, joints, 3.1, PANDA.camera.rate_hz / 2, (96, 128), False, False, "another")
    status, checks = findings(wrong)
    assert status == 1
    for name, found, advice in (
        ("RMW", "rmw_cyclonedds_cpp on gpu-box", "RMW_IMPLEMENTATION"),
        ("clocks", "s ahead of", "chrony"),
        ("configuration", "/panda/inverse_dynamics, /panda/planner read", "panda.yaml"),
        ("joints", "no panda_joint4", "arm.joints"),
        ("limits", "panda_joint1 stands at 3.100 rad", "by hand"),
        ("trajectories", "nobody serves /panda_arm_controller/", "controller"),
        ("gripper", "nobody serves /panda_gripper/grasp, /panda_gripper/move", "gripper.node"),
        ("camera", "images of 96x128 pixels, 128x128 are wanted", "crop"),
        ("camera rate", "15.0 images a second, 30 are wanted", "rate"),
    ):
        assert checks[name]["status"] in ("wrong", "missing"), checks[name]
        assert found in checks[name]["found"]
        assert advice in checks[name]["advice"]


def test_a_node_that_is_seen_and_not_heard(harness: Harness, findings: Any) -> None:
    harness.me.in_executor(heartbeat("/panda/planner").publisher, harness.me).result(30.0)
    status, checks = findings(Plant(planner=False))
    assert status == 1
    assert amiss(checks) == {"nodes"}
    assert checks["nodes"]["found"] == "no heartbeat of /panda/planner"
    assert "firewalls" in checks["nodes"]["advice"]


def test_no_graph(cli: Any, harness: Harness) -> None:
    result = cli("preflight", "panda", "--namespace", "nobody")
    assert result.exit_code == 1
    assert "no /nobody/guard" in " ".join(result.stdout.split())
    assert "Everything agrees" not in result.stdout
