"""What a simulated world says of itself: observations, images and the clock."""

from __future__ import annotations

from adapt_core.robots import Robot
from adapt_core.types import Observation
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image

from adapt_interfaces import msg
from adapt_ros import convert, interfaces


class WorldTopics:
    """Publishers of one world; may be used from its worker thread."""

    def __init__(self, node: Node, robot: Robot) -> None:
        self.sequence = 0  # of the newest observation
        self._robot = robot
        self._newest: Observation | None = None
        self._image = interfaces.IMAGE.publisher(node)
        self._camera_info = interfaces.CAMERA_INFO.publisher(node)
        self._observation = interfaces.OBSERVATION.publisher(node)
        self._clock = interfaces.CLOCK.publisher(node)

    def publish(self, observation: Observation) -> msg.Observation:
        """Publish a new observation on all topics."""
        self.sequence += 1
        self._newest = observation
        message = convert.to_observation(observation, self.sequence, self._robot.frame_id)
        message.image.header.frame_id = self._robot.camera.frame_id
        self._say_clock_and_image(message.image)
        self._observation.publish(message)
        return message

    def repeat(self) -> None:
        """Say the newest image and the clock again, for those who joined late."""
        if self._newest is not None:
            frame_id = self._robot.camera.frame_id
            self._say_clock_and_image(convert.to_image(self._newest.image, self._newest.stamp_s, frame_id))

    def _say_clock_and_image(self, image: Image) -> None:
        self._clock.publish(Clock(clock=image.header.stamp))
        if self._image.get_subscription_count():  # the graph itself reads images from observations
            self._image.publish(image)
        if self._camera_info.get_subscription_count():
            self._camera_info.publish(CameraInfo(header=image.header, height=image.height, width=image.width))
