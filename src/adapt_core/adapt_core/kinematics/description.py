"""The arm's shape, from URDF and SRDF into Pinocchio."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from adapt_core.arm_settings import Description
from adapt_core.config_keys import did_you_mean
from adapt_core.errors import ConfigError
from adapt_core.kinematics.libraries import require

PACKAGE = "package://"


def load_description(description: Description) -> tuple[Any, Any]:
    """Pinocchio's model of the joints of `description` and its collision geometry, other joints locked.

    Pairs of links that the SRDF lets touch are not among the geometry's collision pairs. Raises ConfigError when a file is
    missing or cannot be read, and when there is no such joint or frame.
    """
    pin = require("pinocchio", "pin")
    urdf, srdf = find_file(description.urdf), find_file(description.srdf)
    try:
        whole = pin.buildModelFromUrdf(str(urdf))
        shapes = pin.buildGeomFromUrdf(whole, str(urdf), pin.GeometryType.COLLISION, None, package_dirs())
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"{urdf} is no URDF that Pinocchio can read: {error}") from error
    _check_names(description, whole, urdf)
    locked = [whole.getJointId(name) for name in description.locked]
    posture = pin.neutral(whole)
    for joint, name in zip(locked, description.locked, strict=True):
        posture[whole.joints[joint].idx_q] = description.locked[name]
    model, (geometry,) = pin.buildReducedModel(whole, [shapes], locked, posture)
    _check_order(description, model, urdf)
    geometry.addAllCollisionPairs()
    pin.removeCollisionPairs(model, geometry, str(srdf))
    return model, geometry


def find_file(uri: str) -> Path:
    """The file at `uri`, a path or `package://<package>/<path>`. Raises ConfigError that says where it was looked for."""
    if not uri.startswith(PACKAGE):
        if (path := Path(uri).expanduser()).is_file():
            return path
        raise ConfigError(f"{uri} does not exist: correct the arm's description in the robot's YAML")
    candidates = [Path(folder) / uri.removeprefix(PACKAGE) for folder in package_dirs()]
    for path in candidates:
        if path.is_file():
            return path
    package = uri.removeprefix(PACKAGE).partition("/")[0]
    raise ConfigError(f"{uri} does not exist in {', '.join(package_dirs())}: install {package} or correct the path")


def package_dirs() -> list[str]:
    """Folders that hold packages of robot descriptions: those of pip (cmeel) and those of ROS."""
    pip = (Path(entry) / "cmeel.prefix" for entry in sys.path)
    ros = (Path(entry) for entry in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if entry)
    return [str(prefix / "share") for prefix in (*pip, *ros) if (prefix / "share").is_dir()]


def _check_names(description: Description, model: Any, urdf: Path) -> None:
    there = list(model.names)[1:]  # the first is the universe
    for name in (*description.joints, *description.locked):
        if name not in there:
            meant = did_you_mean(name, there) or f": it has {', '.join(there)}"
            raise ConfigError(f'{urdf} has no joint "{name}"{meant}')
    if not model.existFrame(description.tcp_frame):
        frames = [frame.name for frame in model.frames]
        raise ConfigError(f'{urdf} has no frame "{description.tcp_frame}"{did_you_mean(description.tcp_frame, frames)}')


def _check_order(description: Description, model: Any, urdf: Path) -> None:
    moving = list(model.names)[1:]
    if moving != list(description.joints) or model.nq != model.nv or model.nq != len(moving):
        raise ConfigError(
            f"{urdf}: the joints that move are {', '.join(moving)}, in this order: list the arm's own, each turning about "
            "one axis, under joints, and all others under locked"
        )
