"""Images travel as rgb8 without padding. What comes in may be rgb8 or bgr8, its rows padded or not."""

from __future__ import annotations

from array import array

import numpy as np
from adapt_core.errors import ImageError
from adapt_core.types import Image
from sensor_msgs.msg import Image as ImageMsg

from adapt_ros.convert.stamps import to_time


def to_image(image: Image, stamp_s: float = 0.0, frame_id: str = "") -> ImageMsg:
    """(h, w, 3) uint8 RGB as an rgb8 message."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ImageError(f"an image must be (height, width, 3) uint8 RGB, this one is {image.shape} {image.dtype}")
    message = ImageMsg(height=image.shape[0], width=image.shape[1], step=3 * image.shape[1], encoding="rgb8")
    message.header.stamp = to_time(stamp_s)
    message.header.frame_id = frame_id
    data = array("B")
    data.frombytes(np.ascontiguousarray(image).data)
    message.data = data
    return message


def from_image(message: ImageMsg) -> Image:
    """An rgb8 or bgr8 message as (h, w, 3) uint8 RGB. Raises ImageError for another encoding or a wrong size."""
    height, width, step = message.height, message.width, message.step
    if message.encoding not in ("rgb8", "bgr8"):
        raise ImageError(f'image encoding "{message.encoding}" is not supported: let the camera publish rgb8 or bgr8')
    if not height or not width:
        raise ImageError(f"the image is empty ({height}x{width}): is the camera connected?")
    if step < 3 * width or len(message.data) != height * step:
        raise ImageError(
            f"the image says {height}x{width}, {step} bytes a row, but holds {len(message.data)} bytes: mend the driver"
        )
    rows = np.frombuffer(message.data, np.uint8).reshape(height, step)
    image = rows[:, : 3 * width].reshape(height, width, 3)
    return np.ascontiguousarray(image if message.encoding == "rgb8" else image[..., ::-1])
