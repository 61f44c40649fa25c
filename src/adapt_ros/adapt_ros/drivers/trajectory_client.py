"""Has an arm follow a trajectory: through the controller's action where there is one, else through its topic."""

from __future__ import annotations

from typing import Any

from adapt_core.arm_settings import Arm
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.braking import brake
from adapt_core.kinematics.motion_limits import MotionLimits
from rclpy.node import Node
from rclpy.task import Future

from adapt_ros import convert
from adapt_ros.arm_interfaces import ArmNames
from adapt_ros.convert import Joints
from adapt_ros.coroutines import Arrival


class FollowedTrajectory:
    """A trajectory that was sent. `end` arrives with why it failed, empty when it was done; on a topic never.

    `accepted` says whether the driver has taken it, where it can say so.
    """

    def __init__(self) -> None:
        self.end: Arrival[str] = Arrival()
        self.accepted = False
        self._handle: Any = None
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the driver to give it up; once is enough."""
        if not self._cancelled:
            self._cancelled = True
            self._send_cancel()

    def sent(self, answer: Future) -> None:
        """The action server answered the goal."""
        self._handle = answer.result()
        if self._handle is None or not self._handle.accepted:
            self.end.set("the arm's controller rejected the trajectory: see its log")
            return
        self.accepted = True
        self._handle.get_result_async().add_done_callback(lambda done: self.end.set(_failure(done.result().result)))
        if self._cancelled:
            self._send_cancel()

    def _send_cancel(self) -> None:
        if self._handle is not None and self._handle.accepted:
            self._handle.cancel_goal_async()


class TrajectoryClient:
    """All in the thread that spins."""

    def __init__(self, node: Node, arm: Arm, names: ArmNames) -> None:
        self._joints, self._limits = arm.joints, MotionLimits.of(arm)
        self._topic = names.trajectory.publisher(node)
        self._follow = names.follow
        self._client = names.follow.client(node) if names.follow is not None else None

    @property
    def ready(self) -> bool:
        """Somebody listens."""
        return self._by_action or self._topic.get_subscription_count() > 0

    @property
    def tells_the_end(self) -> bool:
        """The driver says when a trajectory is done."""
        return self._by_action

    def follow(self, trajectory: JointTrajectory) -> FollowedTrajectory:
        """Send `trajectory`; it replaces the one before."""
        message = convert.to_trajectory(trajectory, self._joints)
        followed = FollowedTrajectory()
        if self._client is None or self._follow is None or not self._by_action:
            self._topic.publish(message)
        else:
            sent = self._client.send_goal_async(self._follow.type.Goal(trajectory=message))
            sent.add_done_callback(followed.sent)
        return followed

    def brake(self, joints: Joints) -> float:
        """Come to rest as fast as the arm's limits allow; how long that takes [s]."""
        count = len(self._joints)
        rest = brake(joints.positions[:count], joints.velocities[:count], self._limits)
        self._topic.publish(convert.to_trajectory(rest, self._joints))
        return rest.duration_s

    @property
    def _by_action(self) -> bool:
        return self._client is not None and bool(self._client.server_is_ready())


def _failure(result: Any) -> str:
    if result.error_code == result.SUCCESSFUL:
        return ""
    why = result.error_string or "see its log; after a reflex call recover"
    return f"the arm's controller gave the trajectory up ({result.error_code}): {why}"
