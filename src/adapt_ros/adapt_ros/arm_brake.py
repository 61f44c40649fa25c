"""Stops an arm past whoever drives it: by its controller's topic."""

from __future__ import annotations

from adapt_core.arm_settings import Arm
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.braking import brake
from adapt_core.kinematics.motion_limits import MotionLimits
from rclpy.node import Node

from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.convert import to_trajectory
from adapt_ros.joint_states import JointStates


class ArmBrake:
    """Knows where `arm` is by `states`, and sends it to the nearest rest."""

    def __init__(self, node: Node, arm: Arm, drivers: str, states: JointStates) -> None:
        """`drivers` is the namespace of the arm's, the node's own when empty."""
        self._node, self._states = node, states
        self._names, self._limits = arm.joints, MotionLimits.of(arm)
        self._publisher = ArmNames.of(arm, drivers).trajectory.publisher(node)

    def pull(self) -> None:
        """Brake now, as hard as the arm may. Where nobody knows where the arm is, nothing can be done."""
        try:
            now = self._states.joints()
        except PlanRejectedError as error:
            self._node.get_logger().error(f"the arm cannot be braked: {error}")
            return
        self._publisher.publish(to_trajectory(brake(now.positions, now.velocities, self._limits), self._names))

    def destroy(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)
