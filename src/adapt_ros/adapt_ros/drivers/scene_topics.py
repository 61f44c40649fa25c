"""What a simulated scene says of itself: its clock, its images and the truth."""

from __future__ import annotations

from collections.abc import Callable

from adapt_core.robots import Robot
from adapt_core.types import Image
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image as ImageMessage

from adapt_interfaces.msg import GroundTruth
from adapt_ros import convert, interfaces
from adapt_ros.arm_interfaces import GROUND_TRUTH, SIMULATED_IMAGE


class SceneTopics:
    """Publishers of one scene, for its worker thread."""

    def __init__(self, node: Node, robot: Robot) -> None:
        self._frame_id = robot.camera.frame_id
        self._clock = interfaces.CLOCK.publisher(node)
        self._truth = GROUND_TRUTH.publisher(node)
        self._image = SIMULATED_IMAGE.publisher(node)
        self._camera_info = interfaces.CAMERA_INFO.publisher(node)
        self._drawn: ImageMessage | None = None

    def say_time(self, now_s: float) -> None:
        """What time it is."""
        self._clock.publish(Clock(clock=convert.to_time(now_s)))

    def say_scene(self, now_s: float, success: bool, draw: Callable[[], Image]) -> None:
        """The truth, and the image that `draw` gives: drawn only where somebody looks at it, and once for each instant."""
        truth = GroundTruth(success=success)
        truth.header.stamp = convert.to_time(now_s)
        self._truth.publish(truth)
        if not self._image.get_subscription_count():
            return
        if self._drawn is None or self._drawn.header.stamp != truth.header.stamp:
            self._drawn = convert.to_image(draw(), now_s, self._frame_id)
        self._say_image(self._drawn)

    def _say_image(self, image: ImageMessage) -> None:
        self._image.publish(image)
        if self._camera_info.get_subscription_count():
            self._camera_info.publish(CameraInfo(header=image.header, height=image.height, width=image.width))
