"""Where an arm's joints are, as its driver says."""

from __future__ import annotations

from collections.abc import Callable

from adapt_core.arm_settings import Arm
from adapt_core.errors import PlanRejectedError
from adapt_core.safety import Rejection, refuse
from rclpy.node import Node
from sensor_msgs.msg import JointState

from adapt_ros.convert import Joints, from_joint_state
from adapt_ros.endpoints import Topic, resolved
from adapt_ros.interfaces import SENSOR


class JointStates:
    """The newest joint states of `arm`, whose drivers are in the namespace `drivers`, or the node's own when empty."""

    def __init__(self, node: Node, arm: Arm, drivers: str, heard: Callable[[float], None] = lambda _: None) -> None:
        """`heard` is told the stamp of each message in seconds."""
        self._names, self._heard = arm.joints, heard
        self._joints: Joints | None = None
        self._problem = f"nobody has published {resolved(arm.interfaces.joint_states, drivers)} yet: is the driver up?"
        topic = Topic(arm.interfaces.joint_states, JointState, SENSOR)
        self._node, self._subscription = node, topic.subscription(node, self._hear, drivers)

    def joints(self) -> Joints:
        """The newest. Raises PlanRejectedError when there is none, or a joint of the arm is not among those published."""
        if self._joints is None:
            refuse(Rejection.STALE_JOINT_STATES, self._problem)
        return self._joints

    def destroy(self) -> None:
        """Listen no more."""
        self._node.destroy_subscription(self._subscription)

    def _hear(self, message: JointState) -> None:
        if not set(self._names) & set(message.name):
            return  # of another device, such as the gripper
        try:
            self._joints = from_joint_state(message, self._names)
        except PlanRejectedError as error:
            self._joints, self._problem = None, str(error)
        else:
            self._heard(self._joints.stamp_s)
