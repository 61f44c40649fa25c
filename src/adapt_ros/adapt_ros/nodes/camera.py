"""Publishes a real camera, or a video file in its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from adapt_core.types import Image

from adapt_ros import convert, interfaces
from adapt_ros.camera_calibration import Calibration, load_calibration
from adapt_ros.frame_source import FrameSource
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node


@dataclass(frozen=True)
class CameraSettings(GraphSettings):
    """Parameters of the node."""

    device: str = param("0", "index or path of the camera, or a video file, which is looped")
    calibration: str = param("", "YAML file of ROS's camera_calibration; empty: not calibrated")
    crop: bool = param(False, "cut the middle to the proportions of the robot's image")
    resize: bool = param(False, "resize to the robot's image")


class CameraNode(AdaptNode):
    """Frames are read and published in a thread of their own."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("camera", **node_arguments)
        self._settings = read_parameters(self, CameraSettings)
        self._view = self._settings.load_robot().camera
        path = self._settings.calibration
        self._calibration: Calibration | None = load_calibration(Path(path)) if path else None
        self._image = interfaces.IMAGE.publisher(self)
        self._camera_info = interfaces.CAMERA_INFO.publisher(self)
        self._source = FrameSource(self._settings.device, self._publish, self._lost, self._found)

    def begin(self) -> None:
        """Start to read; a camera that is not there yet is waited for."""
        self._source.start()

    def stop(self) -> None:
        """Release the camera."""
        super().stop()
        self._source.stop()

    def _publish(self, frame: Image) -> None:
        if not self.context.ok():
            return
        now_s = self.get_clock().now().nanoseconds / 1e9
        image, calibration = self._fitted(frame)
        message = convert.to_image(image, now_s, self._view.frame_id)
        self._image.publish(message)
        self._camera_info.publish(calibration.message(message.header))

    def _fitted(self, image: Image) -> tuple[Image, Calibration]:
        """The image as the robot wants it, if that was asked for, and its calibration."""
        height, width = image.shape[:2]
        calibration = self._calibration
        if calibration is None or (calibration.width, calibration.height) != (width, height):
            calibration = Calibration(width, height)
        if self._settings.crop:
            scale = min(height / self._view.height, width / self._view.width)
            kept_height, kept_width = round(scale * self._view.height), round(scale * self._view.width)
            top, left = (height - kept_height) // 2, (width - kept_width) // 2
            image = image[top : top + kept_height, left : left + kept_width]
            calibration = calibration.cropped(left, top, kept_width, kept_height)
        if self._settings.resize:
            image = cv2.resize(image, (self._view.width, self._view.height), interpolation=cv2.INTER_AREA)
            calibration = calibration.resized(self._view.width, self._view.height)
        return image, calibration

    def _lost(self, what: str) -> None:
        self.get_logger().error(what)

    def _found(self) -> None:
        self.get_logger().info(f"camera {self._settings.device} gives frames")


def main() -> None:
    """Entry point."""
    run_node(CameraNode)


if __name__ == "__main__":
    main()
