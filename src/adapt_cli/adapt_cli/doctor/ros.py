"""Is there a ROS 2 for the graph, and from where?"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from adapt_cli.doctor.check import Check, Status, module_there, version_of

IN_PROCESS_WORKS = "without it `adapt sail --in-process` still works"


def ros_checks() -> Iterator[Check]:
    """Everything about ROS 2; none of it is needed where there is no rclpy, as the loop then runs in one process."""
    if not module_there("rclpy"):
        advice = f"the graph needs it: run `make demo` in the repository, or source a ROS 2 Jazzy; {IN_PROCESS_WORKS}"
        yield Check("ROS 2", Status.OPTIONAL, "no rclpy", advice)
        return
    yield _rclpy()
    yield _rmw()
    yield _interfaces()
    yield _process_manager()
    yield _optional(
        "ROS launch", "launch_ros", "`adapt up` starts the same graph; `ros2 launch` needs a full ROS 2 Jazzy"
    )
    yield _optional(
        "MoveIt messages", "moveit_msgs", "the kinematic executor serves; apt install ros-jazzy-moveit for the other"
    )
    yield _optional(
        "control messages",
        "control_msgs",
        "trajectories go to the controller's topic; apt install ros-jazzy-control-msgs",
    )
    yield _domain()


def _rclpy() -> Check:
    spec = importlib.util.find_spec("rclpy")
    where = Path(str(spec.origin if spec else "")).parent
    source = "PyPI wheels" if where.is_relative_to(sys.prefix) else os.environ.get("ROS_DISTRO", "a ROS installation")
    return Check("rclpy", Status.OK, f"{version_of('rclpy', 'ros-rclpy')} from {source}: {where}")


def _rmw() -> Check:
    chosen = os.environ.get("RMW_IMPLEMENTATION", "")
    name = chosen or "rmw_fastrtps_cpp"
    folders = [Path(p) / "lib" for p in (os.environ.get("AMENT_PREFIX_PATH") or sys.prefix).split(os.pathsep)]
    if any((folder / f"lib{name}.so").exists() for folder in folders):
        return Check("RMW", Status.OK, name + ("" if chosen else " (the default)"))
    if chosen:
        return Check("RMW", Status.MISSING, f"{name} is asked for but not installed", "unset RMW_IMPLEMENTATION")
    return Check("RMW", Status.MISSING, f"no lib{name}.so", f"install ros-rmw-fastrtps-cpp; {IN_PROCESS_WORKS}")


def _interfaces() -> Check:
    if module_there("adapt_interfaces.msg"):
        return Check("adapt_interfaces", Status.OK, "built")
    advice = f"run `make setup`, then `. activate.sh`; {IN_PROCESS_WORKS}"
    return Check("adapt_interfaces", Status.MISSING, "not built, or not on the path", advice)


def _process_manager() -> Check:
    if module_there("honcho"):
        return Check("honcho", Status.OK, version_of("honcho"))
    return Check("honcho", Status.MISSING, "not installed", "pip install honcho (it starts the nodes for `adapt up`)")


def _optional(name: str, module: str, advice: str) -> Check:
    if module_there(module):
        return Check(name, Status.OK, "installed")
    return Check(name, Status.OPTIONAL, "not installed", advice)


def _domain() -> Check:
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    reach = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST (adapt's default)")
    found = f"ROS_DOMAIN_ID {domain}, discovery {reach}"
    if not domain.isdigit() or int(domain) > 232:
        return Check("ROS domain", Status.MISSING, found, "set ROS_DOMAIN_ID to a number from 0 to 101")
    return Check("ROS domain", Status.OK, found)
