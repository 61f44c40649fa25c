"""Looks at a running graph for a few seconds. Import only where ROS is: see `ros_there`."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooLateError
from dataclasses import replace
from typing import Any

from adapt_core.robots import Robot, load_robot
from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.graph_settings import ROBOT_DIGEST
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rclpy.utilities import get_rmw_implementation_identifier

from adapt_cli.graph_session import DISCOVERY_S, GraphSession
from adapt_cli.preflight.checks import OWN_NODES
from adapt_cli.preflight.facts import ArmEnds, Facts
from adapt_cli.preflight.listening import Listening

LISTEN_S = 3.0
ANSWER_S = 2.0
GUARDS = ("real", "drivers", "preset", "learners")  # parameters of the guard that tell what to expect


def gather(session: GraphSession, robot_name: str) -> tuple[Robot, str, Facts]:
    """The robot as this machine's files describe it with the graph's preset, the learners' namespace, and all facts.

    Raises ConfigError.
    """
    listening = Listening(session.node)
    _await_nodes(session, listening)
    guard = _parameters(session, f"{session.namespace}/guard", GUARDS)
    learners = guard.get("learners") or session.namespace
    robot = load_robot(robot_name, preset=guard.get("preset", ""))
    listening.to_images()
    names = ArmNames.of(robot.arm, guard.get("drivers") or session.namespace) if robot.arm is not None else None
    if names is not None:
        listening.to_joints(names.joint_states)
    time.sleep(LISTEN_S)
    there = listening.to_heartbeats()
    facts = _facts(session, listening, there)
    facts = replace(facts, real=bool(guard.get("real", False)))
    if names is not None:
        facts = replace(facts, arm=_ends(names), served=_served(session, names))
    return robot, learners, facts


def _await_nodes(session: GraphSession, listening: Listening) -> None:
    """Wait until the graph's own nodes are seen, or for as long as that may take."""
    deadline = time.monotonic() + DISCOVERY_S
    wanted = {f"{session.namespace}/{name}" for name in OWN_NODES}
    while not wanted <= listening.to_heartbeats() and time.monotonic() < deadline:
        time.sleep(0.05)


def _facts(session: GraphSession, listening: Listening, there: set[str]) -> Facts:
    senders = listening.senders()
    told = {name: _parameters(session, name, [ROBOT_DIGEST]).get(ROBOT_DIGEST) for name in senders}
    return Facts(
        machine=socket.gethostname(),
        rmw=get_rmw_implementation_identifier(),
        senders=senders,
        silent=tuple(sorted(there - senders.keys())),
        digests={name: digest for name, digest in told.items() if digest},
        images=listening.images(),
        joints=listening.joints(),
    )


def _parameters(session: GraphSession, node: str, names: Sequence[str]) -> dict[str, Any]:
    """The values of `names`; none when `node` does not answer, or lacks one of them."""
    client = session.node.create_client(GetParameters, f"{node}/get_parameters")
    try:
        if not client.wait_for_service(ANSWER_S):
            return {}
        answer = session.node.in_executor(client.call_async, GetParameters.Request(names=names)).result(ANSWER_S)
    except TooLateError:
        return {}
    finally:
        session.node.in_executor(session.node.destroy_client, client)
    return {
        name: value.bool_value if value.type == ParameterType.PARAMETER_BOOL else value.string_value
        for name, value in zip(names, answer.values, strict=False)
    }


def _ends(names: ArmNames) -> ArmEnds:
    trajectories = [names.follow.name] if names.follow is not None else []
    return ArmEnds(names.joint_states.name, (*trajectories, names.trajectory.name), (names.grasp.name, names.move.name))


def _served(session: GraphSession, names: ArmNames) -> frozenset[str]:
    node = session.node
    actions = [action.name for action in (names.follow, names.grasp, names.move) if action is not None]
    served = {name for name in actions if node.count_services(f"{name}/_action/send_goal")}
    if node.count_subscribers(names.trajectory.name):
        served.add(names.trajectory.name)
    return frozenset(served)
