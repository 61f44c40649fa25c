"""Images as PNG and JPEG, and the check that an array is an image at all."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adapt_core.errors import ImageError
from adapt_core.types import Frames, Image

_END_OF_PNG = b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def check_image(image: NDArray[Any], shape: tuple[int, int] | None = None, what: str = "image") -> None:
    """Raise ImageError, calling it `what`, unless `image` is (h, w, 3) uint8, and (h, w) equals `shape` if given."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise ImageError(f"{what} must be a uint8 array, not {getattr(image, 'dtype', type(image).__name__)}")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ImageError(f"{what} must have the shape (height, width, 3), not {image.shape}: RGB, upright")
    if shape is not None and image.shape[:2] != tuple(shape):
        height, width = shape
        raise ImageError(
            f"{what} is {image.shape[0]}x{image.shape[1]} pixels (height x width), expected {height}x{width}"
        )


def check_frames(frames: NDArray[Any], shape: tuple[int, int] | None = None, what: str = "frames") -> None:
    """Raise ImageError unless `frames` is (f, h, w, 3) uint8 with f > 0, and (h, w) equals `shape` if given."""
    if not isinstance(frames, np.ndarray) or frames.ndim != 4 or len(frames) == 0:
        raise ImageError(f"{what} must have the shape (frames, height, width, 3), not {np.shape(frames)}")
    check_image(frames[0], shape, what)


def encode_png(image: Image) -> bytes:
    """PNG bytes of an RGB image (h, w, 3) uint8. Lossless."""
    done, encoded = cv2.imencode(".png", cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR), _FAST)
    if not done:
        raise ImageError(f"OpenCV cannot encode an image of shape {image.shape} as PNG")
    return bytes(encoded.tobytes())


def encode_jpeg(image: Image) -> bytes:
    """JPEG bytes of an RGB image (h, w, 3) uint8, at the quality that OpenCV takes by itself (95)."""
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR))
    if not done:
        raise ImageError(f"OpenCV cannot encode an image of shape {image.shape} as JPEG")
    return bytes(encoded.tobytes())


def decode_png(data: bytes) -> Image:
    """The RGB image (h, w, 3) uint8 of PNG bytes. Raises ImageError when they are damaged."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if is_whole_png(data) else None
    if decoded is None:
        raise ImageError(f"these {len(data)} bytes are no whole PNG image")
    image: Image = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    return image


def decode_pngs(encoded: list[bytes], shape: tuple[int, int]) -> Frames:
    """Frames (f, h, w, 3) uint8 of PNG bytes that all have `shape` (height, width). Raises ImageError."""
    frames = np.empty((len(encoded), *shape, 3), np.uint8)
    for target, data in zip(frames, encoded, strict=True):
        image = decode_png(data)
        check_image(image, shape, "a stored frame")
        target[...] = image
    return frames


def is_whole_png(data: bytes) -> bool:
    """Does `data` end as a PNG ends? A file whose writer was killed does not."""
    return data.endswith(_END_OF_PNG)


def square(image: Image, size: int) -> Image:
    """The middle square of `image` (h, w, 3), `size` pixels high and wide."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = image[top : top + side, left : left + side]
    return np.ascontiguousarray(cv2.resize(middle, (size, size), interpolation=cv2.INTER_AREA))
