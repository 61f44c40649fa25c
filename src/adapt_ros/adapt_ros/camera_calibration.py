"""A camera's intrinsics from a YAML file as ROS's camera_calibration writes it, also of cropped and resized images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from adapt_core.config import read_yaml
from adapt_core.errors import ConfigError
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header


@dataclass(frozen=True)
class Calibration:
    """`k` (9,), `r` (9,) and `p` (12,) row by row, as in CameraInfo; all zero where nobody has calibrated."""

    width: int
    height: int
    distortion_model: str = ""
    d: tuple[float, ...] = ()
    k: tuple[float, ...] = (0.0,) * 9
    r: tuple[float, ...] = (0.0,) * 9
    p: tuple[float, ...] = (0.0,) * 12

    def cropped(self, left: int, top: int, width: int, height: int) -> Calibration:
        """That of the part of the image that begins at (left, top)."""
        return replace(self, width=width, height=height, k=_moved(self.k, 3, left, top), p=_moved(self.p, 4, left, top))

    def resized(self, width: int, height: int) -> Calibration:
        """That of the image stretched to width x height."""
        x, y = width / self.width, height / self.height
        return replace(self, width=width, height=height, k=_scaled(self.k, 3, x, y), p=_scaled(self.p, 4, x, y))

    def message(self, header: Header) -> CameraInfo:
        """As a message that goes with the image of `header`."""
        return CameraInfo(
            header=header,
            height=self.height,
            width=self.width,
            distortion_model=self.distortion_model,
            d=self.d,
            k=self.k,
            r=self.r,
            p=self.p,
        )


def load_calibration(path: Path) -> Calibration:
    """Read a calibration file. Raises ConfigError."""
    data = read_yaml(path)
    try:
        return Calibration(
            width=int(data["image_width"]),
            height=int(data["image_height"]),
            distortion_model=str(data["distortion_model"]),
            d=_numbers(data, "distortion_coefficients"),
            k=_numbers(data, "camera_matrix", 9),
            r=_numbers(data, "rectification_matrix", 9),
            p=_numbers(data, "projection_matrix", 12),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} is not a file of ROS's camera_calibration ({error!r}): calibrate again or omit it"
        ) from None


def _numbers(data: dict[str, dict[str, list[float]]], key: str, count: int | None = None) -> tuple[float, ...]:
    numbers = tuple(float(number) for number in data[key]["data"])
    if count is not None and len(numbers) != count:
        raise ValueError(f"{key} has {len(numbers)} numbers, not {count}")
    return numbers


def _moved(matrix: tuple[float, ...], columns: int, left: int, top: int) -> tuple[float, ...]:
    """The principal point moves; an uncalibrated matrix stays zero."""
    moved = list(matrix)
    if any(matrix):
        moved[2] -= left
        moved[columns + 2] -= top
    return tuple(moved)


def _scaled(matrix: tuple[float, ...], columns: int, x: float, y: float) -> tuple[float, ...]:
    """Focal lengths and principal point scale with the pixels."""
    first, second = matrix[:columns], matrix[columns : 2 * columns]
    return tuple(x * number for number in first) + tuple(y * number for number in second) + matrix[2 * columns :]
