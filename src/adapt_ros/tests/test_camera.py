"""The camera node reads a video file, through which a camera that goes away is shown too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy")

from adapt_core.errors import ConfigError
from adapt_ros.camera_calibration import load_calibration
from adapt_ros.fakes.harness import Harness
from adapt_ros.nodes.camera import CameraNode

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
HEIGHT, WIDTH = 120, 160
CALIBRATION = """
image_width: 160
image_height: 120
camera_name: wrist
camera_matrix: {rows: 3, cols: 3, data: [200.0, 0.0, 80.0, 0.0, 200.0, 60.0, 0.0, 0.0, 1.0]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0.1, 0.0, 0.0, 0.0, 0.0]}
rectification_matrix: {rows: 3, cols: 3, data: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]}
projection_matrix: {rows: 3, cols: 4, data: [200.0, 0.0, 80.0, 0.0, 0.0, 200.0, 60.0, 0.0, 0.0, 0.0, 1.0, 0.0]}
"""


def write_video(path: Path, frames: int = 5) -> Path:
    """A red video."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30.0, (WIDTH, HEIGHT))
    for _ in range(frames):
        writer.write(np.full((HEIGHT, WIDTH, 3), (0, 0, 250), np.uint8))  # (h, w, 3), BGR
    writer.release()
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "video.avi")


def test_a_video_file_is_published_as_it_is_and_looped(harness: Harness, video: Path) -> None:
    images = harness.hear(interfaces.IMAGE)
    infos = harness.hear(interfaces.CAMERA_INFO)
    harness.add(CameraNode, device=str(video))
    harness.until(lambda: len(images) > 10, "more frames than the file holds")
    image = convert.from_image(images[0])
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(image[0, 0].astype(int) - (250, 0, 0)).max() < 20  # red, after JPEG
    stamps = [convert.from_time(message.header.stamp) for message in images]
    assert stamps == sorted(set(stamps))
    assert images[0].header.frame_id
    harness.until(lambda: infos, "the camera's calibration")
    assert (infos[0].width, infos[0].height, infos[0].k[0]) == (WIDTH, HEIGHT, 0.0)


def test_crop_resize_and_calibration_go_together(harness: Harness, video: Path, tmp_path: Path) -> None:
    (tmp_path / "camera.yaml").write_text(CALIBRATION)
    images, infos = harness.hear(interfaces.IMAGE), harness.hear(interfaces.CAMERA_INFO)
    harness.add(
        CameraNode,
        robot="metaworld",
        device=str(video),
        calibration=str(tmp_path / "camera.yaml"),
        crop=True,
        resize=True,
    )
    harness.until(lambda: images and infos, "an image and its calibration")
    assert (images[0].height, images[0].width) == (128, 128)
    scale = 128 / 120  # 120 x 120 pixels are left after the crop
    assert (infos[0].height, infos[0].width) == (128, 128)
    assert np.allclose(infos[0].k, [200 * scale, 0, 60 * scale, 0, 200 * scale, 60 * scale, 0, 0, 1])
    assert np.allclose(infos[0].p[:8], [200 * scale, 0, 60 * scale, 0, 0, 200 * scale, 60 * scale, 0])


def test_a_source_that_goes_away_is_missed_once_and_found_again(harness: Harness, video: Path) -> None:
    said: list[str] = []
    images = harness.hear(interfaces.IMAGE)
    node = harness.add(CameraNode, device=str(video))
    report = node._source._on_lost
    node._source._on_lost = lambda what: (said.append(what), report(what))  # type: ignore[func-returns-value]
    harness.until(lambda: images, "an image")
    video.unlink()
    harness.until(lambda: said, "a complaint")
    before = len(images)
    write_video(video)
    harness.until(lambda: len(images) > before, "images again")
    assert len(said) == 1
    assert "does not exist" in said[0] and str(video) in said[0]


@pytest.mark.parametrize("device", ["/dev/video87", "nowhere.avi"])
def test_a_wrong_device_is_one_clear_error_and_the_node_lives_on(
    harness: Harness, device: str, capfd: pytest.CaptureFixture[str]
) -> None:
    heartbeats = harness.hear(interfaces.heartbeat("camera"))
    harness.add(CameraNode, device=device)
    name = f"{harness.namespace}/camera"
    harness.until(lambda: sum(beat.node == name for beat in heartbeats) > 8, "the node to live")
    complaints = [line for line in capfd.readouterr().err.splitlines() if "[ERROR]" in line]
    assert len(complaints) == 1
    assert device in complaints[0] and "trying again" in complaints[0]


def test_a_calibration_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "camera.yaml").write_text("image_width: 3\n")
    with pytest.raises(ConfigError, match="calibrate again"):
        load_calibration(tmp_path / "camera.yaml")
