"""Each fault alone is named, and nothing else is; no ROS needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from adapt_cli.preflight.checks import preflight_checks
from adapt_cli.preflight.facts import ArmEnds, Facts, Images, JointsHeard, Sender
from adapt_core.robots import digest, load_robot

PANDA = load_robot("panda", preset="tiny")
assert PANDA.arm is not None
ARM = PANDA.arm
SHAPE = (PANDA.camera.height, PANDA.camera.width)
CYCLONE = "rmw_cyclonedds_cpp"
HERE = ("guard", "executor", "episode_runner", "labeler")
THERE = ("planner", "inverse_dynamics")
AT_HOME = dict(zip(ARM.joints, ARM.home, strict=True)) | dict.fromkeys(ARM.gripper.joints, 0.04)
SENDERS = {f"/panda/{name}": Sender("robot-pc", CYCLONE, 0.001) for name in HERE} | {
    f"/gpu/{name}": Sender("gpu-box", CYCLONE, 0.004) for name in THERE
}
GRIPPER = ("/panda_gripper/grasp", "/panda_gripper/move")
HEALTHY = Facts(
    machine="robot-pc",
    rmw=CYCLONE,
    senders=SENDERS,
    real=True,
    digests=dict.fromkeys(SENDERS, digest(PANDA)),
    images=Images(frozenset({SHAPE}), 1 / 30, 0.05),
    joints=JointsHeard(AT_HOME, 0.002),
    arm=ArmEnds("/joint_states", ("/panda_arm_controller/joint_trajectory",), GRIPPER),
    served=frozenset({"/panda_arm_controller/joint_trajectory", *GRIPPER}),
)


def amiss(facts: Facts, robot: Any = PANDA) -> dict[str, str]:
    """What is wrong or missing: the names of the findings, and what was found."""
    checks = preflight_checks(robot, "/panda", "/gpu", facts)
    return {check.name: check.found for check in checks if check.status in ("wrong", "missing")}


def gpu(**changes: Any) -> dict[str, Sender]:
    return SENDERS | {f"/gpu/{name}": replace(SENDERS[f"/gpu/{name}"], **changes) for name in THERE}


def test_a_healthy_graph_passes() -> None:
    assert amiss(HEALTHY) == {}


@pytest.mark.parametrize(
    ("changes", "name", "found"),
    [
        ({"senders": gpu(rmw="rmw_fastrtps_cpp")}, "RMW", "rmw_fastrtps_cpp on gpu-box"),
        ({"rmw": "rmw_fastrtps_cpp"}, "RMW", "rmw_fastrtps_cpp on robot-pc"),
        ({"senders": gpu(behind_s=1.0)}, "clocks", "gpu-box is 1.00 s behind robot-pc"),
        ({"senders": gpu(behind_s=-1.0)}, "clocks", "gpu-box is 1.00 s ahead of robot-pc"),
        ({"joints": JointsHeard(AT_HOME, 0.3)}, "clocks", "the arm's driver is 0.30 s behind robot-pc"),
        ({"senders": {name: SENDERS[name] for name in SENDERS if "planner" not in name}}, "nodes", "no /gpu/planner"),
        ({"digests": HEALTHY.digests | {"/gpu/planner": "another"}}, "configuration", "/gpu/planner read other limits"),
        (
            {"joints": JointsHeard({name: AT_HOME[name] for name in AT_HOME if name != "panda_joint4"}, 0.0)},
            "joints",
            "no panda_joint4",
        ),
        ({"joints": JointsHeard(AT_HOME | {"panda_joint4": 0.5}, 0.0)}, "limits", "panda_joint4 stands at 0.500 rad"),
        ({"images": Images(frozenset({SHAPE}), 1 / 15, 0.05)}, "camera rate", "15.0 images a second, 30 are wanted"),
        ({"images": Images(frozenset({SHAPE}), None, 0.05)}, "camera rate", "0.0 images a second"),
        ({"images": Images(frozenset({SHAPE}), 1 / 30, 0.9)}, "camera rate", "0.90 s old"),
        ({"images": Images(frozenset({(480, 640)}), 1 / 30, 0.05)}, "camera", "images of 480x640 pixels"),
        ({"images": Images(frozenset({SHAPE}), 1 / 30, 0.05, "encoding yuv422")}, "camera", "encoding yuv422"),
        ({"images": None}, "camera", "no image arrives"),
        ({"served": HEALTHY.served - {"/panda_gripper/grasp"}}, "gripper", "nobody serves /panda_gripper/grasp"),
        ({"served": frozenset(GRIPPER)}, "trajectories", "nobody serves"),
    ],
)
def test_a_fault_is_named_alone(changes: dict[str, Any], name: str, found: str) -> None:
    told = amiss(replace(HEALTHY, **changes))
    assert told.keys() == {name}
    assert found in told[name]


def test_where_no_joints_are_heard_their_limits_are_not_known() -> None:
    assert amiss(replace(HEALTHY, joints=None)).keys() == {"joints", "limits"}


def test_a_simulated_world_without_an_arm() -> None:
    robot = load_robot("metaworld")
    images = Images(frozenset({(robot.camera.height, robot.camera.width)}), 0.5, 3.0)
    facts = replace(HEALTHY, real=False, joints=None, images=images, digests={}, arm=None, served=frozenset())
    assert amiss(facts, robot) == {}
