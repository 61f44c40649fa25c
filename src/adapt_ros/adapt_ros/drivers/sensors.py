"""What an arm's sensors say, and which of them are silent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from adapt_core.arm_settings import Arm
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.robots import Robot
from adapt_core.safety import Newest, Rejection
from rclpy.node import Node
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import String

from adapt_interfaces.msg import GroundTruth, Observation
from adapt_ros import convert, interfaces
from adapt_ros.arm_interfaces import GROUND_TRUTH, SIMULATED_IMAGE, ArmNames
from adapt_ros.convert import Joints
from adapt_ros.drivers.observations import ObservationComposer
from adapt_ros.motion_gate import Fault


class ArmSensors:
    """Subscriptions of camera, joints and errors; tells `on_joints` and, composed, `on_observation`."""

    def __init__(
        self,
        node: Node,
        robot: Robot,
        names: ArmNames,
        simulated: bool,
        on_joints: Callable[[Joints], None],
        on_observation: Callable[[Observation], None],
    ) -> None:
        """`robot` has an arm. Raises ConfigError when its description cannot be read."""
        model = ArmModel.of(robot)
        self._arm: Arm = model.settings
        self._node, self._on_joints, self._on_observation = node, on_joints, on_observation
        self._oldest_s = robot.freshness.observation_age_s
        self._wrong_joints = ""
        self._fingers: dict[str, float] = {}
        self._joints_heard_s = -float("inf")  # by the monotonic clock, with a new stamp
        self._images = Newest(simulated)
        self.observations = ObservationComposer(robot, model, with_truth=simulated)
        self.errors = ""  # why the arm refuses to move
        image = SIMULATED_IMAGE if simulated else interfaces.IMAGE
        self._held: list[Any] = [
            names.joint_states.subscription(node, self._hear_joints),
            names.errors.subscription(node, self._hear_errors),
            image.subscription(node, self._hear_image),
        ]
        if simulated:
            self._held.append(GROUND_TRUTH.subscription(node, self._hear_truth))

    @property
    def joints(self) -> Joints | None:
        """The newest joint states: the arm's, then the fingers'."""
        return self.observations.joints

    def refusal(self) -> Fault | None:
        """Why nothing can be begun; None when it can."""
        if self.errors:
            return Rejection.REFLEX, f"the arm has to be recovered first (call recover): {self.errors}"
        if self._wrong_joints:
            return Rejection.PEER_LOST, self._wrong_joints
        if self.joints is None:
            topic = self._arm.interfaces.joint_states
            return Rejection.PEER_LOST, f"no joint states have come on {topic}: start the arm's driver, or see its log"
        return None

    def silence(self, longest_s: float) -> Fault | None:
        """Why what moves must stop; for while the arm moves."""
        if self.errors:
            return Rejection.REFLEX, self.errors
        if self._wrong_joints:
            return Rejection.PEER_LOST, self._wrong_joints
        if time.monotonic() - self._joints_heard_s > longest_s or self.joints is None:
            what = f"{self._arm.interfaces.joint_states} say nothing new for more than {longest_s:g} s"
            return Rejection.STALE_JOINT_STATES, f"{what}: the arm's driver hangs or took no trajectory; see its log"
        now_s = self.joints.stamp_s
        age_s = now_s - self._images.as_of(now_s)
        if age_s > self._oldest_s:
            what = f"the newest image is {age_s:.2f} s old; allowed are {self._oldest_s:g} s"
            return Rejection.STALE_OBSERVATION, f"{what}: does the camera still give images?"
        return None

    def expect_from_now(self) -> None:
        """Whatever silence there was before does not count."""
        self._joints_heard_s = time.monotonic()

    def missing(self) -> str:
        """What there is to say when no observation comes."""
        if (fault := self.refusal()) is not None and fault[0] is not Rejection.REFLEX:
            return fault[1]
        if self._images.stamp_s != self._images.stamp_s:
            return f"no image has come on {interfaces.IMAGE.name}: start the camera, or see its log"
        return "no new image with joint states of its instant has come: is the camera frozen, are all clocks the same?"

    def _hear_joints(self, message: JointState) -> None:
        """Of arm and fingers together, or one by one."""
        fingers, arm = self._arm.gripper.joints, self._arm.joints
        if set(fingers) & set(message.name):
            self._fingers = dict(zip(message.name, message.position, strict=False))
            if not set(arm) & set(message.name):
                return
        try:
            joints = convert.from_joint_state(self._with_fingers(message), (*arm, *fingers))
        except PlanRejectedError as error:
            if str(error) != self._wrong_joints:
                self._node.get_logger().error(str(error))
            self._wrong_joints = str(error)
            return
        self._wrong_joints = ""
        if self.joints is not None and joints.stamp_s <= self.joints.stamp_s:
            return
        self._joints_heard_s = time.monotonic()
        self.observations.hear_joints(joints)
        self._on_joints(joints)
        self._compose()

    def _with_fingers(self, message: JointState) -> JointState:
        """With the newest finger positions, where the message has none."""
        lacking = [name for name in self._arm.gripper.joints if name not in message.name and name in self._fingers]
        if not lacking:
            return message
        still = [0.0] * len(lacking)
        return JointState(
            header=message.header,
            name=[*message.name, *lacking],
            position=[*message.position, *(self._fingers[name] for name in lacking)],
            velocity=[*message.velocity, *still] if len(message.velocity) else [],
        )

    def _hear_image(self, message: Image) -> None:
        self._images.hear(convert.from_time(message.header.stamp))
        self.observations.hear_image(message)
        self._compose()

    def _hear_truth(self, message: GroundTruth) -> None:
        self.observations.hear_truth(message)
        self._compose()

    def _hear_errors(self, message: String) -> None:
        self.errors = message.data

    def _compose(self) -> None:
        for observation in self.observations.ready():
            self._on_observation(observation)
