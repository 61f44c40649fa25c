"""Under which names, types and QoS the drivers of one arm are served, as its YAML says.

Where the packages of ros2_control and Franka are installed these are their types; elsewhere ours stand in for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from adapt_core.arm_settings import Arm
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from adapt_interfaces.action import GripperGrasp, GripperMove
from adapt_interfaces.msg import GroundTruth
from adapt_interfaces.srv import ResetWorld
from adapt_ros.endpoints import ActionName, ServiceName, Topic, resolved
from adapt_ros.interfaces import IMAGE, RECORDED, STATE

# Depth enough for a chunk: what a reader is slow to take is not lost.
STREAM = QoSProfile(depth=256, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)
COMMAND = QoSProfile(depth=10, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)

# Of simulated and mock arms only.
SIMULATED_IMAGE = Topic(IMAGE.name, Image, RECORDED)  # none is lost; who asks for less may
GROUND_TRUTH = Topic("ground_truth", GroundTruth, STREAM)
RESET_SCENE = ServiceName("reset_scene", ResetWorld)


def found(name: str) -> Any:
    """The interface `package.kind.Type` of a package that may be missing; None where it is."""
    module, _, kind = name.rpartition(".")
    try:
        return getattr(import_module(module), kind)
    except ImportError:
        return None


@dataclass(frozen=True)
class ArmNames:
    """The ends of one arm's interfaces. `follow` is None where control_msgs is missing.

    `errors` is a latched text: a line for each reason why the arm refuses to move until it is recovered.
    """

    joint_states: Topic
    trajectory: Topic
    follow: ActionName | None
    move: ActionName
    grasp: ActionName
    recovery: ServiceName | ActionName
    errors: Topic

    @classmethod
    def of(cls, arm: Arm, namespace: str = "") -> ArmNames:
        """Those of `arm`, in `namespace` or relative to the node's own."""
        names = arm.interfaces
        follow = found("control_msgs.action.FollowJointTrajectory")
        return cls(
            joint_states=Topic(resolved(names.joint_states, namespace), JointState, STREAM),
            trajectory=Topic(resolved(names.trajectory_topic, namespace), JointTrajectory, COMMAND),
            follow=follow and ActionName(resolved(names.trajectory_action, namespace), follow),
            move=_gripper(arm, namespace, "move", found("franka_msgs.action.Move") or GripperMove),
            grasp=_gripper(arm, namespace, "grasp", found("franka_msgs.action.Grasp") or GripperGrasp),
            recovery=_recovery(arm, namespace),
            errors=Topic(resolved(names.errors, namespace), String, STATE),
        )


def _gripper(arm: Arm, namespace: str, command: str, kind: Any) -> ActionName:
    return ActionName(resolved(f"{arm.gripper.node}/{command}", namespace), kind)


def _recovery(arm: Arm, namespace: str) -> ServiceName | ActionName:
    recovery = arm.interfaces.recovery
    name = resolved(recovery.name, namespace)
    if recovery.kind == "action" and (action := found("franka_msgs.action.ErrorRecovery")):
        return ActionName(name, action)
    service = found("franka_msgs.srv.ErrorRecovery") if recovery.kind == "service" else None
    return ServiceName(name, service or Trigger)
