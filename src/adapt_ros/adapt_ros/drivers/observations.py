"""One observation from what the sensors of an arm say one by one."""

from __future__ import annotations

from collections import deque

import numpy as np
from adapt_core.kinematics.arm import ArmModel
from adapt_core.robots import Robot
from adapt_core.types import Vector
from sensor_msgs.msg import Image

from adapt_interfaces.msg import GroundTruth, Observation
from adapt_ros.convert import Joints, from_time, to_pose, to_success

KEPT = 1024  # joint states
WAITING = 64  # images that wait for the joint states of their instant
STAMP_S = 1e-6


class ObservationComposer:
    """Images in, observations out, as soon as the joint states of an image's instant are there.

    With `with_truth` the truth of that instant is waited for as well.
    """

    def __init__(self, robot: Robot, model: ArmModel, with_truth: bool) -> None:
        """`robot` has the arm of `model`."""
        assert robot.arm is not None
        self._robot, self._model, self._with_truth = robot, model, with_truth
        self._open_width_m = robot.arm.gripper.open_width_m
        self._joints: deque[Joints] = deque(maxlen=KEPT)
        self._truths: deque[tuple[float, bool]] = deque(maxlen=KEPT)
        self._images: deque[Image] = deque(maxlen=WAITING)
        self._newest_s = -np.inf
        self._sequence = 0
        self.scene_s: float | None = None  # when the present scene was laid; steps are counted from there

    @property
    def joints(self) -> Joints | None:
        """The newest joint states: the arm's, then the fingers'."""
        return self._joints[-1] if self._joints else None

    def hear_joints(self, joints: Joints) -> None:
        """Arm joints and fingers."""
        if not self._joints or joints.stamp_s > self._joints[-1].stamp_s:
            self._joints.append(joints)

    def hear_truth(self, message: GroundTruth) -> None:
        """From a simulator."""
        self._truths.append((from_time(message.header.stamp), message.success))

    def hear_image(self, message: Image) -> None:
        """An image that was heard before is passed over."""
        stamp_s = from_time(message.header.stamp)
        if stamp_s > self._newest_s:
            self._newest_s = stamp_s
            self._images.append(message)

    def ready(self) -> list[Observation]:
        """Observations that have become complete, in order."""
        complete = []
        while self._images and self._known_until_s >= from_time(self._images[0].header.stamp) - STAMP_S:
            complete.append(self._compose(self._images.popleft()))
        return complete

    @property
    def _known_until_s(self) -> float:
        newest_s = self._joints[-1].stamp_s if self._joints else -np.inf
        if not self._with_truth:
            return newest_s
        return min(newest_s, self._truths[-1][0] if self._truths else -np.inf)

    def _compose(self, image: Image) -> Observation:
        stamp_s = from_time(image.header.stamp)
        self._sequence += 1
        message = Observation(sequence=self._sequence, image=image, has_end_effector=True)
        message.header.stamp, message.header.frame_id = image.header.stamp, self._robot.frame_id
        message.end_effector, message.gripper_opening = to_pose(self._end_effector(stamp_s))
        message.success = to_success(self._truth(stamp_s))
        message.step = max(
            0, round((stamp_s - (stamp_s if self.scene_s is None else self.scene_s)) / self._robot.control_period_s)
        )
        return message

    def _end_effector(self, stamp_s: float) -> Vector:
        """Pose and opening (8,) at an instant, the joints interpolated."""
        arms = len(self._model.joint_names)
        times = [joints.stamp_s for joints in self._joints]
        after = min(int(np.searchsorted(times, stamp_s - STAMP_S)), len(times) - 1)
        before = max(after - 1, 0)
        span_s = times[after] - times[before]
        share = float(np.clip((stamp_s - times[before]) / span_s, 0.0, 1.0)) if span_s else 1.0
        first, second = self._joints[before].positions, self._joints[after].positions
        positions = (1 - share) * first + share * second
        opening = float(np.clip(positions[arms:].sum() / self._open_width_m, 0.0, 1.0))
        return np.append(self._model.forward(positions[:arms]), opening)

    def _truth(self, stamp_s: float) -> bool | None:
        """The newest truth that is not younger than the image."""
        known = [success for truth_s, success in self._truths if truth_s <= stamp_s + STAMP_S]
        return known[-1] if known else None
